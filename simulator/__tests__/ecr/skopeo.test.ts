// The registry as skopeo uses it: a client that is not ours.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, type HandMade, handMade, listen, type World, world } from "./fixture.ts";

const missing = spawnSync("skopeo", ["--version"]).error !== undefined;
const run = promisify(execFile);

describe.skipIf(missing)("skopeo", () => {
  const folder = mkdtempSync(join(tmpdir(), "ecr-skopeo-"));
  let at: World;
  let host: string;
  let close: () => Promise<void>;
  let password: string;

  beforeAll(async () => {
    at = world({ blobFolder: join(folder, "blobs") });
    at.ecr.repositories.createRepository("team/app", {
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      exclusions: ["latest"],
    });
    ({ host, close } = await listen(at.ecr));
    at.call("GetAuthorizationToken");
    password = at.ecr.repositories.passwords()[0] ?? "";
  });
  afterAll(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });

  const skopeo = (...args: string[]) => run("skopeo", ["--insecure-policy", ...args]);
  const fail = (...args: string[]) =>
    skopeo(...args).then(
      () => "no failure",
      (error) => String(error.stderr),
    );
  const copyIn = (dir: string, tag: string, pw = password) => [
    ...["copy", "--preserve-digests", "--dest-tls-verify=false", "--dest-creds", `AWS:${pw}`],
    ...[`dir:${dir}`, `docker://${host}/team/app:${tag}`],
  ];
  const asks = () => ["--tls-verify=false", "--creds", `AWS:${password}`];

  /** An image in skopeo's own `dir:` layout. The layer is an empty tar; another size makes another image. */
  function imageFolder(blocks: number): { readonly dir: string; readonly image: HandMade } {
    const image = handMade("\0".repeat(512 * blocks));
    const dir = mkdtempSync(join(folder, "image-"));
    writeFileSync(join(dir, "version"), "Directory Transport Version: 1.1\n");
    writeFileSync(join(dir, "manifest.json"), image.manifest);
    for (const blob of image.blobs)
      writeFileSync(join(dir, digestOf(blob).slice("sha256:".length)), blob);
    return { dir, image };
  }

  test("pushes; the API and the file store have it", async () => {
    const { dir, image } = imageFolder(2);
    await skopeo(...copyIn(dir, "v1"));
    expect(at.ecr.resolve(`${host}/team/app:v1`)).toBe(image.digest);
    const size = image.blobs.join("").length;
    expect(at.call("DescribeImages", { repositoryName: "team/app" }).imageDetails).toMatchObject([
      { imageTags: ["v1"], imageSizeInBytes: size },
    ]);
    expect(at.ecr.repositories.traffic()).toMatchObject({
      blobBytes: size,
      blobUploads: 2,
      manifestPuts: 1,
    });
  });

  test("sends nothing twice under a second tag", async () => {
    const { dir } = imageFolder(2);
    at.ecr.repositories.resetTraffic();
    await skopeo(...copyIn(dir, "latest"));
    expect(at.ecr.repositories.traffic()).toMatchObject({
      blobBytes: 0,
      blobUploads: 0,
      manifestPuts: 1,
    });
  });

  test("inspects and lists", async () => {
    const inspected = JSON.parse(
      (await skopeo("inspect", ...asks(), `docker://${host}/team/app:v1`)).stdout,
    );
    expect(inspected).toMatchObject({
      Digest: imageFolder(2).image.digest,
      RepoTags: ["latest", "v1"],
      Architecture: "amd64",
      Os: "linux",
    });
    expect(
      JSON.parse((await skopeo("list-tags", ...asks(), `docker://${host}/team/app`)).stdout).Tags,
    ).toEqual(["latest", "v1"]);
  });

  test("pulls the same bytes", async () => {
    const out = mkdtempSync(join(folder, "out-"));
    await skopeo(
      "copy",
      "--src-tls-verify=false",
      "--src-creds",
      `AWS:${password}`,
      `docker://${host}/team/app:v1`,
      `dir:${out}`,
    );
    const { dir } = imageFolder(2);
    expect(readdirSync(out).sort()).toEqual(readdirSync(dir).sort());
    for (const name of readdirSync(dir))
      expect(readFileSync(join(out, name)).equals(readFileSync(join(dir, name)))).toBe(true);
  });

  test("is refused an immutable tag, and moves a mutable one", async () => {
    const { dir, image } = imageFolder(4);
    expect(await fail(...copyIn(dir, "v1"))).toContain(
      "The image tag 'v1' already exists in the 'team/app' repository and cannot be overwritten because the tag is immutable.",
    );
    await skopeo(...copyIn(dir, "latest"));
    expect(at.ecr.repositories.tags("team/app")).toMatchObject({
      v1: imageFolder(2).image.digest,
      latest: image.digest,
    });
  });

  test("gets the error of a missing repository", async () => {
    const { dir } = imageFolder(2);
    const args = copyIn(dir, "v1").map((arg) => arg.replace("team/app", "nope"));
    expect(await fail(...args)).toContain(
      "The repository with name 'nope' does not exist in the registry with id '123456789012'",
    );
  });

  test("is turned away with a wrong password, and after twelve hours", async () => {
    const { dir } = imageFolder(2);
    expect(await fail(...copyIn(dir, "v2", "wrong"))).toContain("authentication required");
    at.clock.advance(12 * 3600 * 1000);
    expect(await fail(...copyIn(dir, "v2"))).toContain("403 (Forbidden)"); // it shows no more than the status
  });
});

// Each builder at hand, from the Dockerfile to the registry, by the bundled action: one story a builder.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { features } from "../../src/permissions/permissions.ts";
import { type ImageAccount, openImageAccount } from "../rig/image-account.ts";
import { type BuilderUnderTest, buildersUnderTest } from "./builders.ts";
import { type Deployed, deploy, errorsOf, temporaryFolder } from "./deployment.ts";
import { filesBelow, leaks, watchProcesses } from "./process-observer.ts";

const dockerfile = `FROM scratch AS base
COPY busybox /bin/busybox
SHELL ["/bin/busybox", "sh", "-c"]
RUN busybox --install /bin && mkdir -m 1777 /tmp
ARG VERSION=none
ENV VERSION=$VERSION
CMD ["sh"]
`;
const withSecret = dockerfile.replace(
  "ARG VERSION",
  "RUN --mount=type=secret,id=TOKEN busybox sha256sum /run/secrets/TOKEN | busybox cut -c1-64 > /proof\nARG VERSION",
);
const secret = `hush-${createHash("sha256").update(String(Math.random())).digest("hex")}`;

describe.each(buildersUnderTest)("$name", (builder) => {
  describe.skipIf(builder.missing !== undefined)("builds and pushes", () => story(builder));
});

function story(builder: BuilderUnderTest): void {
  let account: ImageAccount;
  let opened: Awaited<ReturnType<BuilderUnderTest["open"]>>;
  let home = "";
  beforeAll(async () => {
    home = await temporaryFolder("deploy-ecs-home-");
    account = await openImageAccount(dockerfile);
    opened = await builder.open(home);
  });
  afterAll(async () => {
    opened?.close();
    await account?.close();
  });
  const run = (version: string, inputs: Record<string, string> = {}): Promise<Deployed> => {
    account.simulator.ecr.repositories.resetTraffic();
    return deploy(account, {
      version,
      inputs: { builder: builder.input, ...inputs },
      environment: {
        ...opened.environment,
        HOME: home,
        GITHUB_EVENT_PATH: eventFile(home, version),
      },
    });
  };
  const traffic = () => account.simulator.ecr.repositories.traffic("app");
  const tags = () => account.simulator.ecr.repositories.tags("app");

  test("a commit's image is pushed once, under all its tags", async () => {
    const step = await run("1", { "image-tag": "first\nv1" });
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({
      "image-reused": "false",
      "image-digest": tags()["first"],
    });
    expect([tags()["v1"], tags()["latest"]]).toEqual([tags()["first"], tags()["first"]]);
    expect(traffic().manifestPuts).toBe(1);
    expect(readdirSync(join(step.folder, "temp"))).toEqual([]);
  });

  test("the same commit again: reused, nothing is pushed", async () => {
    const step = await run("1", { "image-tag": "first\nv1" });
    expect(step.outputs["image-reused"]).toBe("true");
    expect(traffic()).toMatchObject({ blobBytes: 0, blobUploads: 0, manifestPuts: 0 });
  });

  test("another commit pushes only what changed: less than 10 KB", async () => {
    const step = await run("2", { "image-tag": "second" });
    expect(errorsOf(step)).toEqual([]);
    expect(step.outputs["image-reused"]).toBe("false");
    expect(tags()["second"]).not.toBe(tags()["first"]);
    expect(traffic().blobBytes + traffic().manifestBytes).toBeLessThan(10_000);
    console.log(
      `${builder.name}: the second tag cost ${traffic().blobBytes + traffic().manifestBytes} bytes`,
    );
  });

  test("the same commit built again gives the same digest", async () => {
    const anew = {
      "image-tag": "moving-1",
      "if-image-exists": "rebuild",
      "no-cache": String(builder.reproducible),
    };
    const one = await run("3", anew);
    await new Promise((resume) => setTimeout(resume, 1_500));
    const two = await run("3", anew);
    expect(errorsOf(two)).toEqual([]);
    expect(two.outputs).toMatchObject({
      "image-reused": "false",
      "image-digest": one.outputs["image-digest"],
    });
  });

  test("a failed build step is annotated on its line, and the service is unchanged", async () => {
    writeFileSync(join(account.workspace, "Dockerfile.broken"), `${dockerfile}RUN busybox false\n`);
    const step = await run("4", { file: "Dockerfile.broken", "image-tag": "broken" });
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "BuildFailed" });
    expect(step.rawLog).toMatch(/::error [^:]*file=Dockerfile\.broken,line=8/);
    expect(tags()["broken"]).toBeUndefined();
  });

  test.each([
    {
      what: "an instruction that is none",
      text: "FRM scratch\n",
      says: /does not know this instruction|no FROM/,
      inputs: {},
    },
    {
      what: "an unknown target",
      text: dockerfile,
      says: /no stage "nope"/,
      inputs: { target: "nope" },
    },
  ])("$what", async ({ text, says, inputs }) => {
    writeFileSync(join(account.workspace, "Dockerfile.bad"), text);
    const step = await run("5", { file: "Dockerfile.bad", "image-tag": "bad", ...inputs });
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "BuildFailed" });
    expect(errorsOf(step).join()).toMatch(says);
  });

  test("an interrupted push continues", async () => {
    account.simulator.faults.add("registry:PUT *manifests*", { kind: "reset" });
    const step = await run("6", { "image-tag": "cut" });
    expect(errorsOf(step)).toEqual([]);
    expect(tags()["cut"]).toBe(step.outputs["image-digest"]);
  });

  test("a password that expires before the push is renewed", async () => {
    account.simulator.faults.add("registry:PUT *manifests*", {
      kind: "error",
      name: "DENIED",
      message: "Your authorization token has expired. Reauthenticate and try again.",
      status: 403,
    });
    const passwords = account.simulator.ecr.repositories.passwords().length;
    const step = await run("6", { "image-tag": "renewed" });
    expect(errorsOf(step)).toEqual([]);
    expect(account.simulator.ecr.repositories.passwords().length - passwords).toBe(2);
    expect(tags()["renewed"]).toBe(step.outputs["image-digest"]);
  });

  test.each([
    { status: 401, name: "UNAUTHORIZED", message: "authentication required", code: "SignInFailed" },
    {
      status: 403,
      name: "DENIED",
      message: "User is not authorized to perform: ecr:PutImage",
      code: "PushFailed",
    },
    {
      status: 404,
      name: "NAME_UNKNOWN",
      message: "The repository with name 'app' does not exist",
      code: "PushFailed",
    },
  ])(
    "the registry answers $status to the push: $code, and the service is unchanged",
    async ({ code, ...answer }) => {
      const tag = `refused-${answer.status}`;
      account.simulator.faults.add(
        `registry:PUT *manifests/${tag}`,
        { kind: "error", ...answer },
        99,
      );
      const step = await run("6", { "image-tag": tag });
      expect(step.outputs["reason-code"]).toBe(code);
      expect(step.outputs["task-definition-arn"]).toBeUndefined();
      expect(tags()[tag]).toBeUndefined();
    },
  );

  // A builder that supports neither is covered by separate scenarios: there is nothing to test here.
  if (builder.attestations) {
    test("with provenance the image is an index, and the deployment succeeds", async () => {
      const step = await run("8", { "image-tag": "attested", provenance: "mode=max" });
      expect(errorsOf(step)).toEqual([]);
      expect([tags()["attested"], tags()["latest"]]).toEqual(
        Array(2).fill(step.outputs["image-digest"]),
      );
      const manifest = JSON.parse(account.simulator.ecr.repositories.manifest("app", "attested"));
      expect(manifest.manifests).toHaveLength(2);
    });

    test("the cache is kept in the repository", async () => {
      account.simulator.ecr.repositories.setTagMutability("app", "IMMUTABLE_WITH_EXCLUSION", [
        "latest",
        "moving-*",
        "buildcache",
      ]);
      const step = await run("8", {
        "image-tag": "cached",
        "cache-to": "registry",
        "cache-from": "registry",
      });
      expect(errorsOf(step)).toEqual([]);
      expect(tags()["buildcache"]).toBeDefined();
    });
  }

  if (builder.secrets)
    test("a secret is used, and is in no history, layer, log, argument or file", async () => {
      writeFileSync(join(account.workspace, "Dockerfile.secret"), withSecret);
      const { result: step, commands } = await watchProcesses(() =>
        run("7", {
          file: "Dockerfile.secret",
          "image-tag": "secret",
          "build-secrets": `TOKEN=${secret}`,
          "no-cache": "true",
        }),
      );
      expect(errorsOf(step)).toEqual([]);
      const blobs = unpacked(account.blobs);
      const proof = createHash("sha256").update(secret).digest("hex");
      expect(leaks([proof], blobs)).not.toEqual([]); // the build has seen it
      const log = step.rawLog.split("\n").filter((line) => !line.startsWith("::add-mask::"));
      const places = {
        ...blobs,
        ...filesBelow(step.folder),
        ...filesBelow(home),
        log: log.join("\n"),
        arguments: [...commands].join("\n"),
      };
      expect(leaks([secret], places)).toEqual([]);
    });

  test("with the policy of docs/iam.md every action of a push is called, and none is denied", () => {
    const { decisions } = account.simulator.iam;
    expect(decisions.filter(({ allowed }) => !allowed)).toEqual([]);
    const asked = new Set(decisions.map(({ action }) => action));
    const needed = [...features.push.permissions, ...features.cache.permissions].flatMap(
      ({ actions }) => actions,
    );
    expect(needed.filter((action) => !asked.has(action))).toEqual([]);
  });
}

/** The time of the commit, as in the event of a push. */
function eventFile(home: string, version: string): string {
  const file = join(home, `event-${version}.json`);
  writeFileSync(
    file,
    JSON.stringify({ head_commit: { timestamp: `2026-01-0${version}T10:00:00Z` } }),
  );
  return file;
}

/** Every blob of the registry, layers without their compression. */
function unpacked(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    found.map(({ parentPath, name }) => {
      const bytes = readFileSync(join(parentPath, name));
      const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
      return [join(parentPath, name), (packed ? gunzipSync(bytes) : bytes).toString("latin1")];
    }),
  );
}

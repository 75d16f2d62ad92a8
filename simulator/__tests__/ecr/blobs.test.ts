// Layers and configs over the registry protocol.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf, handMade, inFiles, push, pushBlobs, scene, type World } from "./fixture.ts";

describe.each([
  ["in memory", () => ({})],
  ["in files", inFiles],
])("blobs %s", (_name, options) => {
  const body = "0123456789";
  const digest = digestOf(body);
  const start = async (at: World) =>
    (await at.send("POST", "/v2/team/app/blobs/uploads/")).headers.location ?? "";

  test("in one request", async () => {
    const at = scene(options());
    const answer = await at.send("POST", `/v2/team/app/blobs/uploads/?digest=${digest}`, { body });
    expect(answer).toMatchObject({
      status: 201,
      headers: { location: `/v2/team/app/blobs/${digest}`, "docker-content-digest": digest },
    });
  });

  test("in chunks, the last one with the digest; the way out is the same bytes", async () => {
    const at = scene(options());
    const location = await start(at);
    expect(await at.send("PATCH", location, { body: "0123" })).toMatchObject({
      status: 202,
      headers: { range: "0-3", location },
    });
    expect(
      await at.send("PATCH", location, { body: "456", headers: { "content-range": "4-6" } }),
    ).toMatchObject({
      status: 202,
      headers: { range: "0-6" },
    });
    expect(await at.send("GET", location)).toMatchObject({
      status: 204,
      headers: { range: "0-6" },
    });
    expect(
      (await at.send("PUT", `${location}?digest=${encodeURIComponent(digest)}`, { body: "789" }))
        .status,
    ).toBe(201);
    expect((await at.send("PATCH", location, { body: "x" })).status).toBe(404);
    const head = await at.send("HEAD", `/v2/team/app/blobs/${digest}`);
    expect(head).toMatchObject({
      status: 200,
      text: "",
      headers: { "content-length": "10", "docker-content-digest": digest },
    });
    expect(await at.send("GET", `/v2/team/app/blobs/${digest}`)).toMatchObject({
      status: 200,
      text: body,
      headers: { "content-length": "10" },
    });
  });

  test.each([
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=7-", 206, "789", "bytes 7-9/10"],
    ["bytes=7-99", 206, "789", "bytes 7-9/10"],
    ["bytes=10-", 416, "", "bytes */10"],
    ["bytes=-3", 200, body, undefined],
    ["pages=1-2", 200, body, undefined],
  ])("a range %s: %i", async (range, status, text, contentRange) => {
    const at = scene(options());
    await pushBlobs(at, "team/app", [body]);
    const answer = await at.send("GET", `/v2/team/app/blobs/${digest}`, { headers: { range } });
    expect([answer.status, answer.text, answer.headers["content-range"]]).toEqual([
      status,
      text,
      contentRange,
    ]);
  });

  test("a chunk out of order: 416, and where to continue", async () => {
    const at = scene(options());
    const location = await start(at);
    await at.send("PATCH", location, { body: "0123" });
    const answer = await at.send("PATCH", location, {
      body: "789",
      headers: { "content-range": "7-9" },
    });
    expect(answer).toMatchObject({ status: 416, headers: { range: "0-3" } });
  });

  test("a sender that breaks off can go on from what arrived", async () => {
    const at = scene(options());
    const location = await start(at);
    async function* broken() {
      yield Buffer.from("01234");
      throw new Error("socket hang up");
    }
    await expect(at.send("PATCH", location, { body: broken() })).rejects.toThrow("socket hang up");
    expect((await at.send("GET", location)).headers.range).toBe("0-4");
    expect((await at.send("PUT", `${location}?digest=${digest}`, { body: "56789" })).status).toBe(
      201,
    );
    expect(at.ecr.repositories.traffic()).toMatchObject({ blobBytes: 10, blobUploads: 1 });
  });

  test.each([digestOf("something else"), "sha256:short", "md5:123"])(
    "bytes that are not those of %s are refused and gone",
    async (wrong) => {
      const at = scene(options());
      const location = await start(at);
      const answer = await at.send("PUT", `${location}?digest=${wrong}`, { body });
      expect([answer.status, answer.error?.split(":")[0]]).toEqual([400, "DIGEST_INVALID"]);
      expect((await at.send("GET", location)).status).toBe(404);
    },
  );

  test("an upload can be taken back", async () => {
    const at = scene(options());
    const location = await start(at);
    const cancelled = await at.send("DELETE", location);
    expect(cancelled.status).toBe(204);
    expect(cancelled.headers).not.toHaveProperty("content-length");
    expect((await at.send("GET", location)).status).toBe(404);
  });
});

test("files: one per blob, nothing left of uploads", async () => {
  const options = inFiles();
  const at = scene(options);
  const image = handMade("layer");
  await push(at, "team/app", "v1", image);
  await at.send("POST", `/v2/team/app/blobs/uploads/?digest=${digestOf("wrong")}`, {
    body: "bytes",
  });
  expect(readdirSync(join(options.blobFolder, "uploads"))).toEqual([]);
  const names = image.blobs.map((blob) => digestOf(blob).slice("sha256:".length));
  expect(readdirSync(join(options.blobFolder, "sha256")).sort()).toEqual(names.sort());
  expect(readFileSync(join(options.blobFolder, "sha256", digestOf("layer").slice(7)), "utf8")).toBe(
    "layer",
  );
});

describe("a blob of another repository", () => {
  const path = `/v2/team/app/blobs/uploads/?mount=${digestOf("base")}&from=base`;
  async function withBase(options = {}) {
    const at = scene(options);
    at.ecr.repositories.createRepository("base");
    await pushBlobs(at, "base", ["base"]);
    at.ecr.repositories.resetTraffic();
    return at;
  }

  test("is not there by itself", async () => {
    const at = await withBase();
    expect((await at.send("HEAD", `/v2/team/app/blobs/${digestOf("base")}`)).status).toBe(404);
  });

  test("must be sent again in an account without blob mounting", async () => {
    const answer = await (await withBase()).send("POST", path);
    expect(answer.status).toBe(202);
    expect(answer.headers.location).toMatch(/^\/v2\/team\/app\/blobs\/uploads\/.+/);
  });

  test("is mounted in an account with it", async () => {
    const at = await withBase({ blobMounting: true });
    expect((await at.send("POST", path)).status).toBe(201);
    expect((await at.send("HEAD", `/v2/team/app/blobs/${digestOf("base")}`)).status).toBe(200);
    expect((await at.send("POST", path.replace("from=base", "from=nope"))).status).toBe(201); // it has it now
    expect(at.ecr.repositories.traffic("team/app")).toEqual({
      blobBytes: 0,
      blobUploads: 0,
      blobMounts: 1,
      manifestBytes: 0,
      manifestPuts: 0,
    });
  });
});

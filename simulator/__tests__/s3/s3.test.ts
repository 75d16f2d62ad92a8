// S3 over the wire, signed by an implementation of our own: what Terraform's backend asks, and what AWS answers.

import { createHash, createHmac } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import { putTaskRole } from "../../src/iam/task-role.ts";
import { createSimulator } from "../../src/simulator.ts";
import { runs, scriptedRunner } from "../../src/tasks/scripted-runner.ts";
import { wholeBody } from "../../src/wire/body.ts";

interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly keys?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

const ROOT = { accessKeyId: "test", secretAccessKey: "test" };

let simulator: ReturnType<typeof createSimulator>;
beforeEach(() => {
  const clock = new VirtualClock();
  simulator = createSimulator({
    clock,
    runner: scriptedRunner({ clock, behaviour: () => runs() }),
  });
  simulator.s3.createBucket("states");
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function signed(
  method: string,
  path: string,
  { headers = {}, body = "", keys = ROOT }: Ask,
): Record<string, string> {
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const all: Record<string, string> = {
    ...headers,
    ...{ host: "127.0.0.1:1", "x-amz-date": "20261123T090000Z", "x-amz-content-sha256": sha(body) },
    ...(keys.sessionToken && { "x-amz-security-token": keys.sessionToken }),
  };
  const [uri = "", query = ""] = path.split("?");
  const names = Object.keys(all).toSorted();
  const lines = names.map((name) => `${name}:${all[name]}\n`).join("");
  const pairs = query.split("&").toSorted().join("&");
  const canonical = [method, uri, pairs, lines, names.join(";"), sha(body)].join("\n");
  const scope = "20261123/us-east-1/s3/aws4_request";
  const parts = ["20261123", "us-east-1", "s3", "aws4_request"];
  const key = parts.reduce<string | Buffer>(
    (last, part) => createHmac("sha256", last).update(part).digest(),
    `AWS4${keys.secretAccessKey}`,
  );
  const text = ["AWS4-HMAC-SHA256", all["x-amz-date"], scope, sha(canonical)].join("\n");
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const claim = `Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...all, authorization: `AWS4-HMAC-SHA256 ${claim}` };
}

async function ask(method: string, path: string, more: Ask = {}, arriving = more.body ?? "") {
  const body = (async function* () {
    yield Buffer.from(arriving);
  })();
  const outcome = await simulator.handle({
    method,
    path,
    headers: signed(method, path, more),
    body,
  });
  if (outcome.kind !== "answer") throw new Error(outcome.kind);
  const { status, headers } = outcome.response;
  return { status, headers, text: (await wholeBody(outcome.response)).toString() };
}

const put = (path: string, body: string, headers: Record<string, string> = {}) =>
  ask("PUT", path, { body, headers });

describe("objects", () => {
  it("put, read whole and in parts, described, deleted", async () => {
    const headers = {
      "content-type": "application/json",
      "x-amz-checksum-sha256": checksum("0123456789"),
    };
    expect(await put("/states/a/one.tfstate?x-id=PutObject", "0123456789", headers)).toMatchObject({
      status: 200,
    });
    const got = await ask("GET", "/states/a/one.tfstate?x-id=GetObject");
    expect(got).toMatchObject({
      status: 200,
      text: "0123456789",
      headers: { "content-type": "application/json" },
    });
    const part = await ask("GET", "/states/a/one.tfstate", { headers: { range: "bytes=8-500" } });
    expect(part).toMatchObject({
      status: 206,
      text: "89",
      headers: { "content-range": "bytes 8-9/10" },
    });
    const beyond = await ask("GET", "/states/a/one.tfstate", { headers: { range: "bytes=10-" } });
    expect(beyond).toMatchObject({
      status: 416,
      text: expect.stringContaining("<Code>InvalidRange</Code>"),
    });
    const head = await ask("HEAD", "/states/a/one.tfstate");
    expect(head).toMatchObject({
      status: 200,
      text: "",
      headers: { "content-length": "10", etag: got.headers.etag },
    });
    for (const time of ["first", "again"])
      expect([time, await ask("DELETE", "/states/a/one.tfstate")]).toMatchObject([
        time,
        { status: 204 },
      ]);
    expect(await ask("GET", "/states/a/one.tfstate")).toMatchObject({
      status: 404,
      text: expect.stringContaining(
        "<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>",
      ),
    });
    expect(await ask("HEAD", "/states/a/one.tfstate")).toMatchObject({ status: 404, text: "" });
  });

  it("a put with If-None-Match is won by the first: that is Terraform's lock", async () => {
    const once = { "if-none-match": "*" };
    expect(await put("/states/a.tflock", "mine", once)).toMatchObject({ status: 200 });
    expect(await put("/states/a.tflock", "yours", once)).toMatchObject({
      status: 412,
      text: expect.stringContaining("<Code>PreconditionFailed</Code>"),
    });
    expect(simulator.s3.read("states", "a.tflock")).toBe("mine");
  });

  it("a body that its checksum does not fit is refused", async () => {
    const answer = await put("/states/a", "one", { "x-amz-checksum-sha256": checksum("two") });
    expect(answer).toMatchObject({
      status: 400,
      text: expect.stringContaining("<Code>BadDigest</Code>"),
    });
    expect(simulator.s3.read("states", "a")).toBeUndefined();
  });

  it("a key with other than plain characters", async () => {
    await put("/states/env%3A/test/a%20b%2Bc", "x");
    expect(simulator.s3.read("states", "env:/test/a b+c")).toBe("x");
  });
});

describe("lists", () => {
  it("by prefix, in order, page by page", async () => {
    for (const key of ["b", "a/2", "a/1", "a/3"]) simulator.s3.write("states", key, "x");
    const page = await ask("GET", "/states?list-type=2&max-keys=2&prefix=a%2F");
    expect([...page.text.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key)).toEqual([
      "a/1",
      "a/2",
    ]);
    expect(page.text).toContain("<IsTruncated>true</IsTruncated>");
    const [, token = ""] = /<NextContinuationToken>(.*?)</.exec(page.text) ?? [];
    const next = await ask(
      "GET",
      `/states?continuation-token=${encodeURIComponent(token)}&list-type=2&max-keys=2&prefix=a%2F`,
    );
    expect(next.text).toContain(
      "<KeyCount>1</KeyCount><MaxKeys>2</MaxKeys><IsTruncated>false</IsTruncated>",
    );
    expect(next.text).toContain("<Key>a/3</Key>");
  });

  it("of a bucket that is not there", async () => {
    const answer = await ask("GET", "/nowhere?list-type=2");
    expect(answer).toMatchObject({
      status: 404,
      text: expect.stringContaining("<Code>NoSuchBucket</Code>"),
    });
  });
});

describe("who asks", () => {
  const ofRole = (...statements: readonly { Action: string | string[]; Resource: string }[]) => {
    const roleArn = putTaskRole(simulator, "reader", [
      {
        Version: "2012-10-17",
        Statement: statements.map((one) => ({ Effect: "Allow" as const, ...one })),
      },
    ]);
    const session = { arn: `${roleArn}/x`, userId: "x", expiresAt: simulator.clock.now() + 60_000 };
    const { principal, ...keys } = simulator.credentials.issue({
      ...session,
      role: { roleArn, name: "x" },
    });
    return { keys: { ...keys, accessKeyId: principal.accessKeyId } };
  };
  const read = { Action: "s3:GetObject", Resource: "arn:aws:s3:::states/*" };
  const list = { Action: "s3:ListBucket", Resource: "arn:aws:s3:::states" };

  it("must have signed for S3, and exactly what arrives", async () => {
    const wrong = await ask("GET", "/states/a", { keys: { ...ROOT, secretAccessKey: "guess" } });
    expect(wrong).toMatchObject({
      status: 403,
      text: expect.stringContaining("<Code>SignatureDoesNotMatch</Code>"),
    });
    expect(await ask("PUT", "/states/a", { body: "one" }, "two")).toMatchObject({ status: 403 });
    const missing = await ask("GET", "/states/a", { keys: { ...ROOT, accessKeyId: "missing" } });
    expect(missing).toMatchObject({
      status: 403,
      text: expect.stringContaining("<Code>InvalidAccessKeyId</Code>"),
    });
  });

  it("is denied with AWS's sentence", async () => {
    const answer = await ask("PUT", "/states/a", { body: "x", ...ofRole(read) });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain(
      "<Code>AccessDenied</Code><Message>User: arn:aws:sts::123456789012:assumed-role/reader/x is not authorized to perform: " +
        "s3:PutObject on resource: &quot;arn:aws:s3:::states/a&quot; because no identity-based policy allows the s3:PutObject action</Message>",
    );
  });

  it("learns that an object does not exist only if it may list the bucket", async () => {
    simulator.s3.write("states", "there", "x");
    expect(await ask("GET", "/states/there", ofRole(read))).toMatchObject({ status: 200 });
    expect(await ask("HEAD", "/states/missing", ofRole(read))).toMatchObject({
      status: 403,
      text: "",
    });
    expect((await ask("GET", "/states/missing", ofRole(read))).text).toContain(
      "s3:ListBucket on resource",
    );
    expect(await ask("HEAD", "/states/missing", ofRole(read, list))).toMatchObject({ status: 404 });
  });
});

it("the call log has the request, and never the contents of an object", async () => {
  await put("/states/a", "a secret state", { "if-none-match": "*" });
  await ask("GET", "/states/b");
  expect(simulator.calls).toMatchObject([
    {
      service: "s3",
      operation: "PutObject",
      input: { Bucket: "states", Key: "a", IfNoneMatch: "*", Body: "<body>" },
    },
    {
      service: "s3",
      operation: "GetObject",
      input: { Bucket: "states", Key: "b" },
      error: "NoSuchKey",
    },
  ]);
  expect(JSON.stringify(simulator.calls)).not.toContain("secret state");
});

it("what it does not play is refused, not guessed", async () => {
  for (const [method, path] of [
    ["GET", "/states?location"],
    ["GET", "/states/a?versionId=1"],
    ["PUT", "/states"],
    ["POST", "/states/a?uploads"],
  ] as const)
    expect([path, await ask(method, path.replace(/\?(\w+)$/, "?$1="))]).toMatchObject([
      path,
      { status: 501 },
    ]);
  const chunked = await put("/states/a", "x", { "content-encoding": "aws-chunked" });
  expect(chunked).toMatchObject({
    status: 501,
    text: expect.stringContaining("<Code>NotImplemented</Code>"),
  });
});

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

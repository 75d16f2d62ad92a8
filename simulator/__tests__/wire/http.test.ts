import { request } from "node:http";
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import {
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HttpServer, serve } from "../../src/wire/http.ts";
import { assumption, REGION, ROOT, wireWorld } from "./fixture.ts";

let world: ReturnType<typeof wireWorld>;
let server: HttpServer;

beforeEach(async () => {
  world = wireWorld();
  server = await serve(world);
});
afterEach(() => server.close());

const ecs = () =>
  new ECSClient({ region: REGION, credentials: ROOT, endpoint: server.url, maxAttempts: 1 });
const list = () => ecs().send(new ListClustersCommand({}));

describe("over HTTP", () => {
  it("an SDK client is authenticated and answered", async () => {
    const { clusterArns } = await list();
    expect(clusterArns).toEqual(["arn:aws:ecs:us-east-1:123456789012:cluster/main"]);
    expect(world.contexts[0]?.host).toBe(`127.0.0.1:${server.port}`);
    const wrong = new ECSClient({
      region: REGION,
      credentials: { ...ROOT, secretAccessKey: "guess" },
      endpoint: server.url,
      maxAttempts: 1,
    });
    await expect(wrong.send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
  });

  it("a job signs in: token, role session, identity", async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } =
      world.oidc.environment(server.url);
    const answer = await fetch(`${url}&audience=sts.amazonaws.com`, {
      headers: { authorization: `bearer ${bearer}` },
    });
    const { value } = (await answer.json()) as { value: string };
    const unsigned = new STSClient({ region: REGION, endpoint: server.url });
    const { Credentials } = await unsigned.send(
      new AssumeRoleWithWebIdentityCommand(assumption(value)),
    );
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    const credentials = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
    const { Arn } = await new STSClient({ region: REGION, endpoint: server.url, credentials }).send(
      new GetCallerIdentityCommand({}),
    );
    expect(Arn).toBe("arn:aws:sts::123456789012:assumed-role/deploy/deploy-1");
  });

  it("a large upload streams through", async () => {
    const chunk = Buffer.alloc(1 << 20, 7);
    const { bytes } = await new Promise<{ bytes: number }>((resolve, reject) => {
      const upload = request(
        `${server.url}/v2/app/blobs/uploads/1`,
        { method: "PATCH" },
        async (response) => {
          response.setEncoding("utf8");
          let text = "";
          for await (const part of response) text += part;
          resolve(JSON.parse(text));
        },
      );
      upload.on("error", reject);
      for (let turn = 0; turn < 32; turn++) upload.write(chunk);
      upload.end();
    });
    expect(bytes).toBe(32 << 20);
  });

  it("HEAD states the length and has no body", async () => {
    const head = await fetch(`${server.url}/v2/app/manifests/latest`, { method: "HEAD" });
    const get = await fetch(`${server.url}/v2/app/manifests/latest`);
    const body = await get.text();
    expect(head.headers.get("content-length")).toBe(String(body.length));
    expect(head.headers.get("docker-content-digest")).toBe("sha256:abc");
    expect(await head.text()).toBe("");
  });
});

describe("a fault over HTTP", () => {
  it("reset: the connection breaks, nothing has happened", async () => {
    world.faults.add("ecs:ListClusters", { kind: "reset" });
    await expect(list()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(world.contexts).toHaveLength(0);
  });

  it("lost: the connection breaks, and it has happened", async () => {
    world.faults.add("ecs:ListClusters", { kind: "lost", operate: true });
    await expect(list()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(world.contexts).toHaveLength(1);
  });

  it("half: the head arrives with the whole length, the body does not", async () => {
    world.faults.add("ecs:ListClusters", { kind: "half", operate: true });
    await expect(list()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(world.contexts).toHaveLength(1);
  });

  it.each([true, false])(
    "empty: an answer without a member, and whether it has happened is open (%s)",
    async (operate) => {
      world.faults.add("ecs:ListClusters", { kind: "empty", operate });
      expect(Object.keys((await list()) as object)).toEqual(["$metadata"]);
      expect(world.contexts).toHaveLength(operate ? 1 : 0);
    },
  );

  it("garbage: what a broken proxy says", async () => {
    world.faults.add("ecs:ListClusters", {
      kind: "garbage",
      status: 502,
      body: "<html>Bad Gateway</html>",
    });
    await expect(list()).rejects.toMatchObject({ $metadata: { httpStatusCode: 502 } });
  });

  it("hang: no answer, and close() ends the wait", async () => {
    world.faults.add("ecs:ListClusters", { kind: "hang" }, 2);
    const giveUp = new AbortController();
    const aborted = ecs().send(new ListClustersCommand({}), { abortSignal: giveUp.signal });
    const waiting = list();
    waiting.catch(() => {});
    while (world.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    giveUp.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    await server.close();
    await expect(waiting).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("error: for the registry in the registry's own format", async () => {
    world.faults.add("registry:PUT /v2/app/manifests/*", {
      kind: "error",
      name: "TAG_INVALID",
      message: "no",
      status: 400,
    });
    const put = await fetch(`${server.url}/v2/app/manifests/latest`, { method: "PUT", body: "{}" });
    expect([put.status, await put.json()]).toEqual([
      400,
      { errors: [{ code: "TAG_INVALID", message: "no" }] },
    ]);
  });
});

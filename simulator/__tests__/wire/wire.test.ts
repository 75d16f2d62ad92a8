import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeServicesCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import type { WireRequest } from "../../src/contract.ts";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";
import { CREATED, REGION, ROLE, ROOT, wireWorld } from "./fixture.ts";

type World = ReturnType<typeof wireWorld>;

function config(
  world: World,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = ROOT,
) {
  return { region: REGION, credentials, requestHandler: sdkRequestHandler(world), maxAttempts: 1 };
}

async function send(world: World, request: Partial<Omit<WireRequest, "body">> & { body?: string }) {
  async function* body() {
    yield Buffer.from(request.body ?? "");
  }
  const outcome = await world.handle({
    method: "POST",
    path: "/",
    headers: { host: "127.0.0.1:4566" },
    ...request,
    body: body(),
  });
  if (outcome.kind !== "answer") throw new Error(outcome.kind);
  return { ...outcome.response, json: () => JSON.parse(String(outcome.response.body)) };
}

describe("awsJson1.1", () => {
  it("carries dates as epoch seconds with a fraction and drops undefined members", async () => {
    const world = wireWorld();
    const { services } = await new ECSClient(config(world)).send(
      new DescribeServicesCommand({ cluster: "main", services: ["app"] }),
    );
    expect(services?.[0]?.createdAt).toEqual(CREATED);
    const list = await new ECSClient(config(world)).send(new ListClustersCommand({}));
    expect("nextToken" in list && list.nextToken !== undefined).toBe(false);
    expect(list.$metadata.requestId).toBe(world.contexts[0]?.requestId);
  });

  it("leaves the millisecond numbers of CloudWatch Logs alone", async () => {
    const client = new CloudWatchLogsClient(config(wireWorld()));
    const { events } = await client.send(
      new GetLogEventsCommand({ logGroupName: "g", logStreamName: "s" }),
    );
    expect(events).toEqual([{ timestamp: 1_753_000_000_123, message: "hello" }]);
  });

  it("answers an error that the SDK knows as its own class, and records it", async () => {
    const world = wireWorld();
    const sent = new ECSClient(config(world)).send(
      new DescribeServicesCommand({ cluster: "gone", services: ["app"] }),
    );
    await expect(sent).rejects.toMatchObject({
      name: "ClusterNotFoundException",
      message: "Cluster not found.",
      $metadata: { httpStatusCode: 400 },
    });
    expect(world.calls).toEqual([
      {
        at: world.clock.now(),
        service: "ecs",
        operation: "DescribeServices",
        input: { cluster: "gone", services: ["app"] },
        error: "ClusterNotFoundException",
      },
    ]);
  });

  it("answers an operation or a service that it does not have with UnknownOperationException", async () => {
    const world = wireWorld();
    await expect(new ECSClient(config(world)).send(new ListTasksCommand({}))).rejects.toMatchObject(
      {
        name: "UnknownOperationException",
      },
    );
    const nothing = await send(world, {
      headers: { "x-amz-target": "DynamoDB_20120810.GetItem" },
      body: "{}",
    });
    expect(nothing.status).toBe(400);
    expect(nothing.headers["x-amzn-errortype"]).toBe("UnknownOperationException");
    const inherited = await send(world, {
      headers: { "x-amz-target": "Logs_20140328.constructor" },
      body: "{}",
    });
    expect(inherited.json().__type).toBe("UnknownOperationException");
  });

  it("shows a bug of the simulator as a 500 with its stack, never as AWS's behaviour", async () => {
    const sent = new ECSClient(config(wireWorld())).send(new ListServicesCommand({}));
    await expect(sent).rejects.toMatchObject({
      name: "InternalFailure",
      message: expect.stringMatching(/Bug in the simulator: TypeError: a slip of ours\n\s+at /),
    });
  });
});

describe("authentication", () => {
  const listClusters = (
    world: World,
    credentials: typeof ROOT & { sessionToken?: string },
    more = {},
  ) => new ECSClient({ ...config(world, credentials), ...more }).send(new ListClustersCommand({}));

  it("knows the caller by the access key", async () => {
    const world = wireWorld();
    await listClusters(world, ROOT);
    expect(world.contexts[0]?.principal).toEqual({
      accountId: "123456789012",
      arn: "arn:aws:iam::123456789012:root",
      accessKeyId: "test",
    });
    world.credentials.put("AKIAOTHER", "hush");
    await listClusters(world, { accessKeyId: "AKIAOTHER", secretAccessKey: "hush" });
    expect(world.contexts[1]?.principal.accessKeyId).toBe("AKIAOTHER");
  });

  it.each([
    [
      "an unknown key",
      { accessKeyId: "AKIAUNKNOWN", secretAccessKey: "x" },
      {},
      "UnrecognizedClientException",
      400,
    ],
    [
      "a session token that was not issued",
      { ...ROOT, sessionToken: "made-up" },
      {},
      "UnrecognizedClientException",
      400,
    ],
    ["a wrong secret", { ...ROOT, secretAccessKey: "guess" }, {}, "InvalidSignatureException", 403],
    ["another region's signature", ROOT, { region: "eu-west-1" }, "InvalidSignatureException", 403],
  ])("refuses %s", async (_what, credentials, more, name, httpStatusCode) => {
    await expect(listClusters(wireWorld(), credentials, more)).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode },
    });
  });

  it("with a system clock refuses signatures that are more than five minutes off, and sends its time", async () => {
    for (const [minutes, words] of [
      [
        20,
        /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
      ],
      [-20, /^Signature not yet current: .* is still later than .* \+ 5 min\.\)$/],
    ] as const) {
      const world = wireWorld({ wallClock: () => Date.now() + minutes * 60_000 });
      const sent = new ECSClient(config(world)).send(new ListClustersCommand({}));
      await expect(sent).rejects.toMatchObject({
        name: "InvalidSignatureException",
        message: expect.stringMatching(words),
        $metadata: { clockSkewCorrected: true },
      });
    }
    const world = wireWorld({ wallClock: () => Date.now() + 240_000 });
    expect(await new ECSClient(config(world)).send(new ListClustersCommand({}))).toBeDefined();
  });

  it("corrects the SDK's clock: with a second try of its own it succeeds", async () => {
    const world = wireWorld({ wallClock: () => Date.now() + 20 * 60_000 });
    const client = new ECSClient({ ...config(world), maxAttempts: 2 });
    expect(await client.send(new ListClustersCommand({}))).toBeDefined();
  });

  it("refuses a request changed after it was signed", async () => {
    const world = wireWorld();
    const handler = sdkRequestHandler(world);
    const tampering = {
      ...handler,
      handle: (request: Parameters<typeof handler.handle>[0]) =>
        handler.handle({ ...request, body: '{"maxResults":2}' }),
    };
    const sent = new ECSClient({ ...config(world), requestHandler: tampering }).send(
      new ListClustersCommand({ maxResults: 1 }),
    );
    await expect(sent).rejects.toMatchObject({ name: "InvalidSignatureException" });
  });

  it("refuses a request without a signature, or with half of one", async () => {
    const headers = { "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters" };
    const bare = await send(wireWorld(), { headers, body: "{}" });
    expect([bare.status, bare.json()]).toEqual([
      400,
      {
        __type: "MissingAuthenticationTokenException",
        message: "Request is missing Authentication Token",
      },
    ]);
    const half = await send(wireWorld(), {
      headers: { ...headers, authorization: "AWS4-HMAC-SHA256 Credential=test" },
      body: "{}",
    });
    expect(half.json().__type).toBe("IncompleteSignatureException");
  });

  it("accepts a role session until it expires in simulated time", async () => {
    const world = wireWorld();
    const arn = "arn:aws:sts::123456789012:assumed-role/deploy/s1";
    const key = world.credentials.issue({
      arn,
      userId: "AROAX:s1",
      expiresAt: world.clock.now() + 900_000,
    });
    const session = {
      accessKeyId: key.principal.accessKeyId,
      secretAccessKey: key.secretAccessKey,
      sessionToken: key.sessionToken,
    };
    world.clock.advance(899_999);
    await listClusters(world, session);
    expect(world.contexts[0]?.principal.arn).toBe(arn);
    const { sessionToken: _, ...withoutToken } = session;
    await expect(listClusters(world, withoutToken)).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    world.clock.advance(1);
    await expect(listClusters(world, session)).rejects.toMatchObject({
      name: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    });
  });

  it("gives STS's refusals the names of the Query protocol", async () => {
    const world = wireWorld();
    const identity = new STSClient(config(world, { ...ROOT, secretAccessKey: "guess" })).send(
      new GetCallerIdentityCommand({}),
    );
    await expect(identity).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      $metadata: { httpStatusCode: 403 },
    });
    expect(world.calls).toMatchObject([
      { operation: "GetCallerIdentity", error: "SignatureDoesNotMatch" },
    ]);
  });
});

describe("a service that is not played", () => {
  it.each([
    {
      what: "a Query service, by its signing name",
      service: "iam",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Action=GetRole&Version=2010-05-08&RoleName=x",
      says: "The simulator has no operation iam:GetRole.",
    },
    {
      what: "a JSON service, by its signing name",
      service: "codedeploy",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "CodeDeploy_20141006.GetDeployment",
      },
      body: "{}",
      says: "The simulator has no operation codedeploy:GetDeployment.",
    },
  ])("is named: $what", async ({ service, headers, body, says }) => {
    const world = wireWorld();
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20261123/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`;
    const { status, body: answer } = await send(world, {
      headers: { host: "127.0.0.1:4566", authorization, ...headers },
      body,
    });
    expect(status).toBe(400);
    expect(String(answer)).toContain(says);
    expect(world.calls[0]).toMatchObject({ service });
  });
});

describe("the call log", () => {
  it("keeps no token", async () => {
    const world = wireWorld();
    const token = world.oidc.issue("sts.amazonaws.com");
    const body = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: "s1",
      WebIdentityToken: token,
    });
    await send(world, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: String(body),
    });
    expect(world.calls).toMatchObject([
      {
        service: "sts",
        operation: "AssumeRoleWithWebIdentity",
        input: { RoleArn: ROLE, WebIdentityToken: "<token>" },
      },
    ]);
    const log = JSON.stringify(world.calls);
    for (const secret of [...world.oidc.secrets(), ...world.credentials.secrets()])
      expect(log).not.toContain(secret);
  });

  it("names registry calls so that two runs read the same", async () => {
    const world = wireWorld();
    const digest = `sha256:${"0f".repeat(32)}`;
    await send(world, { method: "GET", path: "/v2/" });
    await send(world, { method: "HEAD", path: `/v2/team/app/blobs/${digest}` });
    await send(world, { method: "POST", path: "/v2/team/app/blobs/uploads/" });
    await send(world, {
      method: "PUT",
      path: `/v2/team/app/blobs/uploads/6b1c-77?digest=${digest}`,
    });
    await send(world, { method: "PUT", path: "/v2/team/app/manifests/latest" });
    await send(world, { method: "GET", path: "/v2/team/app/manifests/missing" });
    expect(
      world.calls.map(({ service, operation, error }) => [service, operation, error].join(" ")),
    ).toEqual([
      "registry GET /v2/ ",
      "registry HEAD /v2/team/app/blobs/:digest ",
      "registry POST /v2/team/app/blobs/uploads/ ",
      "registry PUT /v2/team/app/blobs/uploads/:upload ",
      "registry PUT /v2/team/app/manifests/latest ",
      "registry GET /v2/team/app/manifests/missing MANIFEST_UNKNOWN",
    ]);
  });
});

describe("faults", () => {
  const throttled = {
    kind: "error",
    name: "ThrottlingException",
    message: "Rate exceeded",
  } as const;

  it("are used for matching calls, in the order queued, as often as configured", async () => {
    const world = wireWorld();
    world.faults.add("ecs:List*", throttled, 2);
    world.faults.add("ecs:ListClusters", {
      kind: "garbage",
      status: 502,
      body: "<html>Bad Gateway</html>",
    });
    const client = new ECSClient(config(world));
    await client.send(new DescribeServicesCommand({ cluster: "main", services: ["app"] }));
    for (let turn = 0; turn < 2; turn++) {
      await expect(client.send(new ListClustersCommand({}))).rejects.toMatchObject({
        name: "ThrottlingException",
        message: "Rate exceeded",
      });
    }
    await expect(client.send(new ListClustersCommand({}))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 502 },
    });
    await client.send(new ListClustersCommand({}));
    expect(world.calls.map(({ fault, error }) => [fault, error])).toEqual([
      [undefined, undefined],
      ["error", "ThrottlingException"],
      ["error", "ThrottlingException"],
      ["garbage", undefined],
      [undefined, undefined],
    ]);
    expect(world.contexts).toHaveLength(1);
  });

  it("use the error format of the service that they hit", async () => {
    const world = wireWorld();
    for (const call of ["sts:GetCallerIdentity", "registry:GET /v2/", "oidc:GET /_oidc/token"]) {
      world.faults.add(call, {
        kind: "error",
        name: "OUT_OF_ORDER",
        message: "not <today>",
        status: 503,
      });
    }
    await expect(
      new STSClient(config(world)).send(new GetCallerIdentityCommand({})),
    ).rejects.toMatchObject({
      name: "OUT_OF_ORDER",
      message: "not <today>",
    });
    expect((await send(world, { method: "GET", path: "/v2/" })).json()).toEqual({
      errors: [{ code: "OUT_OF_ORDER", message: "not <today>" }],
    });
    const token = await send(world, { method: "GET", path: "/_oidc/token?audience=a" });
    expect([token.status, token.json()]).toEqual([503, { message: "not <today>" }]);
  });
});

describe("the host that goes into image references", () => {
  const hostSeen = async (host: string, registryHost?: string) => {
    const world = wireWorld(registryHost ? { registryHost } : {});
    return (await send(world, { method: "GET", path: "/v2/", headers: { host } })).json().host;
  };

  it("is the caller's way in when that is an address, else ECR's own name, unless one is set", async () => {
    expect(await hostSeen("127.0.0.1:4566")).toBe("127.0.0.1:4566");
    expect(await hostSeen("localhost:4566")).toBe("localhost:4566");
    expect(await hostSeen("ecs.us-east-1.amazonaws.com")).toBe(
      "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    );
    expect(await hostSeen("127.0.0.1:4566", "registry.example:5000")).toBe("registry.example:5000");
  });
});

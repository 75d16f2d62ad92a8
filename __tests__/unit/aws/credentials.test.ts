import { STSClient } from "@aws-sdk/client-sts";
import { createSimulator, sdkRequestHandler } from "ecs-simulator";
import { VirtualClock } from "ecs-simulator/clock";
import { scriptedRunner } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { createCall } from "../../../src/aws/call.ts";
import { createRoleSession, type Role, trustPolicy } from "../../../src/aws/credentials.ts";
import { decodeClaims } from "../../../src/aws/id-token.ts";

const roleArn = "arn:aws:iam::123456789012:role/deploy";
const minute = 60_000;

function world(role: Partial<Role> = {}) {
  const clock = new VirtualClock();
  const simulator = createSimulator({ clock, runner: scriptedRunner({ clock }) });
  const federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
  simulator.roles.put({
    roleArn,
    trustPolicy: {
      Statement: {
        Effect: "Allow",
        Principal: { Federated: federated },
        Action: "sts:AssumeRoleWithWebIdentity",
      },
    },
  });
  const masked: string[] = [];
  const call = createCall({ clock, signal: new AbortController().signal, random: () => 0.5 });
  const sts = new STSClient({
    region: "us-east-1",
    maxAttempts: 1,
    requestHandler: sdkRequestHandler(simulator),
  });
  const session = createRoleSession(
    {
      arn: roleArn,
      sessionName: "deploy-ecs-42",
      durationSeconds: 3_600,
      managedPolicies: [],
      audiences: ["sts.amazonaws.com"],
      ...role,
    },
    {
      sts,
      call,
      clock,
      idToken: async () => simulator.oidc.issue("sts.amazonaws.com"),
      mask: (secret) => void masked.push(secret),
    },
  );
  const sessions = () =>
    simulator.calls.filter(({ operation }) => operation === "AssumeRoleWithWebIdentity");
  return { clock, simulator, session, masked, sessions };
}

describe("a role session", () => {
  test("is opened once and used again", async () => {
    const { session, sessions } = world();
    const first = await session.credentials();
    expect(await session.credentials()).toEqual(first);
    expect(sessions()).toHaveLength(1);
  });

  test("is opened once for all who ask at the same time", async () => {
    const { session, sessions } = world();
    const [one, other] = await Promise.all([session.credentials(), session.credentials()]);
    expect(one).toEqual(other);
    expect(sessions()).toHaveLength(1);
  });

  test("is renewed five minutes before its end", async () => {
    const { clock, session, sessions } = world();
    const first = await session.credentials();
    clock.advance(54 * minute);
    expect(await session.credentials()).toEqual(first);
    clock.advance(minute);
    const renewed = await Promise.all([session.credentials(), session.credentials()]);
    expect(renewed[0]?.sessionToken).not.toBe(first.sessionToken);
    expect(renewed[1]).toEqual(renewed[0]);
    expect(sessions()).toHaveLength(2);
  });

  test("is opened again when AWS said that it has expired", async () => {
    const { session, sessions } = world();
    await session.credentials();
    session.discard();
    await session.credentials();
    expect(sessions()).toHaveLength(2);
  });

  test("is requested again after a refusal", async () => {
    const { simulator, session } = world();
    const error = { kind: "error", name: "AccessDenied", message: "no", status: 403 } as const;
    simulator.faults.add("sts:AssumeRoleWithWebIdentity", error);
    await expect(session.credentials()).rejects.toMatchObject({ code: "RoleRefused" });
    await expect(session.credentials()).resolves.toBeDefined();
  });

  test("is requested once with a new token when the token's five minutes are over", async () => {
    const { simulator, session, sessions } = world();
    const error = {
      kind: "error",
      name: "ExpiredTokenException",
      message: "Token expired",
    } as const;
    simulator.faults.add("sts:AssumeRoleWithWebIdentity", error);
    await expect(session.credentials()).resolves.toBeDefined();
    simulator.faults.add("sts:AssumeRoleWithWebIdentity", error, 2);
    session.discard();
    await expect(session.credentials()).rejects.toBeDefined();
    expect(sessions()).toHaveLength(4);
  });

  test("has its secrets masked", async () => {
    const { session, masked } = world();
    const { accessKeyId, secretAccessKey, sessionToken } = await session.credentials();
    expect(masked).toEqual([accessKeyId, secretAccessKey, sessionToken]);
  });

  test("is narrowed by the policies that were given", async () => {
    const inlinePolicy = '{"Statement": {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}}';
    const managed = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    const { session, sessions, simulator } = world({ inlinePolicy, managedPolicies: [managed] });
    simulator.iam.managedPolicies.put(managed, {
      Statement: { Effect: "Allow", Action: "ecs:Describe*", Resource: "*" },
    });
    await session.credentials();
    expect(sessions()[0]?.input).toMatchObject({
      RoleSessionName: "deploy-ecs-42",
      Policy: inlinePolicy,
      PolicyArns: [{ arn: managed }],
    });
  });

  test("longer than the role allows is refused with the input to correct", async () => {
    const { session } = world({ durationSeconds: 43_200 });
    await expect(session.credentials()).rejects.toMatchObject({
      code: "RoleRefused",
      hint: expect.stringContaining("role-duration-seconds"),
    });
  });

  test("of an account that does not know GitHub names the provider to add", async () => {
    const { simulator, session } = world();
    simulator.providers.remove("https://token.actions.githubusercontent.com");
    await expect(session.credentials()).rejects.toMatchObject({
      code: "RoleRefused",
      hint: expect.stringContaining(
        "IAM identity provider for https://token.actions.githubusercontent.com",
      ),
    });
  });
});

const ids = { repository_owner_id: "5", repository_id: "7", aud: "sts.amazonaws.com" };
const plain = "repo:octo/app:ref:refs/heads/main";
const immutable = "repo:octo@5/app@7:ref:refs/heads/main";

test.each([
  { name: "a subject by names", claims: { ...ids, sub: plain }, expected: [plain, immutable] },
  { name: "a subject with ids", claims: { ...ids, sub: immutable }, expected: [plain, immutable] },
  {
    name: "a subject of an environment",
    claims: { ...ids, sub: "repo:octo/app:environment:prod" },
    expected: ["repo:octo/app:environment:prod", "repo:octo@5/app@7:environment:prod"],
  },
  { name: "a server that gives no ids", claims: { sub: plain, aud: "x" }, expected: [plain] },
])("the trust policy's condition has both spellings: $name", ({ claims, expected }) => {
  expect(trustPolicy("arn:aws-cn:iam::123456789012:role/deploy", claims)).toMatchObject({
    Version: "2012-10-17",
    Statement: [
      {
        Principal: {
          Federated:
            "arn:aws-cn:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { "token.actions.githubusercontent.com:sub": expected } },
      },
    ],
  });
});

test.each(["", "x", "a.b.c", "a.eyJ.c", `a.${Buffer.from("[]").toString("base64url")}.c`])(
  "a token that is none (%j) claims nothing",
  (token) => {
    expect(decodeClaims(token)).toEqual({});
  },
);

import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { createSigningKey, decodeJwt, signJwt } from "../../src/oidc/jwt.ts";
import { githubIssuer, type Job } from "../../src/oidc/oidc.ts";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";
import { assumption, REGION, ROLE, TRUST_OCTO, trustPolicy, wireWorld } from "../wire/fixture.ts";

const AUDIENCE = "sts.amazonaws.com";

function world(job: Partial<Job> = {}) {
  const it = wireWorld({ job });
  const client = new STSClient({
    region: REGION,
    requestHandler: sdkRequestHandler(it),
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const assume = (change: Partial<AssumeRoleWithWebIdentityCommandInput> = {}) =>
    client.send(
      new AssumeRoleWithWebIdentityCommand({ ...assumption(it.oidc.issue(AUDIENCE)), ...change }),
    );
  return { ...it, assume };
}

describe("AssumeRoleWithWebIdentity", () => {
  it("gives a session whose keys work, and which GetCallerIdentity names", async () => {
    const { assume, clock, ...rest } = world();
    const answer = await assume({ DurationSeconds: 900 });
    expect(answer).toMatchObject({
      Audience: AUDIENCE,
      SubjectFromWebIdentityToken: "repo:octo/app:ref:refs/heads/main",
      Provider: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
      AssumedRoleUser: { Arn: "arn:aws:sts::123456789012:assumed-role/deploy/deploy-1" },
    });
    expect(answer.Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(answer.Credentials?.Expiration?.getTime()).toBe(clock.now() + 900_000);

    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
    const credentials = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
    const session = new STSClient({
      region: REGION,
      credentials,
      requestHandler: sdkRequestHandler(rest),
      maxAttempts: 1,
    });
    expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: "123456789012",
      Arn: "arn:aws:sts::123456789012:assumed-role/deploy/deploy-1",
      UserId: answer.AssumedRoleUser?.AssumedRoleId,
    });
    clock.advance(900_000);
    await expect(session.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "ExpiredTokenException",
    });
  });

  it("is called without a signature", async () => {
    const { handle, oidc } = world();
    const body = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      ...assumption(oidc.issue(AUDIENCE)),
    });
    const outcome = await handle({
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: (async function* () {
        yield Buffer.from(String(body));
      })(),
    });
    expect(outcome).toMatchObject({ kind: "answer", response: { status: 200 } });
  });
});

describe("the trust policy", () => {
  const REFUSED = {
    name: "AccessDenied",
    message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    $metadata: { httpStatusCode: 403 },
  };
  const key = (name: string) => `token.actions.githubusercontent.com:${name}`;

  it("refuses another repository and an unknown role with the same words", async () => {
    await expect(world({ repository: "evil/app" }).assume()).rejects.toMatchObject(REFUSED);
    await expect(
      world().assume({ RoleArn: "arn:aws:iam::123456789012:role/missing" }),
    ).rejects.toMatchObject(REFUSED);
  });

  it("written for names refuses the immutable subject, as since July 2026", async () => {
    await expect(world({ subject: "immutable" }).assume()).rejects.toMatchObject(REFUSED);
    const { assume, roles } = world({ subject: "immutable" });
    roles.put({
      roleArn: ROLE,
      trustPolicy: trustPolicy({
        StringLike: { [key("sub")]: ["repo:octo/app:*", "repo:octo@500600/app@700100200:*"] },
      }),
    });
    await assume();
  });

  it.each<[string, Record<string, Record<string, string | string[]>>, boolean]>([
    [
      "StringEquals on several values: any",
      { StringEquals: { [key("repository")]: ["x/y", "octo/app"] } },
      true,
    ],
    ["StringEquals: case matters", { StringEquals: { [key("repository")]: "Octo/app" } }, false],
    [
      "StringEqualsIgnoreCase",
      { StringEqualsIgnoreCase: { [key("repository")]: "Octo/App" } },
      true,
    ],
    ["StringEquals does not know *", { StringEquals: { [key("sub")]: "repo:octo/*" } }, false],
    ["StringLike with ?", { StringLike: { [key("repository")]: "octo/a?p" } }, true],
    [
      "every condition must hold",
      { StringEquals: { [key("repository_id")]: "700100200", [key("actor")]: "another-user" } },
      false,
    ],
    [
      "ForAnyValue:StringLike",
      { "ForAnyValue:StringLike": { [key("sub")]: ["repo:octo/*", "x"] } },
      true,
    ],
    [
      "ForAnyValue on a missing key",
      { "ForAnyValue:StringEquals": { [key("environment")]: "prod" } },
      false,
    ],
    [
      "ForAllValues on a missing key is true, alas",
      { "ForAllValues:StringEquals": { [key("environment")]: "prod" } },
      true,
    ],
    ["StringNotEquals", { StringNotEquals: { [key("ref")]: "refs/heads/main" } }, false],
    [
      "StringEqualsIfExists on a missing key",
      { StringEqualsIfExists: { [key("environment")]: "prod" } },
      true,
    ],
    [
      "a claim that STS offers no key for",
      { StringEquals: { [key("repository_owner")]: "octo" } },
      false,
    ],
    ["key names without regard to case", { StringEquals: { [key("AUD")]: AUDIENCE } }, true],
  ])("%s", async (_rule, conditions, allowed) => {
    const { assume, roles } = world();
    roles.put({ roleArn: ROLE, trustPolicy: trustPolicy(conditions) });
    if (allowed) await assume();
    else await expect(assume()).rejects.toMatchObject(REFUSED);
  });

  it("lets a Deny win", async () => {
    const { assume, roles } = world();
    const allow = [TRUST_OCTO.Statement].flat()[0];
    if (!allow) throw new Error("no statement");
    roles.put({ roleArn: ROLE, trustPolicy: { Statement: [allow, { ...allow, Effect: "Deny" }] } });
    await expect(assume()).rejects.toMatchObject(REFUSED);
  });

  it("with an operator that the simulator cannot judge is not taken in", () => {
    const policy = trustPolicy({ DateLessThan: { "aws:CurrentTime": "2030-01-01T00:00:00Z" } });
    expect(() => world().roles.put({ roleArn: ROLE, trustPolicy: policy })).toThrow(/DateLessThan/);
  });
});

describe("the token", () => {
  it("is too old after five minutes of simulated time", async () => {
    const { assume, clock, oidc } = world();
    const WebIdentityToken = oidc.issue(AUDIENCE);
    clock.advance(299_000);
    await assume({ WebIdentityToken });
    clock.advance(1_000);
    const seconds = clock.now() / 1000;
    await expect(assume({ WebIdentityToken })).rejects.toMatchObject({
      name: "ExpiredTokenException",
      message: `Token expired: current date/time ${seconds} must be before the expiration date/time ${seconds}`,
    });
  });

  it("must be meant for STS", async () => {
    const { assume, oidc } = world();
    const sent = assume({ WebIdentityToken: oidc.issue("https://github.com/octo") });
    await expect(sent).rejects.toMatchObject({
      name: "InvalidIdentityTokenException",
      message: "Incorrect token audience",
    });
  });

  it("must be signed by the issuer's key", async () => {
    const { assume, oidc } = world();
    const [header, , signature] = oidc.issue(AUDIENCE).split(".");
    const claims = decodeJwt(oidc.issue(AUDIENCE))?.claims ?? {};
    const forged = [
      header,
      Buffer.from(JSON.stringify({ ...claims, sub: "repo:octo/app:x" })).toString("base64url"),
      signature,
    ].join(".");
    await expect(assume({ WebIdentityToken: forged })).rejects.toMatchObject({
      name: "InvalidIdentityTokenException",
      message: expect.stringContaining("signature"),
    });
    const stranger = signJwt(claims, createSigningKey("stranger"));
    await expect(assume({ WebIdentityToken: stranger })).rejects.toMatchObject({
      message: expect.stringContaining("Couldn't retrieve verification key"),
    });
    await expect(assume({ WebIdentityToken: "not-a-token" })).rejects.toMatchObject({
      message: expect.stringContaining("not a valid JWT"),
    });
  });

  it("needs its issuer to be a provider of the account", async () => {
    const { assume, providers } = world();
    providers.remove(githubIssuer);
    await expect(assume()).rejects.toMatchObject({
      name: "InvalidIdentityTokenException",
      message: `No OpenIDConnect provider found in your account for ${githubIssuer}`,
    });
  });
});

describe("limits", () => {
  const policies = Array.from({ length: 11 }, (_, index) => ({
    arn: `arn:aws:iam::aws:policy/P${index}`,
  }));

  it.each<[string, Partial<AssumeRoleWithWebIdentityCommandInput>, RegExp]>([
    [
      "shorter than 15 minutes",
      { DurationSeconds: 899 },
      /durationSeconds.*greater than or equal to 900/,
    ],
    [
      "longer than 12 hours",
      { DurationSeconds: 43_201 },
      /durationSeconds.*less than or equal to 43200/,
    ],
    [
      "longer than the role allows",
      { DurationSeconds: 3601 },
      /exceeds the MaxSessionDuration set for this role/,
    ],
    [
      "a session name with a space",
      { RoleSessionName: "my deploy" },
      /roleSessionName.*regular expression/,
    ],
    ["a session name of one letter", { RoleSessionName: "x" }, /roleSessionName.*length greater/],
    [
      "a session name of 65 letters",
      { RoleSessionName: "x".repeat(65) },
      /roleSessionName.*length less/,
    ],
    ["a role that is no ARN", { RoleArn: "role/deploy-to-production" }, /is invalid/],
    ["a policy of 2049 characters", { Policy: `{"a":"${"x".repeat(2041)}"}` }, /policy.*2048/],
    ["eleven policies", { PolicyArns: policies }, /policyArns/],
  ])("%s", async (_limit, change, message) => {
    await expect(world().assume(change)).rejects.toMatchObject({
      name: "ValidationError",
      message: expect.stringMatching(message),
    });
  });

  it("a policy that is no JSON", async () => {
    await expect(world().assume({ Policy: "{" })).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
    });
  });

  it("a role may allow longer sessions", async () => {
    const { assume, roles, clock } = world();
    roles.put({ roleArn: ROLE, trustPolicy: TRUST_OCTO, maxSessionDuration: 43_200 });
    const { Credentials } = await assume({
      DurationSeconds: 43_200,
      PolicyArns: policies.slice(0, 2),
    });
    expect(Credentials?.Expiration?.getTime()).toBe(clock.now() + 43_200_000);
  });
});

describe("AssumeRole", () => {
  const OTHER = "arn:aws:iam::123456789012:role/other";
  const trusting = (AWS: string) =>
    ({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Principal: { AWS }, Action: "sts:AssumeRole" },
    }) as const;
  const clientOf = (
    it: ReturnType<typeof world>,
    credentials = { accessKeyId: "test", secretAccessKey: "test" },
  ) =>
    new STSClient({
      region: REGION,
      requestHandler: sdkRequestHandler(it),
      maxAttempts: 1,
      credentials,
    });
  const ask = (client: STSClient, DurationSeconds = 900) =>
    client.send(
      new AssumeRoleCommand({ RoleArn: OTHER, RoleSessionName: "chained", DurationSeconds }),
    );

  it("gives a session of a role that trusts the account", async () => {
    const it = world();
    it.roles.put({ roleArn: OTHER, trustPolicy: trusting("arn:aws:iam::123456789012:root") });
    const { AssumedRoleUser, Credentials } = await ask(clientOf(it));
    expect(AssumedRoleUser?.Arn).toBe("arn:aws:sts::123456789012:assumed-role/other/chained");
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    const keys = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
    const { Arn } = await clientOf(it, keys).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(AssumedRoleUser?.Arn);
  });

  it("refuses a role that trusts another repository, and a role that does not exist, with the same message", async () => {
    const it = world();
    const refused = {
      name: "AccessDenied",
      message: expect.stringContaining(`sts:AssumeRole on resource: ${OTHER}`),
    };
    await expect(ask(clientOf(it))).rejects.toMatchObject(refused);
    it.roles.put({ roleArn: OTHER, trustPolicy: trusting("arn:aws:iam::999999999999:root") });
    await expect(ask(clientOf(it))).rejects.toMatchObject(refused);
  });

  it("a session takes another role for one hour at most", async () => {
    const it = world();
    it.roles.put({ roleArn: OTHER, trustPolicy: trusting(ROLE), maxSessionDuration: 43_200 });
    const { Credentials } = await it.assume();
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    const keys = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
    await expect(ask(clientOf(it, keys), 7_200)).rejects.toMatchObject({
      message: expect.stringContaining("role chaining"),
    });
    await expect(ask(clientOf(it, keys), 3_600)).resolves.toBeDefined();
  });
});

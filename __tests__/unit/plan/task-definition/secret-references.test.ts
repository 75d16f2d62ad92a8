// Which secrets a task definition names, where each is, and what is reported of them.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../../src/json.ts";
import {
  checkSecretsExist,
  type SecretPlace,
  secretKey,
  secretReferences,
} from "../../../../src/plan/task-definition/secret-references.ts";

const home = { region: "us-east-1", accountId: "123456789012", partition: "aws" };
const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/db-AbCdEf";

const withSecret = (valueFrom: string): JsonObject => ({
  executionRoleArn: "arn:aws:iam::123456789012:role/path/execution",
  containerDefinitions: [{ name: "app", secrets: [{ name: "A", valueFrom }] }],
});

const placeOf = (valueFrom: string): SecretPlace | undefined =>
  secretReferences(withSecret(valueFrom), home)[0]?.place;

describe("where a secret is", () => {
  const secret = (id: string, region = "us-east-1") => ({ store: "secretsmanager", region, id });
  const parameter = (names: readonly string[], region = "us-east-1") => ({
    store: "ssm",
    region,
    names,
  });
  const ssm = "arn:aws:ssm:us-east-1:123456789012:parameter";
  const shared = "arn:aws:ssm:us-east-1:999999999999:parameter/token";
  const farSecret = "arn:aws:secretsmanager:eu-west-1:999999999999:secret:x-AbCdEf";
  test.each<[string, object]>([
    [secretArn, secret(secretArn)],
    [`${secretArn}:url::`, secret(secretArn)],
    [`${secretArn}::AWSPREVIOUS:`, secret(secretArn)],
    [`${farSecret}:key:stage:version`, secret(farSecret, "eu-west-1")],
    ["token", parameter(["token"])],
    ["/app/token", parameter(["/app/token"])],
    ["token:3", parameter(["token"])],
    [`${ssm}/token`, parameter(["token", "/token"])],
    [`${ssm}/app/token`, parameter(["/app/token"])],
    [`${ssm}/app/token:3`, parameter(["/app/token"])],
    [
      "arn:aws:ssm:eu-west-1:123456789012:parameter/app/token",
      parameter(["/app/token"], "eu-west-1"),
    ],
    [shared, { store: "shared", region: "us-east-1", id: shared }],
    [`${shared}:3`, { store: "shared", region: "us-east-1", id: shared }],
  ])("%s", (valueFrom, place) => {
    expect(placeOf(valueFrom)).toEqual(place);
  });

  test.each([
    "",
    "<SECRET_ARN>",
    "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended",
    "arn:aws:ssm:us-east-1:123456789012:parameter/aws/reference/secretsmanager/db",
    "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:x-AbCdEf",
    "arn:aws:s3:::bucket/key",
  ])("cannot be looked up: %j", (valueFrom) => {
    expect(placeOf(valueFrom)).toBeUndefined();
  });

  test("every member that ECS reads, in every container; a bare name of credentials is a secret", () => {
    const definition = {
      containerDefinitions: [
        { name: "proxy", repositoryCredentials: { credentialsParameter: "hub" } },
        {
          name: "app",
          secrets: [{ name: "A", valueFrom: "a" }],
          logConfiguration: { secretOptions: [{ name: "splunk-token", valueFrom: "b" }] },
        },
      ],
    };
    expect(
      secretReferences(definition, home).map(({ container, member, place }) => [
        container,
        member,
        place.store,
      ]),
    ).toEqual([
      ["proxy", "repositoryCredentials.credentialsParameter", "secretsmanager"],
      ["app", "secrets[A].valueFrom", "ssm"],
      ["app", "logConfiguration.secretOptions[splunk-token].valueFrom", "ssm"],
    ]);
  });
});

describe("what is reported", () => {
  const drafts = [{ label: "app:2", definition: withSecret(secretArn) }];
  const [reference] = secretReferences(withSecret(secretArn), home);
  const key = secretKey(reference!.place);

  test.each([
    ["missing", "there is no Secrets Manager secret", "Create it"],
    ["deleted", "is scheduled for deletion", "restore-secret"],
  ] as const)("%s: refused, with container, cure and execution role", (value, problem, cure) => {
    const [finding] = checkSecretsExist(drafts, home, { [key]: { value } });
    expect(finding).toMatchObject({
      severity: "refuse",
      code: "SecretMissing",
      message: expect.stringContaining(
        "app:2: containerDefinitions[app].secrets[A].valueFrom",
      ) as unknown,
      hint: expect.stringContaining("ECS reads it with the execution role execution,") as unknown,
    });
    expect(JSON.stringify(finding)).toContain(problem);
    expect(JSON.stringify(finding)).toContain(cure);
  });

  test("it exists, or was not looked up: nothing", () => {
    expect(checkSecretsExist(drafts, home, { [key]: { value: "exists" } })).toEqual([]);
    expect(checkSecretsExist(drafts, home, {})).toEqual([]);
  });

  test("what could not be looked up: one notice, at most three names, each reason once", () => {
    const keyOf = (name: string) => secretKey(placeOf(name)!);
    const lookups = Object.fromEntries([
      ...["a", "b", "c"].map((name) => [keyOf(name), { error: "ssm: denied" }]),
      [key, { error: "secretsmanager: denied" }],
      [keyOf("d"), { value: "exists" }],
    ]);
    expect(checkSecretsExist([], home, lookups)).toEqual([
      {
        severity: "not-checked",
        what: "whether these exist: a, b, c and 1 more",
        why: "ssm: denied; secretsmanager: denied",
      },
    ]);
  });
});

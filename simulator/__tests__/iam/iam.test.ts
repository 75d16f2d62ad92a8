import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import type { AccountLookup } from "../../src/iam/check.ts";
import { checksOf } from "../../src/iam/checks.ts";
import type { Conditions } from "../../src/iam/conditions.ts";
import { createIam, type PolicyStatement } from "../../src/iam/iam.ts";
import { createSimulator } from "../../src/simulator.ts";
import { scriptedRunner } from "../../src/tasks/scripted-runner.ts";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";
import { assumption, REGION, ROLE, TRUST_OCTO } from "../wire/fixture.ts";

const service = "arn:aws:ecs:us-east-1:123456789012:service/main/app";
const allow = (members: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  Action: "ecs:UpdateService",
  Resource: service,
  ...members,
});

function decide(
  statements: readonly PolicyStatement[],
  context = {},
  session?: readonly PolicyStatement[],
) {
  const iam = createIam();
  iam.roles.put({ roleArn: ROLE, trustPolicy: TRUST_OCTO, policies: [{ Statement: statements }] });
  return iam.decide(ROLE, "ecs:UpdateService", service, context, {
    name: "run-1",
    ...(session && { policies: [{ Statement: session }] }),
  });
}

const refused =
  /^User: arn:aws:sts::123456789012:assumed-role\/deploy\/run-1 is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:us-east-1:123456789012:service\/main\/app /;

describe("an identity policy", () => {
  test.each<[string, PolicyStatement[], boolean]>([
    ["allows what it says", [allow()], true],
    ["nothing else", [allow({ Action: "ecs:DescribeServices" })], false],
    [
      "on no other resource",
      [allow({ Resource: "arn:aws:ecs:us-east-1:123456789012:service/main/other" })],
      false,
    ],
    [
      "with wildcards",
      [allow({ Action: "ecs:Update*", Resource: "arn:aws:ecs:*:service/main/?pp" })],
      true,
    ],
    ["actions have no case", [allow({ Action: "ECS:updateservice" })], true],
    ["resources have", [allow({ Resource: service.toUpperCase() })], false],
    ["one of a list is enough", [allow({ Action: ["ecs:RunTask", "ecs:UpdateService"] })], true],
    ["NotAction is all but those", [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }], true],
    [
      "NotResource is all but those",
      [{ Effect: "Allow", Action: "*", NotResource: service }],
      false,
    ],
    ["a Deny wins", [allow(), allow({ Effect: "Deny", Action: "*", Resource: "*" })], false],
    ["nothing at all", [], false],
  ])("%s", (_, statements, isAllowed) => {
    expect(decide(statements) === undefined).toBe(isAllowed);
  });

  test("returns AWS's sentence for the denial", () => {
    expect(decide([])).toMatch(refused);
    expect(decide([])).toMatch(
      /because no identity-based policy allows the ecs:UpdateService action$/,
    );
    expect(decide([allow(), allow({ Effect: "Deny" })])).toMatch(
      /with an explicit deny in an identity-based policy$/,
    );
  });

  test.each<[string, object]>([
    ["a policy variable", { Resource: `arn:aws:s3:::\${aws:username}` }],
    ["a condition operator", { Condition: { DateLessThan: { "aws:CurrentTime": "2027-01-01" } } }],
    ["a member", { Principal: "*" }],
    ["neither Action nor NotAction", { Action: undefined }],
  ])("that could not be judged is refused: %s", (_, members) => {
    expect(() => decide([allow(members)])).toThrow(
      expect.objectContaining({ name: "MalformedPolicyDocument" }),
    );
  });
});

describe("a condition", () => {
  const cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/main";
  test.each<[Conditions, Record<string, string | string[]>, boolean]>([
    [{ ArnEquals: { "ecs:cluster": cluster } }, { "ecs:cluster": cluster }, true],
    [
      { ArnLike: { "ecs:cluster": "arn:aws:ecs:*:*:cluster/m*" } },
      { "ecs:cluster": cluster },
      true,
    ],
    [{ ArnLike: { "ecs:cluster": "arn:*:cluster/main" } }, { "ecs:cluster": cluster }, false],
    [{ ArnEquals: { "ecs:cluster": cluster } }, {}, false],
    [{ ArnEqualsIfExists: { "ecs:cluster": cluster } }, {}, true],
    [{ ArnNotEquals: { "ecs:cluster": cluster } }, { "ecs:cluster": cluster }, false],
    [
      { StringEquals: { "ecs:CreateAction": ["RunTask", "UpdateService"] } },
      { "ecs:createaction": "RunTask" },
      true,
    ],
    [
      { Bool: { "ecs:enable-execute-command": "false" } },
      { "ecs:enable-execute-command": "true" },
      false,
    ],
    [{ Null: { "ecs:cluster": "true" } }, {}, true],
    [
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
      { "aws:TagKeys": ["a", "c"] },
      false,
    ],
    [
      { "ForAnyValue:StringEquals": { "aws:TagKeys": ["a", "b"] } },
      { "aws:TagKeys": ["a", "c"] },
      true,
    ],
    [
      { StringEquals: { "a:b": "1" }, StringLike: { "a:c": "2*" } },
      { "a:b": "1", "a:c": "3" },
      false,
    ],
  ])("%j with %j", (condition, context, isAllowed) => {
    expect(decide([allow({ Condition: condition })], context) === undefined).toBe(isAllowed);
  });
});

describe("a session policy", () => {
  test("narrows the role", () => {
    expect(decide([allow()], {}, [allow()])).toBeUndefined();
    expect(decide([allow()], {}, [])).toMatch(
      /because no session policy allows the ecs:UpdateService action$/,
    );
    expect(decide([], {}, [allow()])).toMatch(/because no identity-based policy/);
  });
});

function world() {
  const clock = new VirtualClock();
  return createSimulator({ clock, runner: scriptedRunner({ clock }) });
}

describe("every door asks IAM", () => {
  async function session(statements: readonly PolicyStatement[], Policy?: string) {
    const simulator = world();
    simulator.roles.put({
      roleArn: ROLE,
      trustPolicy: TRUST_OCTO,
      policies: [{ Statement: statements }],
    });
    const client = { region: REGION, requestHandler: sdkRequestHandler(simulator), maxAttempts: 1 };
    const token = simulator.oidc.issue("sts.amazonaws.com");
    const { Credentials: keys } = await new STSClient({ ...client, credentials: root }).send(
      new AssumeRoleWithWebIdentityCommand({ ...assumption(token), Policy }),
    );
    const {
      AccessKeyId: accessKeyId = "",
      SecretAccessKey: secretAccessKey = "",
      SessionToken: sessionToken,
    } = keys ?? {};
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    return { simulator, ecs: new ECSClient({ ...client, credentials }) };
  }
  const root = { accessKeyId: "test", secretAccessKey: "test" };

  test("the API, with the name and the status of a JSON service", async () => {
    const { ecs, simulator } = await session([allow({ Action: "ecs:DescribeServices" })]);
    simulator.ecs.createCluster("main");
    await ecs.send(new DescribeServicesCommand({ cluster: "main", services: ["app"] }));
    const update = ecs.send(new UpdateServiceCommand({ cluster: "main", service: "app" }));
    await expect(update).rejects.toMatchObject({
      name: "AccessDeniedException",
      $metadata: { httpStatusCode: 400 },
      message: expect.stringContaining(
        "is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs",
      ),
    });
    expect(simulator.calls.at(-1)).toMatchObject({
      operation: "UpdateService",
      error: "AccessDeniedException",
    });
    expect(simulator.iam.decisions.map(({ action, allowed }) => [action, allowed])).toEqual([
      ["ecs:DescribeServices", true],
      ["ecs:UpdateService", false],
    ]);
  });

  test("one of several resources is enough to be refused", async () => {
    const { ecs } = await session([allow({ Action: "ecs:DescribeServices" })]);
    const both = ecs.send(
      new DescribeServicesCommand({ cluster: "main", services: ["app", "other"] }),
    );
    await expect(both).rejects.toMatchObject({
      message: expect.stringContaining("service/main/other"),
    });
  });

  test("with the session policies that STS was given", async () => {
    const Policy = JSON.stringify({
      Statement: [{ Effect: "Allow", Action: "logs:*", Resource: "*" }],
    });
    const { ecs } = await session([allow({ Action: "*", Resource: "*" })], Policy);
    const describing = ecs.send(
      new DescribeServicesCommand({ cluster: "main", services: ["app"] }),
    );
    await expect(describing).rejects.toMatchObject({
      message: expect.stringContaining("no session policy allows"),
    });
  });
});

describe("what an operation is checked against", () => {
  const account: AccountLookup = {
    region: "us-east-1",
    accountId: "123456789012",
    taskDefinition: () => ({
      arn: "arn:aws:ecs:us-east-1:123456789012:task-definition/app:7",
      taskRoleArn: "arn:aws:iam::123456789012:role/task",
      executionRoleArn: "arn:aws:iam::123456789012:role/execution",
      hasTags: true,
    }),
    hasCluster: () => true,
    tagsOf: () => [],
    expressService: () => ({
      executionRoleArn: undefined,
      taskRoleArn: undefined,
      infrastructureRoleArn: undefined,
    }),
    secretArn: (secretId) => secretId,
    hasObject: (_bucket, key) => key === "there",
  };

  test("every operation that is played has a rule", () => {
    const { ecs, ecr, logs, secretsManager, s3 } = world();
    const aws = { ecs: ecs.service, ecr: ecr.service, logs: logs.service, s3: s3.service };
    const rooms = { ...aws, secretsmanager: secretsManager.service };
    const actions = Object.entries(rooms).flatMap(([name, { operations }]) =>
      Object.keys(operations).map((operation) => `${name}:${operation}`),
    );
    expect(actions.length).toBeGreaterThan(40);
    for (const action of actions) expect(() => checksOf(action, {}, account)).not.toThrow();
    expect(() => checksOf("ecs:Invented", {}, account)).toThrow(/no rule for ecs:Invented/);
  });

  test("RunTask: the revision, in the cluster; both roles are passed; inherited tags are put on the task", () => {
    const input = { cluster: "main", taskDefinition: "app", propagateTags: "TASK_DEFINITION" };
    expect(checksOf("ecs:RunTask", input, account)).toEqual([
      {
        action: "ecs:RunTask",
        resources: ["arn:aws:ecs:us-east-1:123456789012:task-definition/app:7"],
        context: { "ecs:cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/main" },
      },
      {
        action: "iam:PassRole",
        resources: [
          "arn:aws:iam::123456789012:role/task",
          "arn:aws:iam::123456789012:role/execution",
        ],
        context: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
      },
      {
        action: "ecs:TagResource",
        resources: ["arn:aws:ecs:us-east-1:123456789012:task/main/*"],
        context: { "ecs:CreateAction": "RunTask" },
      },
    ]);
  });

  test("a role that the overrides name is passed in place of the task definition's", () => {
    const input = { taskDefinition: "app", overrides: { taskRoleArn: "admin" } };
    const passed = checksOf("ecs:RunTask", input, account).find(
      ({ action }) => action === "iam:PassRole",
    );
    expect(passed?.resources).toEqual([
      "arn:aws:iam::123456789012:role/admin",
      "arn:aws:iam::123456789012:role/execution",
    ]);
  });

  test("a task definition without roles and tags asks for itself alone", () => {
    expect(
      checksOf("ecs:RegisterTaskDefinition", { family: "app" }, account).map(
        ({ action }) => action,
      ),
    ).toEqual(["ecs:RegisterTaskDefinition"]);
  });

  test("a log group with a tail, but for its tags", () => {
    const group = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app";
    expect(
      checksOf("logs:CreateLogGroup", { logGroupName: "/ecs/app", tags: { team: "a" } }, account),
    ).toEqual([
      { action: "logs:CreateLogGroup", resources: [`${group}:log-stream:`] },
      { action: "logs:TagResource", resources: [group] },
    ]);
  });

  test("a service deployment is checked with the service that it belongs to", () => {
    const serviceDeploymentArn = "arn:aws:ecs:us-east-1:123456789012:service-deployment/main/app/x";
    const checks = checksOf("ecs:StopServiceDeployment", { serviceDeploymentArn }, account);
    expect(checks.flatMap(({ resources }) => resources)).toEqual([service, serviceDeploymentArn]);
  });
});

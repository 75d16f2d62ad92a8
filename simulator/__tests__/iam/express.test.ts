// IAM before the operations of Express Mode: a role's session without one permission is refused by
// its name.

import {
  CreateExpressGatewayServiceCommand,
  DeleteExpressGatewayServiceCommand,
  DescribeExpressGatewayServiceCommand,
  ECSClient,
  UpdateExpressGatewayServiceCommand,
} from "@aws-sdk/client-ecs";
import { describe, expect, test } from "vitest";
import { putDeployRole } from "../../src/iam/deploy-role.ts";
import { sessionArn } from "../../src/iam/iam.ts";
import type { PolicyStatement } from "../../src/iam/policy.ts";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";
import { expressWorld, role, wanted } from "../ecs/express-fixture.ts";

const service = "arn:aws:ecs:us-east-1:123456789012:service/default/web";
const tags = [{ key: "preview", value: "shop" }];
const pass = (name: string, to: string): PolicyStatement => ({
  Sid: `Pass-${name}`,
  Effect: "Allow",
  Action: "iam:PassRole",
  Resource: role(name),
  Condition: { StringEquals: { "iam:PassedToService": to } },
});
const passes = [
  pass("execution", "ecs-tasks.amazonaws.com"),
  pass("task", "ecs-tasks.amazonaws.com"),
  pass("infrastructure", "ecs.amazonaws.com"),
];
const register: PolicyStatement = {
  Effect: "Allow",
  Action: "ecs:RegisterTaskDefinition",
  Resource: "arn:aws:ecs:us-east-1:123456789012:task-definition/default-web:*",
};
const createStatements: readonly PolicyStatement[] = [
  {
    Effect: "Allow",
    Action: "ecs:CreateExpressGatewayService",
    Resource: service,
    Condition: { StringEquals: { "aws:RequestTag/preview": "shop" } },
  },
  {
    Effect: "Allow",
    Action: "ecs:CreateCluster",
    Resource: "arn:aws:ecs:us-east-1:123456789012:cluster/default",
  },
  {
    Effect: "Allow",
    Action: "ecs:TagResource",
    Resource: service,
    Condition: { StringEquals: { "ecs:CreateAction": "CreateExpressGatewayService" } },
  },
  register,
  ...passes,
];
const ownStatement = (operation: string): PolicyStatement => ({
  Effect: "Allow",
  Action: `ecs:${operation}ExpressGatewayService`,
  Resource: "arn:aws:ecs:*:*:service/default/we*",
  Condition: { StringEquals: { "aws:ResourceTag/preview": "shop" } },
});
const updateStatements: readonly PolicyStatement[] = [
  ownStatement("Update"),
  { Effect: "Allow", Action: "ecs:DescribeTaskDefinition", Resource: "*" },
  register,
  ...passes,
];

function sessionOf(
  { simulator, clock }: ReturnType<typeof expressWorld>,
  Statement: readonly PolicyStatement[],
): ECSClient {
  const roleArn = putDeployRole(simulator, { name: "deploy", policies: [{ Statement }] });
  const { principal, secretAccessKey, sessionToken } = simulator.credentials.issue({
    arn: sessionArn(roleArn, "run"),
    userId: "run",
    expiresAt: clock.now() + 86_400_000,
    role: { roleArn, name: "run" },
  });
  const credentials = { accessKeyId: principal.accessKeyId, secretAccessKey, sessionToken };
  const requestHandler = sdkRequestHandler(simulator);
  return new ECSClient({ region: "us-east-1", credentials, requestHandler, maxAttempts: 1 });
}

const creating = new CreateExpressGatewayServiceCommand({
  ...wanted,
  taskRoleArn: role("task"),
  tags,
});
const updating = new UpdateExpressGatewayServiceCommand({ serviceArn: service });

const without = (statements: readonly PolicyStatement[]) =>
  statements.map(
    (one) =>
      [one.Sid ?? `${one.Action}`, `${one.Action}`, statements.filter((it) => it !== one)] as const,
  );

async function madeWorld(withTags = tags) {
  const world = expressWorld();
  await world.create({ taskRoleArn: role("task"), tags: withTags });
  await world.settle();
  return world;
}

describe("CreateExpressGatewayService", () => {
  test("is allowed by these, and the caller registers the task definition", async () => {
    const world = expressWorld();
    const { service: made } = await sessionOf(world, createStatements).send(creating);
    expect(made?.serviceName).toBe("web");
  });

  test.each(without(createStatements))("without %s", async (_name, action, rest) => {
    const sent = sessionOf(expressWorld(), rest).send(creating);
    await expect(sent).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`is not authorized to perform: ${action} on resource: `),
    });
  });

  test("needs ecs:CreateCluster only where `default` is missing", async () => {
    const world = expressWorld();
    world.simulator.ecs.createCluster("default");
    const statements = createStatements.filter(({ Action }) => Action !== "ecs:CreateCluster");
    await expect(sessionOf(world, statements).send(creating)).resolves.toBeDefined();
  });
});

describe("UpdateExpressGatewayService", () => {
  test("is allowed by these", async () => {
    const client = sessionOf(await madeWorld(), updateStatements);
    await expect(client.send(updating)).resolves.toBeDefined();
  });

  test.each(without(updateStatements))("without %s", async (_name, action, rest) => {
    const sent = sessionOf(await madeWorld(), rest).send(updating);
    await expect(sent).rejects.toThrow(`is not authorized to perform: ${action} on resource: `);
  });
});

test.each([
  ["Describe", new DescribeExpressGatewayServiceCommand({ serviceArn: service })],
  ["Delete", new DeleteExpressGatewayServiceCommand({ serviceArn: service })],
])("%s is bound to the tags of the service", async (operation, command) => {
  // biome-ignore lint/suspicious/noExplicitAny: two commands of different output
  const anyCommand = command as any;
  const foreign = sessionOf(await madeWorld([]), [ownStatement(operation)]);
  await expect(foreign.send(anyCommand)).rejects.toThrow(
    `ecs:${operation}ExpressGatewayService on resource: ${service}`,
  );
  const own = sessionOf(await madeWorld(), [ownStatement(operation)]);
  await expect(own.send(anyCommand)).resolves.toBeDefined();
});

// What the diagnosis makes of the stopped reasons of ECS when a task's execution role is refused something, or when
// a secret cannot be read. The reasons come from the simulator, whose own tests compare them with AWS's.

import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { type PolicyStatement, putTaskRole, registryHostOf } from "ecs-simulator/iam";
import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/diagnosis/diagnosis.ts";
import { definedContainersOf } from "../../../src/diagnosis/evidence.ts";
import { rootContext, type SimulatedEcs, simulateEcs } from "../../rig/simulated-ecs.ts";

const account = { region: "us-east-1", accountId: "123456789012" };
const execution = "arn:aws:iam::123456789012:role/app-execution";
const repository = "arn:aws:ecr:us-east-1:123456789012:repository/app";
const group = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app:*";
const image = `${registryHostOf(account)}/app:1`;

const allow = (Action: string, Resource = "*"): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource,
});
/** What a task with a secret, an image in ECR and a log group needs. */
const needed: readonly PolicyStatement[] = [
  allow("ecr:GetAuthorizationToken"),
  allow("ecr:BatchGetImage", repository),
  allow("ecr:BatchCheckLayerAvailability", repository),
  allow("ecr:GetDownloadUrlForLayer", repository),
  allow("secretsmanager:GetSecretValue"),
  allow("logs:CreateLogStream", group),
  allow("logs:PutLogEvents", group),
];

/** An account with the image, a log group and the secret `app/db`; `arn` is the secret's. */
function openAccount(Statement: readonly PolicyStatement[]) {
  const ecs = simulateEcs();
  const { simulator } = ecs;
  simulator.ecr.repositories.createRepository("app");
  simulator.ecr.repositories.putImage("app", { tags: ["1"] });
  simulator.logs.createGroup("/ecs/app");
  const arn = simulator.secretsManager.put("app/db", "postgres://app:hush@db/app");
  putTaskRole(simulator, "app-execution", [{ Statement }]);
  return { ...ecs, arn };
}

/** The diagnosis of one task that does not start. */
function diagnosisOf({ call, clock }: SimulatedEcs, secrets: Readonly<Record<string, string>>) {
  const container: ContainerDefinition = {
    name: "app",
    image,
    essential: true,
    secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": "/ecs/app",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "ecs",
      },
    },
  };
  const { taskDefinition } = call("RegisterTaskDefinition", {
    family: "web",
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: execution,
    containerDefinitions: [container],
  });
  const started = call("RunTask", {
    cluster: "shop",
    taskDefinition: taskDefinition.taskDefinitionArn,
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
  });
  clock.advance(60_000);
  const [task] = call("DescribeTasks", {
    cluster: "shop",
    tasks: [started.tasks[0].taskArn],
  }).tasks;
  expect(task).toMatchObject({ lastStatus: "STOPPED", stopCode: "TaskFailedToStart" });
  return diagnose({
    stoppedTasks: [
      {
        id: "1",
        startedBy: "ecs-svc/1",
        lastStatus: "STOPPED",
        health: "UNKNOWN",
        stoppedAt: 1,
        stopCode: task.stopCode,
        stoppedReason: task.stoppedReason,
        containers: task.containers,
      },
    ],
    liveTasks: [],
    events: [],
    triggeredAlarms: [],
    imageMismatches: [],
    containers: definedContainersOf(taskDefinition),
    missing: [],
  });
}

describe("an action that the execution role lacks", () => {
  test.each([
    [
      "ecr:GetAuthorizationToken",
      "registry-auth-refused",
      /Role app-execution may not sign in to ECR/,
    ],
    ["ecr:BatchGetImage", "image-refused", /Role app-execution may not pull image .*\/app:1/],
    [
      "ecr:GetDownloadUrlForLayer",
      "layer-refused",
      /layers of image .*ecr:GetDownloadUrlForLayer .*execution role/,
    ],
    [
      "ecr:BatchCheckLayerAvailability",
      "layer-refused",
      /layers of image .*ecr:BatchCheckLayerAvailability .*execution role/,
    ],
    [
      "secretsmanager:GetSecretValue",
      "secret-refused",
      /Role app-execution may not read secret app\/db-\w{6}\. .*the task's execution role/,
    ],
    [
      "logs:CreateLogStream",
      "log-refused",
      /Role app-execution may not write to log group \/ecs\/app.*execution role/,
    ],
  ])("%s", (action, name, says) => {
    const account = openAccount(needed.filter((one) => one.Action !== action));
    const diagnosis = diagnosisOf(account, { DATABASE_URL: account.arn });
    expect(diagnosis.name).toBe(name);
    expect(`${diagnosis.cause} ${diagnosis.remedy}`).toMatch(says);
  });
});

test("the execution role does not trust ECS", () => {
  const account = openAccount(needed);
  account.simulator.roles.put({ roleArn: execution, trustPolicy: { Statement: [] } });
  expect(diagnosisOf(account, {})).toMatchObject({ name: "role-not-assumed" });
});

describe("a secret that cannot be read", () => {
  const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret";
  test.each<[string, (arn: string) => string, string, RegExp]>([
    [
      "it does not exist",
      () => `${secretArn}:app/gone-AbCdEf`,
      "secret-missing",
      /Secret app\/gone-AbCdEf does not exist .*role app-execution/,
    ],
    [
      "its version does not exist",
      (arn) => `${arn}::AWSPENDING:`,
      "secret-missing",
      /Secret app\/db-\w{6} .*lacks the version that is asked for.*role app-execution/,
    ],
    [
      "it is marked for deletion",
      () => `${secretArn}:app/leaving`,
      "secret-missing",
      /Secret app\/leaving .*role app-execution/,
    ],
    [
      "it has no such JSON key",
      () => `${secretArn}:app/json:password::`,
      "secret-key-missing",
      /Secret app\/json has no JSON key "password".*Role app-execution/,
    ],
    [
      "it is not JSON",
      (arn) => `${arn}:password::`,
      "secret-not-json",
      /Secret app\/db-\w{6} is not JSON.*Role app-execution/,
    ],
    [
      "the parameter does not exist",
      () => "/app/token",
      "parameter-missing",
      /Parameter \/app\/token does not exist/,
    ],
  ])("%s", (_, valueFrom, name, says) => {
    const account = openAccount([allow("*")]);
    const { secretsManager } = account.simulator;
    secretsManager.put("app/leaving", "x");
    secretsManager.service.operations["DeleteSecret"]?.({ SecretId: "app/leaving" }, rootContext);
    secretsManager.put("app/json", '{"user": "app"}');
    const diagnosis = diagnosisOf(account, {
      DATABASE_URL: valueFrom(account.arn),
      OTHER: account.arn,
    });
    expect(diagnosis.name).toBe(name);
    expect(`${diagnosis.cause} ${diagnosis.remedy}`).toMatch(says);
  });

  test("the execution role may not read the parameter", () => {
    expect(diagnosisOf(openAccount(needed), { TOKEN: "/app/token" }).cause).toContain(
      "Role app-execution may not read parameter /app/token",
    );
  });
});

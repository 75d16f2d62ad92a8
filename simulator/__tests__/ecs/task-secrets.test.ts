// How a task starts, or does not, by what its execution role may do, and in which words ECS says so.

import type { FilterLogEventsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import type { CallContext } from "../../src/contract.ts";
import type { PolicyStatement } from "../../src/iam/iam.ts";
import { putTaskRole } from "../../src/iam/task-role.ts";
import { runs } from "../../src/tasks/scripted-runner.ts";
import { createTestWorld, plainApp, type World } from "./fixture.ts";

const REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/app:1";
const GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app";
const EXECUTION = "arn:aws:iam::123456789012:role/app-execution";
const options = {
  "awslogs-group": "/ecs/app",
  "awslogs-region": "us-east-1",
  "awslogs-stream-prefix": "ecs",
};

const app = (
  secrets: Readonly<Record<string, string>>,
  more: Partial<ContainerDefinition> = {},
): ContainerDefinition => ({
  ...plainApp,
  image: "ecr/app:1",
  secrets: Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
  logConfiguration: { logDriver: "awslogs", options },
  ...more,
});

const allow = (Action: string, Resource = "*"): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource,
});
/** What a task with a secret, an image in ECR and a log group needs. */
const needed = (secretArn: string) => [
  allow("ecr:GetAuthorizationToken"),
  allow("ecr:BatchGetImage", REPOSITORY),
  allow("ecr:BatchCheckLayerAvailability", REPOSITORY),
  allow("ecr:GetDownloadUrlForLayer", REPOSITORY),
  allow("secretsmanager:GetSecretValue", secretArn),
  allow("logs:CreateLogStream", `${GROUP}:*`),
  allow("logs:PutLogEvents", `${GROUP}:*`),
];

/** One task with these containers; the words in which it stopped, if it did. */
function run(
  world: World,
  containers: ContainerDefinition[],
  more: object = { executionRoleArn: EXECUTION },
) {
  const definition = world.register(containers, more);
  const { tasks } = world.call("RunTask", {
    cluster: "shop",
    taskDefinition: definition,
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
  });
  world.clock.advance(60_000);
  const [task] = world.call("DescribeTasks", { cluster: "shop", tasks: [tasks[0].taskArn] }).tasks;
  return task;
}

function createWorld(...statements: readonly PolicyStatement[]) {
  const world = createTestWorld(() => runs({ logs: ["hello"] }));
  world.logs.createGroup("/ecs/app");
  const arn = world.secretsManager.put("app/db", "postgres://app:hush@db/app");
  const Statement = statements.length > 0 ? statements : needed(arn);
  putTaskRole(
    { region: "us-east-1", accountId: "123456789012", roles: world.iam.roles },
    "app-execution",
    [{ Statement }],
  );
  const lines = () => {
    const { FilterLogEvents } = world.logs.service.operations;
    const { events } = FilterLogEvents!(
      { logGroupName: "/ecs/app" },
      {} as CallContext,
    ) as FilterLogEventsResponse;
    return events?.map(({ message }) => message);
  };
  return { ...world, arn, lines, environment: () => world.launches[0]?.containers[0]?.environment };
}

describe("secrets of a container", () => {
  it("the whole secret, a JSON key, a label, an id, and a parameter", () => {
    const world = createWorld(allow("*"));
    const arn = world.secretsManager.put("app/db", '{"user": "old"}');
    const current = { user: "app", port: 5432, tls: true };
    world.secretsManager.put("app/db", JSON.stringify(current));
    world.parameters.set("/app/token", "one").set("plain", "two");
    const { DescribeSecret } = world.secretsManager.service.operations;
    const described = DescribeSecret!({ SecretId: arn }, {} as CallContext) as {
      VersionIdsToStages: object;
    };
    const [previous] = Object.keys(described.VersionIdsToStages);
    const asked = {
      WHOLE: arn,
      PARTIAL: arn.slice(0, -7),
      USER: `${arn}:user::`,
      PORT: `${arn}:port::`,
      TLS: `${arn}:tls::`,
      OLD: `${arn}:user:AWSPREVIOUS:`,
      FIRST: `${arn}:user::${previous}`,
      TOKEN: "/app/token",
      BY_ARN: "arn:aws:ssm:us-east-1:123456789012:parameter/app/token",
      PLAIN: "arn:aws:ssm:us-east-1:123456789012:parameter/plain",
    };
    expect(
      run(world, [app(asked, { environment: [{ name: "STAGE", value: "test" }] })]).lastStatus,
    ).toBe("RUNNING");
    expect(world.launches[0]?.containers[0]?.environment).toEqual({
      STAGE: "test",
      WHOLE: JSON.stringify(current),
      PARTIAL: JSON.stringify(current),
      USER: "app",
      PORT: "5432",
      TLS: "true",
      OLD: "old",
      FIRST: "old",
      TOKEN: "one",
      BY_ARN: "one",
      PLAIN: "two",
    });
  });

  it("are read when a task starts: the next task has the new value, whoever ran before keeps the old one", () => {
    const world = createWorld();
    const containers = [app({ DATABASE_URL: world.arn })];
    run(world, containers);
    world.secretsManager.put("app/db", "postgres://app:new@db/app");
    run(world, containers);
    expect(world.launches.map(({ containers: [one] }) => one?.environment["DATABASE_URL"])).toEqual(
      ["postgres://app:hush@db/app", "postgres://app:new@db/app"],
    );
  });

  it("and awslogs on Fargate, need an execution role; and secrets a name that no other variable has", () => {
    const { register, arn } = createWorld();
    const refused = (message: string) =>
      expect.objectContaining({ name: "ClientException", message });
    expect(() =>
      register([app({ URL: arn }, { image: "app:1", logConfiguration: undefined })]),
    ).toThrow(
      refused(
        "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
      ),
    );
    expect(() => register([app({}, { image: "app:1" })])).toThrow(
      refused(
        "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
      ),
    );
    const twice = app({ URL: arn }, { environment: [{ name: "URL", value: "x" }] });
    expect(() => register([twice], { executionRoleArn: EXECUTION })).toThrow(
      refused(
        "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'URL'.",
      ),
    );
  });
});

describe("under exactly the policy that a task needs", () => {
  it("it runs and logs", () => {
    const world = createWorld();
    const task = run(world, [app({ DATABASE_URL: world.arn })]);
    expect(task.lastStatus).toBe("RUNNING");
    expect(world.environment()).toEqual({ DATABASE_URL: "postgres://app:hush@db/app" });
    expect(world.lines()).toEqual(["hello"]);
  });

  const user = (id: string) => `User: arn:aws:sts::123456789012:assumed-role/app-execution/${id}`;
  const resources =
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed";
  const logger =
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times";
  const may = (id: string, action: string, on: string) =>
    `AccessDeniedException: ${user(id)} is not authorized to perform: ${action} on resource: ${on} because no identity-based policy allows the ${action} action`;

  const refusals: readonly (readonly [
    action: string,
    words: (id: string, arn: string) => string,
  ])[] = [
    [
      "ecr:GetAuthorizationToken",
      (id) =>
        `${resources}: unable to retrieve ecr registry auth: service call has been retried 1 time(s): ${may(id, "ecr:GetAuthorizationToken", "*")}`,
    ],
    [
      "ecr:BatchGetImage",
      () =>
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ecr/app:1: pulling from host ecr failed with status code [manifests 1]: 403 Forbidden",
    ],
    [
      "ecr:GetDownloadUrlForLayer",
      () =>
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://ecr/v2/app:1/blobs/: 403 Forbidden",
    ],
    [
      "ecr:BatchCheckLayerAvailability",
      () =>
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://ecr/v2/app:1/blobs/: 403 Forbidden",
    ],
    [
      "secretsmanager:GetSecretValue",
      (id, arn) =>
        `${resources}: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${arn} from secrets manager: ${may(id, "secretsmanager:GetSecretValue", arn)}`,
    ],
    [
      "logs:CreateLogStream",
      (id) =>
        `${logger}: failed to create Cloudwatch log stream: ${may(id, "logs:CreateLogStream", `${GROUP}:log-stream:ecs/app/${id}`)} : exit status 1`,
    ],
  ];

  it.each(refusals)("without %s it does not start", (action, words) => {
    const world = createWorld(...needed("*").filter((one) => one.Action !== action));
    const task = run(world, [app({ DATABASE_URL: world.arn })]);
    const id = task.taskArn.split("/").at(-1);
    expect(task).toMatchObject({ lastStatus: "STOPPED", stopCode: "TaskFailedToStart" });
    expect(task.stoppedReason).toBe(words(id, world.arn));
    expect(world.launches).toEqual([]);
  });

  it("without logs:PutLogEvents it runs, and its lines are lost", () => {
    const world = createWorld(...needed("*").filter((one) => one.Action !== "logs:PutLogEvents"));
    expect(run(world, [app({})]).lastStatus).toBe("RUNNING");
    expect(world.lines()).toEqual([]);
  });

  it("awslogs-create-group needs logs:CreateLogGroup", () => {
    const world = createWorld();
    const logConfiguration = {
      logDriver: "awslogs" as const,
      options: { ...options, "awslogs-group": "/ecs/new", "awslogs-create-group": "true" },
    };
    expect(run(world, [app({}, { logConfiguration })]).stoppedReason).toMatch(
      /failed to create Cloudwatch log group: AccessDeniedException: .* on resource: arn:aws:logs:us-east-1:123456789012:log-group:\/ecs\/new:log-stream: because/,
    );
  });

  it("a role that does not trust ECS's tasks is not taken", () => {
    const world = createWorld();
    world.iam.roles.put({ roleArn: EXECUTION, trustPolicy: { Statement: [] } });
    const task = run(world, [app({})]);
    expect(task.stoppedReason).toContain(`ECS was unable to assume the role '${EXECUTION}'`);
  });
});

describe("a secret that cannot be had", () => {
  const asm = "unable to retrieve secret from asm: service call has been retried 1 time(s): ";
  const gone = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/gone-AbCdEf";
  const cases: readonly (readonly [
    what: string,
    valueFrom: (arn: string) => string,
    says: string,
  ])[] = [
    [
      "it does not exist",
      () => gone,
      `${asm}failed to fetch secret ${gone} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
    ],
    [
      "its version does not exist",
      (arn) => `${arn}::AWSPENDING:`,
      "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    ],
    [
      "it is marked for deletion",
      () => "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/leaving",
      "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.",
    ],
    [
      "it has no such JSON key",
      () => "arn:aws:secretsmanager:us-east-1:123456789012:secret:app/json:password::",
      `${asm}retrieved secret from Secrets Manager did not contain json key password`,
    ],
    [
      "it is no JSON",
      (arn) => `${arn}:password::`,
      `${asm}invalid character 'p' looking for beginning of value`,
    ],
    [
      "the parameter does not exist",
      () => "/app/token",
      "unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /app/token",
    ],
  ];

  it.each(cases)("%s", (_, valueFrom, says) => {
    const world = createWorld(allow("*"));
    world.secretsManager.put("app/leaving", "x");
    world.secretsManager.service.operations["DeleteSecret"]!(
      { SecretId: "app/leaving" },
      {} as CallContext,
    );
    world.secretsManager.put("app/json", '{"user": "app"}');
    const task = run(world, [app({ DATABASE_URL: valueFrom(world.arn), OTHER: world.arn })]);
    expect(task).toMatchObject({
      stopCode: "TaskFailedToStart",
      stoppedReason: expect.stringContaining(says),
    });
    expect(task.stoppedReason).not.toContain("hush");
  });

  it("the parameter may not be read", () => {
    const world = createWorld();
    const task = run(world, [app({ TOKEN: "/app/token" })]);
    expect(task.stoppedReason).toContain(
      "ssm:GetParameters on resource: arn:aws:ssm:us-east-1:123456789012:parameter/app/token because",
    );
  });
});

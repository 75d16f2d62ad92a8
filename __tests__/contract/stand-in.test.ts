// simulator/terraform says the same as the root that it stands in for, examples/clockko/backend/infra/service.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readTerraform } from "../../tools/terraform-schema/check-roots.ts";
import { parseHcl } from "../../tools/terraform-schema/hcl.ts";
import { root } from "./source.ts";

const real = await read("examples/clockko/backend/infra/service");
const standIn = await read("simulator/terraform");

const task = real.resource["aws_ecs_task_definition"].backend;
const service = real.resource["aws_ecs_service"].backend;
const cluster = real.resource["aws_ecs_cluster"].main;
const logGroup = real.resource["aws_cloudwatch_log_group"].backend;
const made = standIn.resource["terraform_data"];
const environmentOf = (name: string) => made[name].provisioner["local-exec"][0].environment;

/** What the real root reads from its resources, the stand-in has as names. */
const names: Readonly<Record<string, string>> = {
  "aws_cloudwatch_log_group.backend.name": "local.log_group_name",
  "aws_ecs_cluster.main.name": "local.cluster_name",
  "aws_ecs_service.backend.name": "local.service_name",
  "aws_ecs_task_definition.backend.family": "local.task_definition_family",
};

test("the state lives in the same place", () => {
  expect(standIn.terraform.backend.s3[0]).toEqual(real.terraform.backend.s3[0]);
});

test("the outputs have the same names and the same values", () => {
  const { task_definition_arn: revision, ...values } = valuesOf(real);
  const { task_definition_arn: newest, ...standInValues } = valuesOf(standIn);
  expect(standInValues).toEqual(values);
  expect([revision, newest]).toEqual([
    expect.stringContaining("aws_ecs_task_definition.backend.arn"),
    expect.stringMatching(/:task-definition\/\$\{local\.task_definition_family\}$/),
  ]);
});

describe("the task definition", () => {
  test("has the same containers", () => {
    const [containers, standInContainers] = [
      task.container_definitions,
      made.task_definition.input.container_definitions,
    ];
    expect(bare(standInContainers)).toBe(bare(containers));
    expect(bare(containers)).toContain("clockko.healthcheck");
  });

  test("has the same settings", () => {
    const definition = bare(environmentOf("task_definition").DEFINITION);
    const platform = task.runtime_platform[0];
    const lines = {
      family: expressionOf(task.family),
      requiresCompatibilities: expressionOf(task.requires_compatibilities),
      networkMode: expressionOf(task.network_mode),
      cpu: `tostring(${expressionOf(task.cpu)})`,
      memory: `tostring(${expressionOf(task.memory)})`,
      executionRoleArn: expressionOf(task.execution_role_arn),
      taskRoleArn: expressionOf(task.task_role_arn),
      operatingSystemFamily: `${expressionOf(platform.operating_system_family)},`,
      cpuArchitecture: expressionOf(platform.cpu_architecture),
    };
    for (const [member, expression] of Object.entries(lines))
      expect(definition).toContain(`${member} = ${expression}`);
  });
});

test("the service has the same settings", () => {
  const environment = environmentOf("service");
  const network = service.network_configuration[0];
  const breaker = service.deployment_circuit_breaker[0];
  expect(environment).toMatchObject({
    ...{ SERVICE: service.name, CLUSTER: cluster.name },
    ...{ COUNT: service.desired_count, WAIT: service.wait_for_steady_state },
  });
  expect(bare(environment.NETWORK)).toContain(
    `subnets = ${expressionOf(network.subnets)} securityGroups = ${expressionOf(network.security_groups)} assignPublicIp = "${network.assign_public_ip ? "ENABLED" : "DISABLED"}"`,
  );
  expect(bare(environment.DEPLOYMENT)).toContain(
    [
      `deploymentCircuitBreaker = { enable = ${breaker.enable}, rollback = ${breaker.rollback} }`,
      `minimumHealthyPercent = ${service.deployment_minimum_healthy_percent}`,
      `maximumPercent = ${service.deployment_maximum_percent}`,
    ].join(" "),
  );
});

test("log group, cluster and tags are the same", () => {
  expect(environmentOf("log_group")).toMatchObject({
    NAME: logGroup.name,
    RETENTION: logGroup.retention_in_days,
  });
  expect(environmentOf("cluster")).toMatchObject({
    NAME: cluster.name,
    INSIGHTS: cluster.setting[0].value,
  });
  expect(standIn.locals.default_tags).toEqual(real.provider.aws[0].default_tags[0].tags);
});

// biome-ignore lint/suspicious/noExplicitAny: HCL read freely, as JSON
type Hcl = any;

interface Root {
  readonly terraform: Hcl;
  readonly provider: Hcl;
  readonly locals: Hcl;
  /** Type → name → body. */
  readonly resource: Readonly<Record<string, Hcl>>;
  readonly output: Hcl;
}

async function read(folder: string): Promise<Root> {
  const parsed = await parseHcl(readTerraform(join(root, folder)));
  const configs: readonly Hcl[] = Object.entries(parsed).map(([file, one]) => {
    if ("error" in one) throw new Error(`${file}: ${one.error}`);
    return one.config;
  });
  const all = (kind: string): readonly Hcl[] => configs.map((config) => config[kind] ?? {});
  const first = (blocks: Hcl) =>
    Object.fromEntries(Object.entries(blocks).map(([name, [body]]: Hcl) => [name, body]));
  const resources = all("resource").flatMap((types) => Object.entries(types));
  return {
    terraform: Object.assign(
      {},
      ...all("terraform").flatMap((blocks) => (Array.isArray(blocks) ? blocks : [])),
    ),
    provider: Object.assign({}, ...all("provider")),
    locals: Object.assign(
      {},
      ...all("locals").flatMap((blocks) => (Array.isArray(blocks) ? blocks : [])),
    ),
    resource: Object.fromEntries(resources.map(([type, blocks]) => [type, first(blocks)])),
    output: Object.assign({}, ...all("output").map(first)),
  };
}

function valuesOf({ output }: Root): Record<string, Hcl> {
  return Object.fromEntries(
    Object.entries(output).map(([name, { value }]: Hcl) => [
      name,
      typeof value === "string" ? named(value) : value,
    ]),
  );
}

/** Without comments and layout, in the stand-in's names. */
function bare(text: string): string {
  return named(text.replace(/^\s*#.*$/gm, "").replace(/\s+/g, " "));
}

function named(text: string): string {
  return Object.entries(names).reduce((left, [one, other]) => left.replaceAll(one, other), text);
}

/** As it stands in an expression: `var.cpu`, `"awsvpc"`, `["FARGATE"]`. */
function expressionOf(value: Hcl): string {
  if (Array.isArray(value)) return `[${value.map(expressionOf).join(", ")}]`;
  const [, expression] = /^\$\{(.*)\}$/.exec(String(value)) ?? [];
  return expression ?? JSON.stringify(value);
}

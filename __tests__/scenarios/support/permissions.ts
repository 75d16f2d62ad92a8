// Every play's role may do what the table of permissions says for the play's inputs, and no more.

import { appendFileSync } from "node:fs";
import type { Simulator } from "ecs-simulator";
import { iamArn, type PolicyDocument, partitionOf } from "ecs-simulator/iam";
import { expect } from "vitest";
import { ecrRegistryOf, resolveReference } from "../../../src/image/registry-reference.ts";
import { type InputSource, readInputs } from "../../../src/inputs/read.ts";
import type { Inputs } from "../../../src/inputs/schema.ts";
import { type FeatureName, featuresFor } from "../../../src/permissions/permissions.ts";
import {
  type Names,
  type PolicyStatement,
  policyFor,
  statementsFor,
} from "../../../tools/docs/deploy-policy.ts";

/** What a play may do, and why. */
export interface Grant {
  readonly features: readonly FeatureName[];
  readonly policy: PolicyDocument;
}

/** Changes the exact policy: a scenario of missing permissions removes some. */
export type ChangePolicy = (statements: readonly PolicyStatement[]) => readonly PolicyStatement[];

/** How a verb reads its inputs, and what it needs for them. */
export interface GrantRule {
  readonly read: (source: InputSource<string>) => Promise<Inputs>;
  readonly featuresFor: (inputs: Inputs) => readonly FeatureName[];
  /** Features that it does without, whatever the account holds. */
  readonly never: readonly FeatureName[];
  /** What the names of roles are taken from, beside inputs and task definitions. */
  readonly known: readonly unknown[];
  /** It always runs a one-off task. */
  readonly runsTask?: true;
}

export const deployGrant: GrantRule = { read: readInputs, featuresFor, never: [], known: [] };

/** Inputs that cannot be read need nothing: the step ends before its first call. */
export async function grantFor(
  surroundings: InputSource<string>,
  simulator: Simulator,
  { read, featuresFor: needs, never, known: moreKnown, runsTask }: GrantRule,
  change: ChangePolicy = (statements) => statements,
): Promise<Grant> {
  const inputs = await read(surroundings).catch(() => undefined);
  if (!inputs) return { features: [], policy: policyFor([]) };
  const known = [
    ...taskDefinitionsOf(simulator),
    inputs.taskDefinition,
    inputs.preDeployTaskDefinition,
    inputs.taskDefinitionPatch,
    inputs.express,
    ...moreKnown,
  ];
  const inferred: readonly FeatureName[] = [
    ...untold(inputs, known, runsTask === true),
    ...(lacksRepository(inputs, simulator) ? (["createOnPush"] as const) : []),
    ...(isExpress(inputs, simulator) ? (["express"] as const) : []),
  ];
  const features = [...needs(inputs), ...inferred.filter((name) => !never.includes(name))];
  const statements = statementsFor(features, namesFor(inputs, known, simulator));
  return { features, policy: { Version: "2012-10-17", Statement: change(statements) } };
}

/** What inputs do not show: whether the task definition has tags, and containers that a one-off task would leave running. */
function untold(
  inputs: Inputs,
  known: readonly unknown[],
  always: boolean,
): readonly FeatureName[] {
  const ownTask = inputs.preDeployTaskDefinition !== undefined;
  const runsTask =
    always ||
    ownTask ||
    inputs.preDeployCommand !== undefined ||
    inputs.postDeployCommand !== undefined;
  const hasTags = valuesOf("key", known).length > 0;
  const hasCompanions = listsOf("containerDefinitions", known).some(
    (containers) => containers.length > 1,
  );
  const hasSecrets = [
    ...valuesOf("valueFrom", known),
    ...valuesOf("credentialsParameter", known),
  ].some(Boolean);
  return [
    ...(hasTags ? (["tags"] as const) : []),
    ...(hasTags && runsTask ? (["taskTags"] as const) : []),
    ...(hasTags && ownTask ? (["preDeployTaskTags"] as const) : []),
    ...(hasCompanions && runsTask ? (["stopTask"] as const) : []),
    ...(hasSecrets && (ownTask || inputs.terraformDirectory === undefined)
      ? (["secrets"] as const)
      : []),
    ...(inputs.express ? (["expressFirst"] as const) : []),
  ];
}

/** What a user would write for the words in capitals. */
function namesFor(
  inputs: Inputs,
  known: readonly unknown[],
  { region, accountId }: Simulator,
): Names {
  const last = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);
  // A role's path is a part of its ARN: `role/service-role/execution`.
  const roleName = (arn: string) => arn.replace(/^arn:.*?:role\//, "");
  const images = (inputs.image ?? []).map(({ reference }) => {
    const { host, name } = resolveReference(reference);
    return { name, ...(ecrRegistryOf(host) ?? { region, accountId }) };
  });
  return {
    PARTITION: partitionOf(region).name,
    REGION: region,
    ACCOUNT: accountId,
    // Where the inputs leave it to a Terraform root's outputs: the one service that every stage has.
    CLUSTER: distinct(
      [inputs.cluster || "clockko", ...inputs.service.flatMap(({ cluster }) => cluster ?? [])].map(
        last,
      ),
    ),
    SERVICE: distinct(
      ["clockko-backend", ...inputs.service.map(({ service }) => last(service))].slice(
        inputs.service.length > 0 ? 1 : 0,
      ),
    ),
    FAMILY: distinct([
      ...valuesOf("family", known),
      ...[inputs.taskDefinitionFamily ?? []].flat(),
      ...expressNames(inputs, (cluster, service) => `${cluster}-${service}`),
    ]).filter((family) => !preDeployFamilies(inputs).includes(family)),
    PRE_DEPLOY_FAMILY: preDeployFamilies(inputs),
    REPOSITORY: distinct([inputs.ecrRepository ?? []].flat()),
    IMAGE_REPOSITORY: distinct(images.map(({ name }) => name)),
    IMAGE_REGION: distinct(images.map((image) => image.region)),
    IMAGE_ACCOUNT: distinct(images.map((image) => image.accountId)),
    LOG_GROUP: distinct([
      ...valuesOf("awslogs-group", known),
      ...expressNames(inputs, (cluster, service) => `/aws/ecs/${cluster}/${service}-*`),
    ]),
    SECRET: distinct(secretNames([inputs.secrets, known])),
    INFRASTRUCTURE_ROLE: distinct(valuesOf("infrastructureRoleArn", known).map(roleName)),
    TASK_ROLE: distinct(valuesOf("taskRoleArn", known).map(roleName)),
    EXECUTION_ROLE: distinct(valuesOf("executionRoleArn", known).map(roleName)),
  };
}

function lacksRepository({ ecrRepository: name, image }: Inputs, { ecr }: Simulator): boolean {
  if (name === undefined || image !== undefined) return false;
  try {
    ecr.repositories.tags(name);
    return false;
  } catch {
    return true;
  }
}

function preDeployFamilies({ preDeployTaskDefinition: given }: Inputs): readonly string[] {
  if (!given) return [];
  if ("revision" in given) return [given.revision.replace(/^.*\//, "").replace(/:\d+$/, "")];
  return valuesOf("family", given.document);
}

/** Only ECS knows it of a service that is there. */
function isExpress(
  { service, cluster, express }: Inputs,
  { ecs, region, accountId }: Simulator,
): boolean {
  if (express) return true;
  const principal = { accountId, arn: iamArn({ region, accountId }, "root"), accessKeyId: "test" };
  const context = { principal, host: "localhost", requestId: "onlooker" };
  return service.some((one) => {
    try {
      const input = { cluster: one.cluster ?? cluster, services: [one.service] };
      const found = ecs.service.operations["DescribeServices"]?.(input, context);
      return JSON.stringify(found).includes('"resourceManagementType":"ECS"');
    } catch {
      return false; // there is no such cluster
    }
  });
}

/** Names that ECS makes for the Express Mode services that a run creates. */
function expressNames(
  { express, cluster, service }: Inputs,
  nameOf: (cluster: string, service: string) => string,
): readonly string[] {
  if (!express) return [];
  return service.map((one) => nameOf(one.cluster ?? cluster, one.service));
}

interface Families {
  readonly nextToken?: string;
  readonly taskDefinitionArns: readonly string[];
}

function taskDefinitionsOf({ ecs, region, accountId }: Simulator): readonly unknown[] {
  const principal = { accountId, arn: iamArn({ region, accountId }, "root"), accessKeyId: "test" };
  const context = { principal, host: "localhost", requestId: "onlooker" };
  const call = (operation: string, input: object) =>
    ecs.service.operations[operation]?.(input, context);
  const listed: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = call("ListTaskDefinitions", { nextToken }) as Families;
    listed.push(...page.taskDefinitionArns);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return listed.map((taskDefinition) =>
    call("DescribeTaskDefinition", { taskDefinition, include: ["TAGS"] }),
  );
}

/** Every text that stands under this name, at any depth. */
function valuesOf(name: string, tree: unknown): readonly string[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    key === name && typeof value === "string" ? [value] : valuesOf(name, value),
  );
}

/** Names of the secrets whose ARNs are in the tree, and the names that need no ARN. */
function secretNames(tree: unknown): readonly string[] {
  const arns = JSON.stringify(tree).matchAll(/:secret:([^":]+)/g);
  return [
    ...[...arns].map(([, name = ""]) => `${name}*`),
    ...valuesOf("credentialsParameter", tree),
  ];
}

function listsOf(name: string, tree: unknown): readonly (readonly unknown[])[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    key === name && Array.isArray(value) ? [value] : listsOf(name, value),
  );
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** One line per play, if plays are counted. */
export interface PlayTally {
  readonly file: string;
  readonly features: readonly FeatureName[];
  readonly used: readonly string[];
}

/** The actions that IAM checked for the role of the play; reports those that only the exact policy denied. */
export function refusedIn(
  { iam }: Simulator,
  from: number,
  roleArn: string,
  grant: Grant,
): readonly string[] {
  const decisions = iam.decisions.slice(from).filter((one) => one.roleArn === roleArn);
  const tallyFile = process.env["DEPLOY_ECS_PERMISSION_TALLY"];
  if (tallyFile !== undefined) {
    const used = distinct(decisions.filter(({ allowed }) => allowed).map(({ action }) => action));
    const tally: PlayTally = {
      file: expect.getState().testPath ?? "",
      features: grant.features,
      used,
    };
    appendFileSync(tallyFile, `${JSON.stringify(tally)}\n`);
  }
  return distinct(
    decisions
      .filter(({ allowed }) => !allowed)
      .map(({ action, resource }) => `${action} on ${resource}`),
  );
}

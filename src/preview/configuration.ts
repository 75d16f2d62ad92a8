// The configuration of a new preview, PURE: that of its pattern, changed by the input `express`.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExpressGatewayServiceConfiguration.html

import { withTextSizes } from "../inputs/express-inputs.ts";
import type { KeyValue } from "../inputs/key-values.ts";
import { definedOnly, type JsonObject, numberOf, objectOf, objectsOf, stringOf } from "../json.ts";
import { mergePatch } from "../plan/task-definition/merge-patch.ts";
import type { Tag } from "./tags.ts";

export interface PatternService {
  /** As DescribeExpressGatewayService answers. */
  readonly service: JsonObject;
  /** The newest of its active configurations. */
  readonly configuration: JsonObject;
}

/** undefined: it has no active configuration (yet). */
export function patternOf(service: JsonObject): PatternService | undefined {
  const [newest] = objectsOf(service.activeConfigurations).toSorted(
    (a, b) => timeOf(b.createdAt) - timeOf(a.createdAt),
  );
  if (!newest) return undefined;
  return { service, configuration: newest };
}

/** The JSON protocol has seconds since the Unix epoch. */
function timeOf(value: JsonObject[string]): number {
  return numberOf(value) ?? 0;
}

/** What the inputs say about a new preview. */
interface PreviewChanges {
  /** Input `express`. */
  readonly overlay: JsonObject | undefined;
  readonly tags: readonly Tag[];
}

/** Members of CreateExpressGatewayService, without name, cluster and image. */
export function previewConfiguration(
  { service, configuration }: PatternService,
  { overlay = {}, tags }: PreviewChanges,
): JsonObject {
  const { containerPort, tags: moreTags, ...changes } = overlay;
  const { executionRoleArn, taskRoleArn, healthCheckPath, cpu, memory, cpuArchitecture } =
    configuration;
  const ofPattern = definedOnly({
    infrastructureRoleArn: service.infrastructureRoleArn,
    executionRoleArn,
    taskRoleArn,
    healthCheckPath,
    cpu,
    memory,
    cpuArchitecture,
    networkConfiguration: networkOf(configuration),
    primaryContainer: containerOf(objectOf(configuration.primaryContainer)),
    scalingTarget: { minTaskCount: 1, maxTaskCount: 1 },
  });
  const own = new Set(tags.map(({ key }) => key));
  const others = objectsOf(moreTags).filter(({ key }) => !own.has(stringOf(key) ?? ""));
  const withPort = mergePatch(ofPattern, portPatch(containerPort));
  return {
    ...withTextSizes(mergePatch(withPort, changes) as JsonObject),
    tags: [...others, ...tags.map(({ key, value }) => ({ key, value }))],
  };
}

/** `containerPort` may stand at the top, where AWS has it in `primaryContainer`. */
function portPatch(containerPort: JsonObject[string]): JsonObject {
  if (containerPort === undefined) return {};
  return { primaryContainer: { containerPort } };
}

/** Only the subnets: one of the pattern's security groups was created by ECS and is deleted with it. */
function networkOf(configuration: JsonObject): JsonObject | undefined {
  const { subnets } = objectOf(configuration.networkConfiguration);
  if (!Array.isArray(subnets) || subnets.length === 0) return undefined;
  return { subnets };
}

/** Without the image, and without the log group: ECS creates one for each service. */
function containerOf(container: JsonObject): JsonObject {
  const { containerPort, command, environment, secrets } = container;
  return definedOnly({
    containerPort,
    command: nonEmpty(command),
    environment: nonEmpty(environment),
    secrets: nonEmpty(secrets),
  });
}

function nonEmpty(list: JsonObject[string]): JsonObject[string] {
  if (Array.isArray(list) && list.length > 0) return list;
  return undefined;
}

/** Sentences about what a new preview shares with its pattern, and what it lacks. */
export function describeConfiguration(
  name: string,
  { configuration }: PatternService,
  { express, secrets }: { readonly express: JsonObject; readonly secrets: readonly KeyValue[] },
): readonly string[] {
  return [
    ...describeSharedSecrets(name, configuration, { express, secrets }),
    ...describeSecurityGroups(name, configuration, express),
  ];
}

function describeSharedSecrets(
  name: string,
  configuration: JsonObject,
  {
    express,
    secrets: changes,
  }: { readonly express: JsonObject; readonly secrets: readonly KeyValue[] },
): readonly string[] {
  const removesAll = changes.some((change) => "remove" in change && change.name === "*");
  const changed = new Set(changes.map(({ name: secret }) => secret));
  const ofPattern = secretsOf(configuration);
  const shared = [...secretsOf(express)]
    .filter(([secret, source]) => ofPattern.get(secret) === source)
    .map(([secret]) => secret)
    .filter((secret) => !removesAll && !changed.has(secret));
  if (shared.length === 0) return [];
  return [
    `${name} reads the same secrets as its pattern: ${shared.join(", ")}. Give the input secrets ` +
      "to change that (-* removes all).",
  ];
}

/** Their sources, by name. */
function secretsOf({ primaryContainer }: JsonObject): ReadonlyMap<string, string> {
  const secrets = objectsOf(objectOf(primaryContainer).secrets);
  return new Map(
    secrets.map(({ name, valueFrom }) => [stringOf(name) ?? "", stringOf(valueFrom) ?? ""]),
  );
}

/** ECS has added one to every Express service; more than that one are of the user. */
function describeSecurityGroups(
  name: string,
  configuration: JsonObject,
  express: JsonObject,
): readonly string[] {
  const { securityGroups } = objectOf(configuration.networkConfiguration);
  const given = objectOf(express.networkConfiguration).securityGroups;
  if (!Array.isArray(securityGroups) || securityGroups.length < 2 || given !== undefined) return [];
  return [
    `${name} has none of the security groups of its pattern (${securityGroups.join(", ")}). To ` +
      "reach what they open, give the input express: " +
      "{networkConfiguration: {securityGroups: [sg-…]}}.",
  ];
}

// The input `service-patch`, PURE: a merge patch over the members of UpdateService. Members that it
// does not name are not sent, so ECS keeps them.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html

import { isExpressService } from "../../ecs/express.ts";
import type { ObservedService } from "../../ecs/observed.ts";
import type { RequestSchemas } from "../../ecs/request-schema.ts";
import { isJsonObject, type JsonObject, type JsonValue, objectOf, stringOf } from "../../json.ts";
import { blockingFinding, nothingChanged, notice, type PlanFinding } from "../findings.ts";
import { mergePatch } from "../task-definition/merge-patch.ts";
import { checkAgainstSchema, describeUnknownMember } from "../task-definition/schema-check.ts";

/** Members of UpdateService that the inputs set, and the input to use. */
const ownedMembers: Readonly<Record<string, string>> = {
  cluster: "Use the input `cluster`.",
  service: "Use the input `service`.",
  taskDefinition: "Use `task-definition`, `task-definition-patch` or `to`.",
  desiredCount: "Use the input `desired-count`.",
  forceNewDeployment: "Use the input `force-new-deployment`.",
};

/**
 * The service's members under the names of UpdateService. DescribeServices has some of them only in
 * the deployment, and the controller only if it is not ECS.
 */
export function currentMembers({ raw, controller, deployments }: ObservedService): JsonObject {
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  return { ...raw, ...primary?.settings, deploymentController: { type: controller } };
}

/**
 * The members that the update contains because of the patch, without `deploymentConfiguration`:
 * each merged into the current value, since ECS replaces a member as a whole. Members that the
 * service has already are left out.
 */
export function patchedMembers(service: ObservedService, patch: JsonObject): JsonObject {
  const current = currentMembers(service);
  const changed = Object.entries(patch).filter(
    ([name, value]) => name !== "deploymentConfiguration" && !isApplied(current[name], value),
  );
  return Object.fromEntries(
    changed.map(([name, value]) => [name, mergePatch(current[name], value)]),
  );
}

/** As it will be after the update. */
export function withMembers(service: ObservedService, members: JsonObject): ObservedService {
  return { ...service, raw: { ...service.raw, ...members } };
}

/** Whether a merge patch would change nothing. */
export function isApplied(value: JsonValue | undefined, patch: JsonValue | undefined): boolean {
  if (patch === null) return value === undefined || value === null;
  if (isJsonObject(patch))
    return (
      isJsonObject(value) &&
      Object.entries(patch).every(([name, member]) => isApplied(value[name], member))
    );
  if (Array.isArray(patch)) return Array.isArray(value) && isSameList(value, patch);
  return value === patch;
}

/** Lists of texts (subnets, security groups, alarms) have no order. */
function isSameList(value: readonly JsonValue[], patch: readonly JsonValue[]): boolean {
  if (value.length !== patch.length) return false;
  if (patch.every((item) => typeof item === "string"))
    return patch.every((item) => value.includes(item));
  return patch.every((item, index) => isApplied(value[index], item));
}

/** UpdateService itself moves the service from CodeDeploy to ECS. */
export function movesToEcs({ controller }: ObservedService, patch: JsonObject | undefined) {
  return controller === "CODE_DEPLOY" && requestedController(patch) === "ECS";
}

function requestedController(patch: JsonObject | undefined): string | undefined {
  return stringOf(objectOf(patch?.deploymentController).type);
}

/** What can be checked without the service. */
export function checkServicePatch(
  patch: JsonObject | undefined,
  { updateService }: RequestSchemas,
): readonly PlanFinding[] {
  if (!patch) return [];
  const { unknown, mistyped } = checkAgainstSchema(patch, updateService);
  return [
    ...Object.entries(patch).flatMap(([name, value]) => refusedMember(name, value)),
    ...checkController(patch),
    ...mistyped.map(({ path, problem }) =>
      blockingFinding("InvalidInput", `Input service-patch: ${path}: ${problem}`, nothingChanged),
    ),
    ...unknown.map(({ path, closest }) =>
      notice(`service-patch: ${describeUnknownMember(path, closest)}`),
    ),
  ];
}

function refusedMember(name: string, value: JsonValue | undefined): readonly PlanFinding[] {
  const useInstead = Object.hasOwn(ownedMembers, name) ? ownedMembers[name] : undefined;
  if (useInstead !== undefined)
    return [
      blockingFinding(
        "InvalidInput",
        `Input service-patch: ${name} cannot be patched: another input sets it.`,
        `${nothingChanged} ${useInstead}`,
      ),
    ];
  if (value !== null) return [];
  return [
    blockingFinding(
      "InvalidInput",
      `Input service-patch: ${name} is null, but ECS keeps a member that is not sent.`,
      `${nothingChanged} To remove a list from the service, give an empty one: \`${name}: []\`.`,
    ),
  ];
}

function checkController(patch: JsonObject): readonly PlanFinding[] {
  const type = requestedController(patch);
  if (type === undefined || type === "ECS") return [];
  return [
    blockingFinding(
      "InvalidInput",
      `Input service-patch: deploymentController.type is "${type}", but this action deploys with ` +
        "the controller ECS only.",
      `${nothingChanged} Use \`ECS\`, or remove \`deploymentController\`.`,
    ),
  ];
}

/** Members that ECS requires and that neither the patch nor the service has. */
export function checkPatchedMembers(
  service: ObservedService,
  { deploymentConfiguration, members }: PatchedSettings,
  { updateService }: RequestSchemas,
): readonly PlanFinding[] {
  if (isExpressService(service)) return [];
  const request = { service: service.name, deploymentConfiguration, ...members };
  return checkAgainstSchema(request, updateService).missing.map(({ path, name }) =>
    blockingFinding(
      "InvalidInput",
      `${service.name}: service-patch: ${path}.${name} is missing. ECS requires it.`,
      nothingChanged,
    ),
  );
}

interface PatchedSettings {
  readonly deploymentConfiguration: JsonObject;
  readonly members: JsonObject;
}

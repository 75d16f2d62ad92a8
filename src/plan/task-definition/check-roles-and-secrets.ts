// Roles and secrets that the new task definition names, checked by their ARNs, PURE.

import { objectsOf, stringOf } from "../../json.ts";
import { blockingFinding, type PlanFinding, warning } from "../findings.ts";
import { type DefinitionView, fixFile, splitByKnown } from "./definition-view.ts";
import { isPlaceholder } from "./placeholders.ts";
import { findPlaintextSecrets } from "./plaintext-secrets.ts";

const roleArnPattern = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/.+$/;

export function checkRoles({
  definition,
  label,
  location,
}: DefinitionView): readonly PlanFinding[] {
  return (["executionRoleArn", "taskRoleArn"] as const).flatMap((member) => {
    const role = stringOf(definition[member]);
    // a name alone is allowed
    if (role === undefined || (!role.startsWith("arn:") && !isPlaceholder(role))) return [];
    const [, partition, account] = role.match(roleArnPattern) ?? [];
    if (account === undefined)
      return [
        blockingFinding(
          "TaskDefinitionInvalid",
          `${label}: ${member} is not the ARN of a role: ${role}`,
          fixFile,
        ),
      ];
    if (partition !== location.partition)
      return [
        blockingFinding(
          "TaskDefinitionInvalid",
          `${label}: ${member} is a role of the partition ${partition}, but this deployment is ` +
            `in ${location.partition} (${location.region}): ${role}`,
          fixFile,
        ),
      ];
    if (account === location.accountId) return [];
    return [
      blockingFinding(
        "TaskDefinitionInvalid",
        `${label}: ${member} is a role of account ${account}, but this deployment is in ` +
          `${location.accountId}: ${role}`,
        "Nothing was built or changed. ECS only passes roles of its own account.",
      ),
    ];
  });
}

const secretArn =
  /^arn:(aws[a-z-]*):(?:secretsmanager|ssm):([a-z0-9-]+):(\d{12}):(secret:|parameter\/).+/;

/**
 * A parameter of this account and region may be given by name alone.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
 */
export function checkSecrets({
  definition,
  label,
  location,
}: DefinitionView): readonly PlanFinding[] {
  const all = objectsOf(definition.containerDefinitions).flatMap((container) =>
    objectsOf(container.secrets).map(({ name, valueFrom }) => ({
      path: `containerDefinitions[${stringOf(container.name) ?? "?"}].secrets[${stringOf(name) ?? "?"}]`,
      from: stringOf(valueFrom) ?? "",
    })),
  );
  return all.flatMap(({ path, from }): PlanFinding[] => {
    const [, partition, region, account] = from.match(secretArn) ?? [];
    if (isPlaceholder(from) || (from.startsWith("arn:") && region === undefined))
      return [
        blockingFinding(
          "TaskDefinitionInvalid",
          `${label}: ${path}.valueFrom is not the ARN of a secret or parameter.`,
          fixFile,
        ),
      ];
    if (partition !== undefined && partition !== location.partition)
      return [
        blockingFinding(
          "TaskDefinitionInvalid",
          `${label}: ${path}.valueFrom is of the partition ${partition}, but the tasks run in ` +
            `${location.partition} (${location.region}), where nothing of another partition can ` +
            "be read.",
          fixFile,
        ),
      ];
    const otherLocation = [
      account !== undefined && account !== location.accountId && `account ${account}`,
      region !== undefined && region !== location.region && `region ${region}`,
    ].filter(Boolean);
    if (otherLocation.length === 0) return [];
    return [
      warning(
        `${label}: ${path} comes from ${otherLocation.join(" and ")}, while the tasks run in ` +
          `account ${location.accountId}, region ${location.region}. That works only if its ` +
          "policy (and its key's) lets the execution role read it there.",
      ),
    ];
  });
}

/**
 * An annotation if the variable is new; a line in the log if the running revision already has it.
 */
export function checkPlaintextSecrets({
  definition,
  label,
  registered: [running = {}],
}: DefinitionView): readonly PlanFinding[] {
  const before = findPlaintextSecrets(running);
  const describe = (paths: readonly string[]) =>
    `${label}: plaintext secrets (detected by name): ${paths.join(", ")}. Anyone who can read ` +
    "the task definition can read them. Keep them in Secrets Manager or Parameter Store and " +
    "name them in `secrets`.";
  return splitByKnown(findPlaintextSecrets(definition), (path) => before.includes(path), describe);
}

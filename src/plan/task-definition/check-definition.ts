// Can the new task definition be registered and run? PURE. Every mistake has its path; no value
// that may be secret is shown.

import type { ValueSchema } from "../../ecs/request-schema.ts";
import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../../json.ts";
import { blockingFinding, logOnly, notice, type PlanFinding, warning } from "../findings.ts";
import {
  findUnresolvedTemplates,
  isImagePlaceholder,
  isPlaceholder,
  isTemplate,
  type UnresolvedTemplate,
} from "./placeholders.ts";
import { findPlaintextSecrets } from "./plaintext-secrets.ts";
import { type BrokenRule, findBrokenRules, taskView, valuesAt } from "./rules/rule.ts";
import { taskDefinitionRules } from "./rules/task-definition.ts";
import { checkAgainstSchema, describeUnknownMember } from "./schema-check.ts";

interface DefinitionView {
  readonly definition: JsonObject;
  /** Its name in messages: its file, or its family. */
  readonly label: string;
  /** These get the image. */
  readonly containers: readonly string[];
  /** The repository of the image; undefined: there is none. */
  readonly repositoryUri: string | undefined;
  readonly schema: ValueSchema;
  readonly location: DeploymentLocation;
  /** Its tasks run on Fargate, whatever the task definition says. */
  readonly onFargate: boolean;
  /** Revisions that ECS has registered: the running one, and the source of the new one. */
  readonly registered: readonly JsonObject[];
}

interface DeploymentLocation {
  readonly accountId: string;
  readonly region: string;
  /** As in ARNs. */
  readonly partition: string;
}

interface CheckedDefinition {
  readonly findings: readonly PlanFinding[];
  /** False: members have the wrong type, and nothing else can be checked. */
  readonly isWellFormed: boolean;
}

const fixFile = "Nothing was built or changed. Correct the task definition at these paths.";

/** Types first: a member that should be a list and is none cannot be checked further. */
export function checkDefinition(view: DefinitionView): CheckedDefinition {
  const { definition, label, schema } = view;
  const { unknown, mistyped } = checkAgainstSchema(definition, schema);
  const wrong = mistyped.map(({ path, problem }) =>
    blockingFinding("TaskDefinitionInvalid", `${label}: ${path}: ${problem}`, fixFile),
  );
  const broken = wrong.length === 0 ? brokenIn(definition, view) : [];
  const brokenPaths = new Set(broken.map(({ path }) => path));
  const notes = unknown
    .filter(({ path }) => !brokenPaths.has(path))
    .map(({ path, name, closest }) =>
      notice(`${label}: ${path}: ${describeUnknownMember(name, closest)}`),
    );
  if (wrong.length > 0) return { findings: [...wrong, ...notes], isWellFormed: false };
  const findings = [
    ...checkRules(view, broken),
    ...checkImages(view),
    ...checkRoles(view),
    ...checkSecrets(view),
    ...checkLogGroupNames(view),
    ...notes,
    ...checkPlaintextSecrets(view),
    ...checkTemplates(view),
  ];
  return { findings, isWellFormed: true };
}

/**
 * If a registered revision has the same violation, ECS has accepted it: the rule is stricter than
 * ECS, or newer than the revision. It is only a line in the log.
 */
function checkRules(view: DefinitionView, broken: readonly BrokenRule[]): readonly PlanFinding[] {
  const { label, registered } = view;
  const nameOf = ({ rule, path, problem }: BrokenRule) => `${rule} ${path} ${problem}`;
  const taken = new Set(
    registered.flatMap((revision) => brokenIn(revision, { ...view, containers: [] })).map(nameOf),
  );
  return broken.map((one) => {
    const message = `${label}: ${one.path} ${one.problem}. ${one.remedy}`;
    if (taken.has(nameOf(one))) return logOnly(`${message} ECS has taken it before.`);
    if (one.severity === "warn") return warning(message);
    return blockingFinding("TaskDefinitionInvalid", message, fixFile);
  });
}

/**
 * Violations of the rules, and missing members that the SDK's model requires; the latter only where
 * no rule reports the same place.
 */
function brokenIn(definition: JsonObject, view: DefinitionView): readonly BrokenRule[] {
  const { missing } = checkAgainstSchema(definition, view.schema);
  const broken = findBrokenRules(
    taskDefinitionRules,
    taskView(withImage(definition, view), view.onFargate),
  );
  const absent = missing
    .filter(({ path }) => path !== "" && !broken.some((one) => one.path.startsWith(path)))
    .map(({ path, name }) => ({
      path: `${path}.${name}`,
      problem: "is missing",
      remedy: "ECS requires it.",
    }));
  return [
    ...broken,
    ...absent.map((one): BrokenRule => ({ ...one, rule: "required-member", severity: "refuse" })),
  ];
}

/** The definition after the push: the new image's tag is not known yet, but its repository. */
function withImage(
  definition: JsonObject,
  { containers, repositoryUri }: DefinitionView,
): JsonObject {
  if (repositoryUri === undefined || !Array.isArray(definition.containerDefinitions))
    return definition;
  return {
    ...definition,
    containerDefinitions: definition.containerDefinitions.map((container) => {
      if (isJsonObject(container) && containers.includes(stringOf(container.name) ?? ""))
        return { ...container, image: repositoryUri };
      return container;
    }),
  };
}

/**
 * The image of the chosen containers is replaced, so it may be anything; those of the others are
 * used unchanged.
 */
function checkImages({ definition, label, containers }: DefinitionView): readonly PlanFinding[] {
  const others = objectsOf(definition.containerDefinitions).filter(
    ({ name }) => !containers.includes(stringOf(name) ?? ""),
  );
  const chosen = containers.map((one) => `"${one}"`).join(", ") || "the chosen container";
  return others.flatMap(({ name, image }) => {
    const given = stringOf(image) ?? "";
    if (!isImagePlaceholder(given)) return [];
    const path = `containerDefinitions[${stringOf(name) ?? "?"}].image`;
    const what = given === "" ? "is empty" : `holds ${JSON.stringify(given)}, which is no image`;
    return [
      blockingFinding(
        "TaskDefinitionInvalid",
        `${label}: ${path} ${what}; only ${chosen} gets the new image.`,
        "Nothing was built or changed. Name every container that gets the image in " +
          "`container-name`, one per line, or write the sidecar's image into the task definition.",
      ),
    ];
  });
}

const roleArnPattern = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/.+$/;

function checkRoles({ definition, label, location }: DefinitionView): readonly PlanFinding[] {
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
function checkSecrets({ definition, label, location }: DefinitionView): readonly PlanFinding[] {
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

/** A log group with such a name cannot exist, so CloudWatch Logs is not asked for it. */
function checkLogGroupNames({ definition, label }: DefinitionView): readonly PlanFinding[] {
  return valuesAt(
    definition,
    "containerDefinitions[].logConfiguration.options.awslogs-group",
  ).flatMap(({ path, value }) => {
    if (isTemplate(String(value)))
      return [
        blockingFinding(
          "TaskDefinitionInvalid",
          `${label}: ${path} holds template text: ${JSON.stringify(value)}.`,
          fixFile,
        ),
      ];
    return [];
  });
}

/**
 * An annotation if the variable is new; a line in the log if the running revision already has it.
 */
function checkPlaintextSecrets({
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

/** Unresolved template text is deployed unchanged, unless the program itself replaces it. */
function checkTemplates({
  definition,
  label,
  registered: [running = {}],
}: DefinitionView): readonly PlanFinding[] {
  const before = new Set(
    findUnresolvedTemplates(running).map(({ path, text }) => `${path} ${text}`),
  );
  const describe = (left: readonly UnresolvedTemplate[]) => {
    const places = left.map(({ path, text }) => `${path} (${text})`).join(", ");
    return (
      `${label}: template text stands in ${places}. It is deployed unchanged: fill it in before ` +
      "this step, or set these variables with `environment-variables`."
    );
  };
  return splitByKnown(
    findUnresolvedTemplates(definition),
    ({ path, text }) => before.has(`${path} ${text}`),
    describe,
  );
}

function splitByKnown<Item>(
  items: readonly Item[],
  isKnown: (item: Item) => boolean,
  describe: (items: readonly Item[]) => string,
): readonly PlanFinding[] {
  const [old, fresh] = [items.filter(isKnown), items.filter((item) => !isKnown(item))];
  return [
    ...(fresh.length > 0 ? [warning(describe(fresh))] : []),
    ...(old.length > 0 ? [logOnly(describe(old))] : []),
  ];
}

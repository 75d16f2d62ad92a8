// Can the new task definition be registered and run? PURE. Every mistake has its path; no value
// that may be secret is shown.

import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../../json.ts";
import { blockingFinding, logOnly, notice, type PlanFinding, warning } from "../findings.ts";
import { checkPlaintextSecrets, checkRoles, checkSecrets } from "./check-roles-and-secrets.ts";
import { type DefinitionView, fixFile, splitByKnown } from "./definition-view.ts";
import {
  findUnresolvedTemplates,
  isImagePlaceholder,
  isTemplate,
  type UnresolvedTemplate,
} from "./placeholders.ts";
import { type BrokenRule, findBrokenRules, taskView, valuesAt } from "./rules/rule.ts";
import { taskDefinitionRules } from "./rules/task-definition.ts";
import { checkAgainstSchema, describeUnknownMember } from "./schema-check.ts";

export interface CheckedDefinition {
  readonly findings: readonly PlanFinding[];
  /** False: members have the wrong type, and nothing else can be checked. */
  readonly isWellFormed: boolean;
}

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

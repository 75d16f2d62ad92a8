// Reads the output of `terraform show -json` for a plan, reduced to what a deployment needs, PURE.
// https://developer.hashicorp.com/terraform/internals/json-format#plan-representation

import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectOf,
  objectsOf,
  stringOf,
} from "../json.ts";
import { isSecretName } from "../plan/task-definition/redaction.ts";

type ResourceAction = "create" | "update" | "replace" | "delete" | "forget";

export interface ResourceChange {
  /** `module.app.aws_ecs_service.main` */
  readonly address: string;
  readonly type: string;
  readonly action: ResourceAction;
}

/** A container as some planned resource defines it. */
interface PlannedContainer {
  /** The resource that holds it. */
  readonly address: string;
  readonly name: string;
  readonly image: string;
}

export interface TerraformPlan {
  /** Without unchanged resources and without reads. */
  readonly changes: readonly ResourceChange[];
  /** Names of the ECS services that would be created, with the addresses of their resources. */
  /** Addresses of the Express Mode services that it changes. */
  readonly expressServices: readonly string[];
  readonly newServices: readonly { readonly address: string; readonly name: string }[];
  /**
   * Task definitions whose previous revision would be deregistered: ECS could not roll back to it.
   */
  readonly deregistered: readonly string[];
  /**
   * Values of the root's declared variables. Terraform omits an undeclared one, even if TF_VAR_…
   * sets it.
   */
  readonly variables: JsonObject;
  /** Of all planned resources, also of unchanged ones. */
  readonly containers: readonly PlannedContainer[];
  /** Resources whose container definitions are known only after the apply. */
  readonly unknownContainers: readonly string[];
  /**
   * Secret values. Terraform's own plan text shows some of them (for example the `output` of a
   * replaced terraform_data).
   */
  readonly sensitiveValues: readonly string[];
}

export function parsePlanJson(document: JsonObject): TerraformPlan {
  const resources = objectsOf(document.resource_changes).filter(({ mode }) => mode !== "data");
  const planned = resources.map((resource) => ({
    address: stringOf(resource.address) ?? "?",
    type: stringOf(resource.type) ?? "?",
    change: objectOf(resource.change),
  }));
  const definitions = planned.flatMap(({ address, change }) =>
    definitionsIn(change.after).map((one) => ({ address, one })),
  );
  const containers = definitions.flatMap(({ address, one }) =>
    parseContainerDefinitions(one).map((container) => ({ address, container })),
  );
  return {
    changes: planned.flatMap(({ address, type, change }) => {
      const action = actionOf(change.actions);
      if (action) return [{ address, type, action }];
      return [];
    }),
    expressServices: planned.flatMap(({ address, type, change }) => {
      if (type === "aws_ecs_express_gateway_service" && actionOf(change.actions)) return [address];
      return [];
    }),
    newServices: planned.flatMap(({ address, type, change }) => {
      const name = stringOf(objectOf(change.after).name);
      const isNew = type === "aws_ecs_service" && actionOf(change.actions) === "create";
      if (isNew && name !== undefined) return [{ address, name }];
      return [];
    }),
    deregistered: planned.flatMap(({ address, type, change }) => {
      const skipsDestroy = objectOf(change.before).skip_destroy === true;
      const replaced = type === "aws_ecs_task_definition" && actionOf(change.actions) === "replace";
      if (replaced && !skipsDestroy) return [address];
      return [];
    }),
    variables: variablesOf(document.variables),
    containers: containers.map(({ address, container }) => ({
      address,
      name: stringOf(container.name) ?? "?",
      image: stringOf(container.image) ?? "",
    })),
    unknownContainers: planned
      .filter(({ change }) =>
        definitionsIn(change.after_unknown).some((unknown) => unknown === true),
      )
      .map(({ address }) => address),
    sensitiveValues: [
      ...new Set([
        ...hiddenValues(document),
        ...containersBeforeAndAfter(document).flatMap(secretsIn),
      ]),
    ],
  };
}

/** https://developer.hashicorp.com/terraform/internals/json-format#change-representation */
function actionOf(actions: JsonValue | undefined): ResourceAction | undefined {
  const [first, second] = Array.isArray(actions) ? actions : [];
  if (second !== undefined) return "replace";
  switch (first) {
    case "create":
    case "update":
    case "delete":
    case "forget":
      return first;
    default:
      return undefined;
  }
}

function variablesOf(variables: JsonValue | undefined): JsonObject {
  const values = Object.entries(objectOf(variables)).map(([name, variable]) => [
    name,
    objectOf(variable).value,
  ]);
  return Object.fromEntries(values) as JsonObject;
}

/**
 * Values of every member `container_definitions`, at any depth: resources of other providers and of
 * modules have it, too.
 */
function definitionsIn(value: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(value)) return value.flatMap(definitionsIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === "container_definitions" && member !== undefined) return [member];
    return definitionsIn(member);
  });
}

/** A JSON text, as the AWS provider has it, or a list. */
function parseContainerDefinitions(definitions: JsonValue): readonly JsonObject[] {
  if (typeof definitions !== "string") return objectsOf(definitions);
  try {
    return objectsOf(JSON.parse(definitions) as JsonValue);
  } catch {
    return [];
  }
}

/** The plan text also shows what is removed. */
function containersBeforeAndAfter(document: JsonObject): readonly JsonObject[] {
  const changes = objectsOf(document.resource_changes).map(({ change }) => objectOf(change));
  return changes.flatMap(({ before, after }) =>
    [before, after].flatMap(definitionsIn).flatMap(parseContainerDefinitions),
  );
}

function secretsIn({ environment }: JsonObject): readonly string[] {
  return objectsOf(environment)
    .filter(({ name }) => isSecretName(stringOf(name) ?? ""))
    .flatMap(({ value }) => hideable(value));
}

function hiddenValues(document: JsonObject): readonly string[] {
  const { resource_changes, resource_drift, output_changes, variables } = document;
  const outputs = Object.values(objectOf(output_changes)).filter(isJsonObject);
  const changes = [
    ...objectsOf(resource_changes).map(({ change }) => objectOf(change)),
    ...objectsOf(resource_drift).map(({ change }) => objectOf(change)),
    ...outputs,
  ];
  return [
    ...changes.flatMap(({ before, before_sensitive, after, after_sensitive }) => [
      ...sensitiveStrings(before, before_sensitive),
      ...sensitiveStrings(after, after_sensitive),
    ]),
    ...sensitiveVariables(document).flatMap((name) => stringsIn(variablesOf(variables)[name])),
  ];
}

function sensitiveVariables({ configuration }: JsonObject): readonly string[] {
  const root = objectOf(objectOf(configuration).root_module);
  return Object.entries(objectOf(root.variables))
    .filter(([, variable]) => isJsonObject(variable) && variable.sensitive === true)
    .map(([name]) => name);
}

/** The strings and numbers of `value` at the places where `marks` has true. */
function sensitiveStrings(
  value: JsonValue | undefined,
  marks: JsonValue | undefined,
): readonly string[] {
  if (marks === true) return stringsIn(value);
  if (Array.isArray(marks) && Array.isArray(value))
    return marks.flatMap((mark, at) => sensitiveStrings(value[at], mark));
  if (!isJsonObject(marks) || !isJsonObject(value)) return [];
  return Object.entries(marks).flatMap(([name, mark]) => sensitiveStrings(value[name], mark));
}

function stringsIn(value: JsonValue | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (isJsonObject(value)) return Object.values(value).flatMap(stringsIn);
  return hideable(value);
}

/** Shorter values appear in any text by chance, and redacting them there would reveal them. */
function hideable(value: JsonValue | undefined): readonly string[] {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && text.length >= 4) return [text];
  return [];
}

// The input that creates a service in ECS Express Mode: a part of the table in schema.ts.

import { parseArn } from "../ecs/arn.ts";
import { definedOnly, type JsonObject, type JsonValue, objectOf } from "../json.ts";
import { parseObject } from "./document.ts";
import type { InputSpec } from "./input-spec.ts";
import { InputProblem, optional, quoted } from "./parsers.ts";
import { onlyDeploy } from "./verbs.ts";

export const expressInputs = {
  express: {
    group: "Service",
    verbs: onlyDeploy,
    description:
      "Create the service in ECS Express Mode if it does not exist: members of " +
      "CreateExpressGatewayService in YAML or JSON (`infrastructureRoleArn`, `executionRoleArn`, " +
      "`healthCheckPath`, `cpu` …), and `containerPort`. An existing service is not changed by it.",
    allowsDollar: true,
    handling: { terraform: "decides", dryRun: "shown", features: ["expressCreate"] },
    parse: optional(parseExpress),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

/** Members that the other inputs decide, each with its input. */
const ownedMembers: Readonly<Record<string, string>> = {
  serviceName: "service",
  cluster: "cluster",
  taskDefinitionArn: "task-definition",
  image: "ecr-repository or image",
};

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html */
function parseExpress(given: string): JsonObject {
  const document = parseObject(given);
  const primaryContainer = objectOf(document.primaryContainer);
  const owned = Object.keys({ ...document, ...primaryContainer }).filter((name) =>
    Object.hasOwn(ownedMembers, name),
  );
  if (owned.length > 0)
    throw new InputProblem(
      owned.map((name) => `${name} cannot be set here: use ${ownedMembers[name]}`).join("; "),
    );
  requireRole(document, "infrastructureRoleArn");
  for (const name of ["executionRoleArn", "taskRoleArn"])
    if (document[name] !== undefined) requireRole(document, name);
  return withTextSizes(withPort(document, primaryContainer));
}

function requireRole(document: JsonObject, name: string): void {
  const value = document[name];
  const arn = parseArn(typeof value === "string" ? value : "");
  if (arn?.service === "iam" && arn.resource.startsWith("role/")) return;
  const example = "arn:aws:iam::123456789012:role/NAME";
  if (value === undefined)
    throw new InputProblem(`${name} is missing: the ARN of a role, like ${example}`);
  throw new InputProblem(
    `${name}: expected the ARN of a role, like ${example}, got ${quoted(JSON.stringify(value))}`,
  );
}

/** `containerPort` may stand at the top, where AWS has it in `primaryContainer`. */
function withPort(
  { containerPort, ...document }: JsonObject,
  primaryContainer: JsonObject,
): JsonObject {
  if (containerPort === undefined) return document;
  return { ...document, primaryContainer: { containerPort, ...primaryContainer } };
}

/** ECS takes `cpu` and `memory` as text; YAML reads `256` as a number. */
export function withTextSizes(document: JsonObject): JsonObject {
  const { cpu, memory } = document;
  return { ...document, ...definedOnly({ cpu: numberAsText(cpu), memory: numberAsText(memory) }) };
}

function numberAsText(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === "number") return String(value);
  return value;
}

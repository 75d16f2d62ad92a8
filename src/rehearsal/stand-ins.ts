// Values in the place of secrets, which a rehearsal cannot read. PURE.

import { parseArn } from "../ecs/arn.ts";
import type { StandIns } from "../inputs/rehearse-inputs.ts";
import { type JsonObject, objectOf, objectsOf, stringOf } from "../json.ts";

/** A secret that a container gets as a variable, or that only ECS reads (name undefined). */
interface SecretUse {
  readonly name: string | undefined;
  readonly valueFrom: string;
}

/** What the account must hold so that the tasks get the stand-ins. */
export interface StandInSecrets {
  /** Of Secrets Manager: the text by ARN. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Of Parameter Store: the value by name or ARN. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Variables that have no value; none may be left. */
  readonly missing: readonly string[];
}

/** The text of a dummy: whoever reads it in a log knows where it comes from. */
function dummyFor(name: string): string {
  return `rehearsal-dummy-${name}`;
}

export function standInSecrets(
  definition: JsonObject,
  { values, dummies }: StandIns,
): StandInSecrets {
  const uses = secretUses(definition);
  const named = uses.flatMap(({ name }) => name ?? []);
  const missing = named.filter((name) => values[name] === undefined && !dummies);
  const textOf = ({ name = "secret" }: SecretUse) => values[name] ?? dummyFor(name);
  const stored = uses.filter(({ valueFrom }) => isSecretsManager(valueFrom));
  const others = uses.filter(({ valueFrom }) => !isSecretsManager(valueFrom));
  return {
    secrets: Object.fromEntries(
      [...Map.groupBy(stored, ({ valueFrom }) => storedSecretArn(valueFrom))].map(
        ([arn, ofSecret]) => [arn, secretText(ofSecret, textOf)],
      ),
    ),
    parameters: Object.fromEntries(
      others.flatMap((use) => parameterNames(use.valueFrom).map((name) => [name, textOf(use)])),
    ),
    missing: [...new Set(missing)],
  };
}

function secretUses(definition: JsonObject): readonly SecretUse[] {
  return objectsOf(definition.containerDefinitions).flatMap((container) => {
    const { secrets, logConfiguration, repositoryCredentials } = container;
    const variables = objectsOf(secrets).map(({ name, valueFrom }) => ({
      name: stringOf(name),
      valueFrom: stringOf(valueFrom) ?? "",
    }));
    const { credentialsParameter } = objectOf(repositoryCredentials);
    const others = [
      ...objectsOf(objectOf(logConfiguration).secretOptions).map(({ valueFrom }) => valueFrom),
      credentialsParameter,
    ].map((valueFrom) => ({ name: undefined, valueFrom: stringOf(valueFrom) ?? "" }));
    return [...variables, ...others].filter(({ valueFrom }) => valueFrom !== "");
  });
}

function isSecretsManager(valueFrom: string): boolean {
  return parseArn(valueFrom)?.service === "secretsmanager";
}

function storedSecretArn(valueFrom: string): string {
  return valueFrom.split(":").slice(0, 7).join(":");
}

/** The members of a JSON text where keys are named (`ARN:KEY:…`), else the value itself. */
function secretText(uses: readonly SecretUse[], textOf: (use: SecretUse) => string): string {
  const members = uses.flatMap((use) => {
    const key = use.valueFrom.split(":")[7];
    if (!key) return [];
    return [[key, textOf(use)] as const];
  });
  const [first] = uses;
  if (members.length > 0 || !first) return JSON.stringify(Object.fromEntries(members));
  return textOf(first);
}

/** An ARN's name with and without its slash, as ECS accepts it. */
function parameterNames(valueFrom: string): readonly string[] {
  const arn = parseArn(valueFrom);
  if (!arn) return [valueFrom];
  const name = arn.resource.replace(/^parameter\//, "");
  return [valueFrom, name, `/${name}`];
}

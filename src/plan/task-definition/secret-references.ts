// The secrets and parameters that ECS reads when a task of a revision starts, PURE. Imported on
// demand: only by what looks them up.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html

import { parseArn, resourceId } from "../../ecs/arn.ts";
import type { Lookup, SecretStatus } from "../../ecs/observed.ts";
import { type JsonObject, objectOf, objectsOf, stringOf } from "../../json.ts";
import { blockingFinding, nothingChanged, type PlanFinding } from "../findings.ts";
import { isPlaceholder } from "./placeholders.ts";

/** A parameter of this account. */
export interface OwnParameter {
  readonly store: "ssm";
  readonly region: string;
  /** Two where an ARN does not show whether the name starts with a slash: `token`, `/token`. */
  readonly names: readonly string[];
}

export type SecretPlace =
  | OwnParameter
  /** `id`: ARN or name, without JSON key and version. */
  | { readonly store: "secretsmanager"; readonly region: string; readonly id: string }
  /** `id`: ARN of a parameter of another account, without version. */
  | { readonly store: "shared"; readonly region: string; readonly id: string };

interface SecretReference {
  readonly container: string;
  /** `secrets[DATABASE_URL].valueFrom` */
  readonly member: string;
  readonly place: SecretPlace;
}

interface HomeAccount {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
}

/** Without placeholders, and without what belongs to AWS itself or to another partition. */
export function secretReferences(
  definition: JsonObject,
  home: HomeAccount,
): readonly SecretReference[] {
  return objectsOf(definition.containerDefinitions).flatMap((container) => {
    const { name, repositoryCredentials, logConfiguration } = container;
    const credentials = {
      member: "repositoryCredentials.credentialsParameter",
      place: locate(stringOf(objectOf(repositoryCredentials).credentialsParameter), home, "secret"),
    };
    const listed = [
      ...namedValues("secrets", container.secrets),
      ...namedValues("logConfiguration.secretOptions", objectOf(logConfiguration).secretOptions),
    ].map(({ member, valueFrom }) => ({ member, place: locate(valueFrom, home, "parameter") }));
    return [...listed, credentials].flatMap(({ member, place }) => {
      if (!place) return [];
      return [{ container: stringOf(name) ?? "?", member, place }];
    });
  });
}

function namedValues(list: string, value: JsonObject[string]) {
  return objectsOf(value).map(({ name, valueFrom }) => ({
    member: `${list}[${stringOf(name) ?? "?"}].valueFrom`,
    valueFrom: stringOf(valueFrom),
  }));
}

/** @param bareName what a text that is no ARN names */
function locate(
  text: string | undefined,
  { region, accountId, partition }: HomeAccount,
  bareName: "secret" | "parameter",
): SecretPlace | undefined {
  if (text === undefined || isPlaceholder(text)) return undefined;
  const arn = parseArn(text);
  if (!arn && bareName === "secret") return { store: "secretsmanager", region, id: text };
  if (!arn) return ownParameter(region, [withoutVersion(text)]);
  if (arn.partition !== partition) return undefined;
  if (arn.service === "secretsmanager")
    return { store: "secretsmanager", region: arn.region, id: firstParts(text, 7) };
  if (arn.service !== "ssm") return undefined;
  if (arn.accountId !== accountId)
    return { store: "shared", region: arn.region, id: firstParts(text, 6) };
  const path = withoutVersion(arn.resource.replace(/^parameter\//, ""));
  if (path.includes("/")) return ownParameter(arn.region, [`/${path}`]);
  return ownParameter(arn.region, [path, `/${path}`]);
}

/** AWS's own parameters (`/aws/service/…`) are not in the account's list. */
function ownParameter(region: string, names: readonly string[]): OwnParameter | undefined {
  if (names.some((name) => /^\/?aws\//i.test(name))) return undefined;
  return { store: "ssm", region, names };
}

/** `name:3` is version 3 of a parameter. */
function withoutVersion(name: string): string {
  return firstParts(name, 1);
}

function firstParts(text: string, count: number): string {
  return text.split(":").slice(0, count).join(":");
}

/** Key of a lookup. */
export function secretKey(place: SecretPlace): string {
  return JSON.stringify(place);
}

type SecretLookups = Readonly<Record<string, Lookup<SecretStatus>>>;

/** Of all secrets of these revisions. One that was not looked up at all has no finding. */
export function checkSecretsExist(
  drafts: readonly { readonly label: string; readonly definition: JsonObject }[],
  home: HomeAccount,
  lookups: SecretLookups,
): readonly PlanFinding[] {
  return [
    ...uncheckedSecrets(lookups),
    ...drafts.flatMap(({ label, definition }) =>
      secretReferences(definition, home).flatMap((reference) => {
        const lookup = lookups[secretKey(reference.place)];
        if (!lookup || "error" in lookup || lookup.value === "exists") return [];
        return [unreadableSecret(label, definition, reference, lookup.value)];
      }),
    ),
  ];
}

function unreadableSecret(
  label: string,
  { executionRoleArn }: JsonObject,
  { container, member, place }: SecretReference,
  status: "missing" | "deleted",
): PlanFinding {
  const name = secretName(place);
  const problems = {
    missing: `there is no ${storeLabels[place.store]} ${name} in ${place.region}`,
    deleted: `the secret ${name} in ${place.region} is scheduled for deletion`,
  };
  return blockingFinding(
    "SecretMissing",
    `${label}: containerDefinitions[${container}].${member}: ${problems[status]}.`,
    `${nothingChanged} ${cures[status]}, or correct the task definition. ` +
      `ECS reads it with ${roleName(stringOf(executionRoleArn))}, which must be allowed to do so.`,
  );
}

const storeLabels = {
  secretsmanager: "Secrets Manager secret",
  ssm: "Parameter Store parameter",
  shared: "shared parameter",
} as const;

const cures = {
  missing: "Create it",
  deleted: "Restore it (`aws secretsmanager restore-secret`)",
} as const;

/** As the user knows it; the ARN of a secret in another account shows which account. */
function secretName(place: SecretPlace): string {
  if (place.store === "ssm") return place.names[0] ?? "";
  return place.id;
}

function roleName(arn: string | undefined): string {
  if (arn === undefined) return "the task definition's execution role (it names none yet)";
  return `the execution role ${resourceId(arn)}`;
}

/** Names that a notice lists; of more, the number. */
const maxListed = 3;

/** One notice, however many could not be looked up; it has each reason once. */
function uncheckedSecrets(lookups: SecretLookups): readonly PlanFinding[] {
  const failed = Object.entries(lookups).flatMap(([key, lookup]) => {
    if (!("error" in lookup)) return [];
    const place: SecretPlace = JSON.parse(key);
    return [{ store: place.store, name: secretName(place), why: lookup.error }];
  });
  if (failed.length === 0) return [];
  const names = failed.slice(0, maxListed).map(({ name }) => name);
  const rest = failed.length - names.length;
  const more = rest > 0 ? ` and ${rest} more` : "";
  // The same refusal of two secrets differs in the ARN and in the request's id.
  const reasons = new Map(failed.toReversed().map(({ store, why }) => [store, why]));
  const why = [...reasons.values()].toReversed().join("; ");
  return [
    { severity: "not-checked", what: `whether these exist: ${names.join(", ")}${more}`, why },
  ];
}

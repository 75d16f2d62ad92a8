// Reads whether the secrets of the new revisions exist; never a value. Imported on demand.

import { createSecretStores, type SecretStores } from "../aws/secrets.ts";
import type { AwsSession } from "../aws/session.ts";
import { chunks } from "../ecs/chunks.ts";
import type { Lookup, SecretStatus } from "../ecs/observed.ts";
import type { PlanFinding } from "../plan/findings.ts";
import type { Observed } from "../plan/observed.ts";
import type { Draft } from "../plan/task-definition/draft.ts";
import {
  checkSecretsExist,
  type OwnParameter,
  type SecretPlace,
  secretKey,
  secretReferences,
} from "../plan/task-definition/secret-references.ts";
import { lookupOptions, tryLookup } from "./observe-services.ts";

type KeyedLookup = readonly [key: string, Lookup<SecretStatus>];

/** Values in one filter of DescribeParameters. */
const maxNames = 50;

/** Each secret is looked up once, however many containers use it. */
export async function observeSecrets(
  drafts: readonly Pick<Draft, "label" | "definition">[],
  home: Pick<Observed, "region" | "accountId" | "partition">,
  { serviceWith }: Pick<AwsSession, "serviceWith">,
): Promise<readonly PlanFinding[]> {
  const places = drafts.flatMap(({ definition }) =>
    secretReferences(definition, home).map(({ place }) => place),
  );
  const distinct = [...new Map(places.map((place) => [secretKey(place), place])).values()];
  const lookups = await lookUp(distinct, serviceWith(createSecretStores));
  return checkSecretsExist(drafts, home, Object.fromEntries(lookups));
}

async function lookUp(
  places: readonly SecretPlace[],
  stores: SecretStores,
): Promise<readonly KeyedLookup[]> {
  const secrets = places.map(async (place) => {
    if (place.store !== "secretsmanager") return [];
    const read = () => stores.describeSecret(place.region, place.id, lookupOptions);
    return [[secretKey(place), await tryLookup(read)] as const];
  });
  const regions = [...new Set(places.map(({ region }) => region))];
  const parameters = regions.flatMap((region) => {
    const inRegion = places.filter((place) => place.region === region);
    return [lookUpParameters(region, inRegion, stores), lookUpShared(region, inRegion, stores)];
  });
  return (await Promise.all([...secrets, ...parameters])).flat();
}

/** One request after the other: Parameter Store allows only few per second. */
async function lookUpParameters(
  region: string,
  places: readonly SecretPlace[],
  stores: SecretStores,
): Promise<readonly KeyedLookup[]> {
  const own = places.flatMap((place) => {
    if (place.store !== "ssm") return [];
    return [place];
  });
  const looked: KeyedLookup[] = [];
  let failure: { readonly error: string } | undefined;
  for (const chunk of chunks(own, maxNames / 2)) {
    const names = chunk.flatMap((place) => place.names);
    const read = () => stores.findParameters(region, names, lookupOptions);
    const list = failure ?? (await tryLookup(read));
    if ("error" in list) failure = list;
    looked.push(...chunk.map((place) => [secretKey(place), statusOf(place, list)] as const));
  }
  return looked;
}

type ParameterLookup = Lookup<Awaited<ReturnType<SecretStores["findParameters"]>>>;

function statusOf({ names }: OwnParameter, list: ParameterLookup): Lookup<SecretStatus> {
  if ("error" in list) return list;
  const { found, isComplete } = list.value;
  if (names.some((name) => found.has(name))) return { value: "exists" };
  if (isComplete) return { value: "missing" };
  return { error: "Parameter Store has more pages of parameters than are read." };
}

/** A parameter that is not listed may still be readable, so it is never reported as missing. */
async function lookUpShared(
  region: string,
  places: readonly SecretPlace[],
  stores: SecretStores,
): Promise<readonly KeyedLookup[]> {
  const arns = places.flatMap((place) => {
    if (place.store !== "shared") return [];
    return [[place.id, secretKey(place)] as const];
  });
  if (arns.length === 0) return [];
  const list = await tryLookup(() => stores.listSharedParameters(region, lookupOptions));
  const notListed = { error: "It is not in the list of parameters that other accounts share." };
  return arns.map(([arn, key]) => {
    if ("error" in list) return [key, list];
    if (list.value.found.has(arn)) return [key, { value: "exists" }];
    return [key, notListed];
  });
}

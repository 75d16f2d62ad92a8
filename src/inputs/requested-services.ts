// Which services are requested, and whether every name and ARN belongs to the account and region of
// this run, PURE.

import { parseArn, resourceId } from "../ecs/arn.ts";
import { quoted } from "./parsers.ts";
import type { Inputs } from "./schema.ts";
import type { ServiceName } from "./service-names.ts";
import type { DefinitionSource, TaskDefinitionInput } from "./task-definition-parsers.ts";

/** The requested services by names of cluster and service, each once however often it is named. */
export function requestedServices({
  cluster: ofAll,
  service: named,
}: Pick<Inputs, "cluster" | "service">): readonly {
  readonly cluster: string;
  readonly name: string;
}[] {
  const places = named.map(({ cluster = resourceId(ofAll), service }) => ({
    cluster,
    name: service,
  }));
  // A service that is named twice is updated once: a second update would supersede the first.
  return [...new Map(places.map((place) => [`${place.cluster}/${place.name}`, place])).values()];
}

type RequestedPlace = ReturnType<typeof requestedServices>[number];

/** The line of `task-definition` for a service. */
export function taskDefinitionFor(
  place: RequestedPlace,
  { taskDefinition = [] }: Pick<Inputs, "taskDefinition">,
): TaskDefinitionInput | undefined {
  return taskDefinition.find(({ service }) => !service || matchesService(service, place));
}

function matchesService({ cluster, service }: ServiceName, place: RequestedPlace): boolean {
  return service === place.name && (cluster === undefined || cluster === place.cluster);
}

/** Lines of `task-definition` that are for no service, for several, or for one that has a line. */
export function taskDefinitionProblems(inputs: Partial<Inputs>): readonly string[] {
  const { cluster, service, taskDefinition = [] } = inputs;
  if (cluster === undefined || service === undefined) return []; // reported already
  const places = requestedServices({ cluster, service });
  const taken = new Set<string>();
  return taskDefinition.flatMap((line) => {
    if (!line.service) return [];
    const name = nameOf(line.service);
    const matching = places.filter((place) => matchesService(line.service as ServiceName, place));
    const keys = matching.map((place) => `${place.cluster}/${place.name}`);
    const [key = ""] = keys;
    if (keys.length === 0) return [unknownServiceProblem(name, places)];
    if (keys.length > 1)
      return [`${quoted(name)} could be ${keys.join(" or ")}: write CLUSTER/SERVICE=FILE`];
    if (taken.has(key)) return [`service ${quoted(name)} is given twice`];
    taken.add(key);
    return [];
  });
}

function nameOf({ cluster, service, arn }: ServiceName): string {
  return arn ?? [cluster, service].filter((part) => part !== undefined).join("/");
}

function unknownServiceProblem(name: string, places: readonly RequestedPlace[]): string {
  const names = places.map((place) => place.name).join(", ") || "none";
  return (
    `${quoted(name)} is not a service of this step (service: ${names}). For a path that contains ` +
    `=, write ./${name}=…`
  );
}

/** Why the cluster of a service is unknown: it is not given, or given twice and differently. */
export function clusterProblems({
  cluster,
  service = [],
}: Partial<Pick<Inputs, "cluster" | "service">>): readonly string[] {
  if (cluster === undefined) return []; // it could not be read, which is reported already
  const withoutCluster = service
    .filter((one) => one.cluster === undefined)
    .map(({ arn, service: name }) => arn ?? name);
  if (cluster === "" && service.length > 0 && withoutCluster.length === 0) return [];
  if (cluster === "") {
    const missingText =
      withoutCluster.length === 0
        ? ""
        : `, and service does not name the cluster of ${withoutCluster.join(", ")}`;
    return [
      `required, but empty${missingText}. Give the cluster's name, or write CLUSTER/SERVICE ` +
        "into service",
    ];
  }
  const commonCluster = resourceId(cluster);
  return service
    .filter((one) => one.cluster !== undefined && one.cluster !== commonCluster)
    .map((one) => one.arn ?? `${one.cluster}/${one.service}`)
    .map(
      (name) =>
        `"${cluster}" is not the cluster of service ${name}. Correct the one that is wrong; for ` +
        "services of several clusters leave cluster out and write CLUSTER/SERVICE",
    );
}

/** The account and region that this run works in, as far as they are known. */
interface SessionLocation {
  readonly region: string | undefined;
  readonly accountId: string | undefined;
  readonly partition: string | undefined;
  /** Which input or identity defines them, for messages: `role-to-assume is`. */
  readonly identity: string;
}

/**
 * One line for each ARN among the inputs that belongs to another region, account or partition: its
 * name alone would find a different resource.
 */
export function arnLocationProblems(
  inputs: Partial<Inputs>,
  session: SessionLocation,
): readonly string[] {
  return arnsIn(inputs).flatMap(({ input, text, arn }) => {
    const ofIdentity = (["partition", "accountId"] as const).filter((part) =>
      isDifferent(arn[part], session[part]),
    );
    const isOtherRegion = isDifferent(arn.region, session.region);
    if (ofIdentity.length === 0 && !isOtherRegion) return [];
    const parts = [...ofIdentity, ...(isOtherRegion ? (["region"] as const) : [])];
    const sessionPlace = [
      ofIdentity.length > 0 &&
        `${session.identity} in ${ofIdentity.map((part) => say(part, session[part])).join(", ")}`,
      isOtherRegion && `aws-region is ${session.region}`,
    ];
    return [
      `${input}: ${text} is in ${parts.map((part) => say(part, arn[part])).join(", ")}, but ` +
        `${sessionPlace.filter(Boolean).join(" and ")}. One step deploys to one account and ` +
        "region: correct the one that is wrong",
    ];
  });
}

function isDifferent(theirs: string, own: string | undefined): boolean {
  return own !== undefined && theirs !== own;
}

function say(part: "partition" | "accountId" | "region", value: string | undefined): string {
  return `${part === "accountId" ? "account" : part} ${value}`;
}

function arnsIn(inputs: Partial<Inputs>) {
  const { cluster, service, taskDefinition, preDeployTaskDefinition, to } = inputs;
  const named = [
    { input: "cluster", text: cluster },
    ...(service ?? []).map(({ arn }) => ({ input: "service", text: arn })),
    ...(taskDefinition ?? []).flatMap((source) => {
      const texts = [source.service?.arn, namedRevision(source)];
      return texts.map((text) => ({ input: "task-definition", text }));
    }),
    { input: "pre-deploy-task-definition", text: namedRevision(preDeployTaskDefinition) },
    { input: "to", text: to && "revision" in to ? to.revision : undefined },
  ];
  return named.flatMap(({ input, text = "" }) => {
    const arn = parseArn(text);
    if (arn) return [{ input, text, arn }];
    return [];
  });
}

function namedRevision(source: DefinitionSource | undefined): string | undefined {
  if (source && "revision" in source) return source.revision;
  return undefined;
}

/** Express Mode's own default, which ECS creates with the first service. */
export function isForDefaultCluster({ express, cluster, service = [] }: Partial<Inputs>): boolean {
  if (!express || cluster !== "") return false;
  return service.some((one) => one.cluster === undefined);
}

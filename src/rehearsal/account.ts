// The account that the rehearsal simulates, as the task definition describes it. PURE.

import { parseArn } from "../ecs/arn.ts";
import { type JsonObject, type JsonValue, objectOf, objectsOf, stringOf } from "../json.ts";

/** Cluster of the rehearsal; no ARN of the user's account has this name by chance. */
export const rehearsalCluster = "rehearsal";
/** The one tag of the image that is built. */
export const rehearsalTag = "rehearsal";

interface AccountPlace {
  readonly region: string;
  readonly accountId: string;
}

const defaultPlace: AccountPlace = { region: "us-east-1", accountId: "123456789012" };

/** Region and account that the task definition names: an ARN of another account would be refused. */
export function accountPlaceOf(
  definition: JsonObject,
  givenRegion: string | undefined,
): AccountPlace {
  const arns = textsWithin(definition).flatMap((text) => parseArn(text) ?? []);
  const roles = [definition.executionRoleArn, definition.taskRoleArn];
  const accounts = [...roles.flatMap((role) => parseArn(stringOf(role) ?? "") ?? []), ...arns];
  const logRegions = objectsOf(definition.containerDefinitions).map(
    ({ logConfiguration }) => objectOf(objectOf(logConfiguration).options)["awslogs-region"],
  );
  const regions = [givenRegion, ...logRegions.map(stringOf), ...arns.map(({ region }) => region)];
  return {
    region: regions.find(Boolean) ?? defaultPlace.region,
    accountId:
      accounts.map(({ accountId }) => accountId).find((id) => /^\d{12}$/.test(id)) ??
      defaultPlace.accountId,
  };
}

function textsWithin(value: JsonValue | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsWithin);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(textsWithin);
  return [];
}

/** Groups of the log driver awslogs; ECS expects them to exist. */
export function logGroupsOf(definition: JsonObject): readonly string[] {
  const groups = objectsOf(definition.containerDefinitions).flatMap(({ logConfiguration }) => {
    const { logDriver, options } = objectOf(logConfiguration);
    if (logDriver !== "awslogs") return [];
    return stringOf(objectOf(options)["awslogs-group"]) ?? [];
  });
  return [...new Set(groups)];
}

/** Whether the image is of this repository, in any registry of ECR. */
export function isImageOf(image: string, repository: string): boolean {
  const name = repository.replaceAll(".", "\\.");
  return new RegExp(`^\\d{12}\\.dkr[.-]ecr[^/]*/${name}(?:[:@].*)?$`).test(image);
}

/** The document with images of the user's repository replaced by those of the simulated one. */
export function withLocalRepository(
  document: JsonObject,
  repository: string,
  registry: string,
): JsonObject {
  const inDefinition = (definition: JsonObject): JsonObject => ({
    ...definition,
    containerDefinitions: objectsOf(definition.containerDefinitions).map((container) => {
      const image = stringOf(container.image) ?? "";
      if (!isImageOf(image, repository)) return container;
      return { ...container, image: `${registry}/${repository}:before` };
    }),
  });
  const { taskDefinition, containerDefinitions } = document;
  if (containerDefinitions !== undefined) return inDefinition(document);
  if (taskDefinition === undefined) return document;
  return { ...document, taskDefinition: inDefinition(objectOf(taskDefinition)) };
}

/** What ECS needs to create the service that the rehearsal updates. */
export function serviceRequest(definition: JsonObject): JsonObject {
  const { requiresCompatibilities, networkMode } = definition;
  const onFargate =
    !Array.isArray(requiresCompatibilities) ||
    requiresCompatibilities.length === 0 ||
    requiresCompatibilities.includes("FARGATE");
  const network = { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } };
  const request = {
    cluster: rehearsalCluster,
    desiredCount: 1,
    launchType: onFargate ? "FARGATE" : "EC2",
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  };
  if (networkMode === "awsvpc" || onFargate) return { ...request, networkConfiguration: network };
  return request;
}

/** Registered in the place of a file that ECS would refuse: the checks of the run report why. */
export function leastDefinition(family: string): JsonObject {
  return {
    family,
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: "arn:aws:iam::123456789012:role/execution",
    containerDefinitions: [{ name: "app", image: "before", essential: true }],
  };
}

// CreateCluster, DescribeClusters, DeleteCluster.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html

import type {
  Cluster,
  ClusterField,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
} from "@aws-sdk/client-ecs";
import { AwsError } from "../contract.ts";
import { arn, nameOf } from "./identifiers.ts";
import { findCluster } from "./lookup.ts";
import type { ClusterState, EcsState } from "./state.ts";
import { pendingTasks, runningTasks } from "./task-counts.ts";

const allFields: readonly ClusterField[] = ["SETTINGS", "TAGS"];

export function clusterOperations(world: EcsState) {
  return {
    CreateCluster(input: CreateClusterRequest): CreateClusterResponse {
      return {
        cluster: clusterView(
          createCluster(world, input.clusterName ?? "default", input),
          allFields,
        ),
      };
    },
    DescribeClusters(input: DescribeClustersRequest): DescribeClustersResponse {
      const asked = input.clusters?.length ? input.clusters : ["default"];
      const found = asked.map((reference) => world.clusters.get(nameOf(reference)));
      return {
        clusters: found
          .filter((one) => one !== undefined)
          .map((one) => clusterView(one, input.include ?? [])),
        failures: asked
          .filter((_, index) => found[index] === undefined)
          .map((reference) => ({
            arn: arn(world, `cluster/${nameOf(reference)}`),
            reason: "MISSING",
          })),
      };
    },
    DeleteCluster: (input: DeleteClusterRequest) => deleteCluster(world, input),
  };
}

/** Creating a cluster that exists returns the existing one, as AWS does. */
export function createCluster(
  world: EcsState,
  name: string,
  { tags = [], settings = [] }: Pick<CreateClusterRequest, "tags" | "settings"> = {},
): ClusterState {
  const existing = world.clusters.get(name);
  if (existing?.status === "ACTIVE") return existing;
  const cluster: ClusterState = {
    name,
    arn: arn(world, `cluster/${name}`),
    status: "ACTIVE",
    tags,
    settings: settings.length > 0 ? settings : [{ name: "containerInsights", value: "disabled" }],
    services: new Map(),
    tasks: [],
  };
  world.clusters.set(name, cluster);
  return cluster;
}

/**
 * It stays as INACTIVE.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
 */
function deleteCluster(world: EcsState, input: DeleteClusterRequest): DeleteClusterResponse {
  const cluster = findCluster(world, input.cluster);
  if ([...cluster.services.values()].some((one) => one.status !== "INACTIVE")) {
    throw new AwsError(
      "ClusterContainsServicesException",
      "The Cluster cannot be deleted while Services are active.",
    );
  }
  if (cluster.tasks.some((one) => one.lastStatus !== "STOPPED")) {
    throw new AwsError(
      "ClusterContainsTasksException",
      "The Cluster cannot be deleted while Tasks are active.",
    );
  }
  cluster.status = "INACTIVE";
  return { cluster: clusterView(cluster, allFields) };
}

/** Settings and tags only if the request includes them. */
function clusterView(cluster: ClusterState, include: readonly ClusterField[]): Cluster {
  const services = [...cluster.services.values()];
  const revisions = services.flatMap((service) => service.revisions);
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: revisions.reduce((total, one) => total + runningTasks(one), 0),
    pendingTasksCount: revisions.reduce((total, one) => total + pendingTasks(one), 0),
    activeServicesCount: services.filter((service) => service.status === "ACTIVE").length,
    statistics: [],
    tags: include.includes("TAGS") ? [...cluster.tags] : [],
    settings: include.includes("SETTINGS") ? [...cluster.settings] : [],
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
    defaultCapacityProviderStrategy: [],
  };
}

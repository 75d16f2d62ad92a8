// CreateCluster and DescribeClusters.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html

import type {
  Cluster,
  CreateClusterRequest,
  CreateClusterResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
} from "@aws-sdk/client-ecs";
import { pending, running } from "./counts.ts";
import { arn, shortName } from "./identifiers.ts";
import type { ClusterState, World } from "./state.ts";

export function clusterOperations(world: World) {
  return {
    CreateCluster(input: CreateClusterRequest): CreateClusterResponse {
      return { cluster: clusterView(createCluster(world, input.clusterName ?? "default", input.tags)) };
    },
    DescribeClusters(input: DescribeClustersRequest): DescribeClustersResponse {
      const asked = input.clusters?.length ? input.clusters : ["default"];
      const found = asked.map((reference) => world.clusters.get(shortName(reference)));
      return {
        clusters: found.filter((one) => one !== undefined).map(clusterView),
        failures: asked
          .filter((_, index) => found[index] === undefined)
          .map((reference) => ({ arn: arn(world, `cluster/${shortName(reference)}`), reason: "MISSING" })),
      };
    },
  };
}

/** Creating a cluster that is there answers the one that is there, as AWS does. */
export function createCluster(world: World, name: string, tags: CreateClusterRequest["tags"] = []): ClusterState {
  const existing = world.clusters.get(name);
  if (existing) return existing;
  const cluster: ClusterState = {
    name,
    arn: arn(world, `cluster/${name}`),
    status: "ACTIVE",
    tags,
    services: new Map(),
    tasks: [],
  };
  world.clusters.set(name, cluster);
  return cluster;
}

function clusterView(cluster: ClusterState): Cluster {
  const services = [...cluster.services.values()];
  const revisions = services.flatMap((service) => service.revisions);
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: revisions.reduce((total, one) => total + running(one), 0),
    pendingTasksCount: revisions.reduce((total, one) => total + pending(one), 0),
    activeServicesCount: services.filter((service) => service.status === "ACTIVE").length,
    statistics: [],
    tags: [...cluster.tags],
    settings: [{ name: "containerInsights", value: "disabled" }],
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
    defaultCapacityProviderStrategy: [],
  };
}

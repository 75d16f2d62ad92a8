// CreateService, DescribeServices, UpdateService, DeleteService, ListServices.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html

import type {
  CreateServiceRequest,
  CreateServiceResponse,
  DeleteServiceRequest,
  DeleteServiceResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServicesRequest,
  ListServicesResponse,
  Service,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from "@aws-sdk/client-ecs";
import type { CallContext } from "../contract.ts";
import { beginDeletion } from "./deletion.ts";
import { clientException, invalidParameter } from "./errors.ts";
import { refusedByExpressMode } from "./express/classic-rules.ts";
import type { ExpressState } from "./express/state.ts";
import { arn, nameOf } from "./identifiers.ts";
import {
  findCluster,
  findService,
  requireActiveService,
  requireService,
  requireTaskDefinition,
} from "./lookup.ts";
import { page } from "./paging.ts";
import { newRevision, newRollout, startRollout } from "./rollouts.ts";
import { refusedService } from "./service-rules.ts";
import {
  mergeConfiguration,
  mergeSettings,
  newConfiguration,
  refusedByController,
  startsDeployment,
  withNetworkDefaults,
} from "./service-update.ts";
import type { EcsState, ServiceState } from "./state.ts";
import { latestRollout } from "./task-counts.ts";
import { serviceView } from "./views.ts";

const maxDescribedServices = 10;

export function serviceOperations(world: EcsState) {
  return {
    CreateService: (input: CreateServiceRequest, context: CallContext) =>
      createService(world, withNetworkDefaults(input), context.principal.arn),
    DescribeServices: (input: DescribeServicesRequest) => describeServices(world, input),
    UpdateService: (input: UpdateServiceRequest) =>
      updateService(world, withNetworkDefaults(input)),
    DeleteService: (input: DeleteServiceRequest) => deleteService(world, input),
    ListServices(input: ListServicesRequest): ListServicesResponse {
      const services = [...findCluster(world, input.cluster).services.values()].filter(
        (one) =>
          one.status === "ACTIVE" &&
          (input.resourceManagementType ?? one.resourceManagementType) ===
            one.resourceManagementType,
      );
      const { items, nextToken } = page(services, input.maxResults ?? 10, input.nextToken);
      return { serviceArns: items.map((one) => one.arn), ...(nextToken ? { nextToken } : {}) };
    },
  };
}

/** @param express of an Express Mode service, which no member of CreateService makes */
export function createService(
  world: EcsState,
  input: CreateServiceRequest,
  createdBy: string,
  express?: ExpressState,
): CreateServiceResponse {
  const {
    cluster: clusterName,
    serviceName: name,
    // A daemon runs one task on each instance, and the cluster here has one.
    desiredCount = input.schedulingStrategy === "DAEMON" ? 1 : 0,
    taskDefinition,
    deploymentConfiguration,
    tags = [],
    clientToken: _token,
    ...asked
  } = input;
  const settings = {
    ...asked,
    availabilityZoneRebalancing: asked.availabilityZoneRebalancing ?? rebalancing(input),
  };
  const cluster = findCluster(world, clusterName);
  if (!name) throw invalidParameter("serviceName cannot be empty.");
  if (!taskDefinition) throw invalidParameter("TaskDefinition cannot be empty.");
  const existing = cluster.services.get(name);
  if (existing && existing.status !== "INACTIVE")
    throw invalidParameter("Creation of service was not idempotent.");
  const definition = requireTaskDefinition(world, taskDefinition);
  const configuration = newConfiguration(deploymentConfiguration);
  const wrong = refusedService(input, { settings, configuration, taskDefinition: definition });
  if (wrong) throw wrong;

  const place = { clusterName: cluster.name, serviceName: name, express };
  const revision = newRevision(world, place, definition, settings);
  const service: ServiceState = {
    name,
    arn: arn(world, `service/${cluster.name}/${name}`),
    cluster,
    createdAt: world.clock.now(),
    createdBy,
    resourceManagementType: express ? "ECS" : "CUSTOMER",
    ...(express ? { express } : {}),
    tags,
    status: "ACTIVE",
    desiredCount,
    settings,
    deploymentConfiguration: configuration,
    events: [],
    revisions: [revision],
    rollouts: [newRollout(world, place, [], revision, configuration)],
    primary: revision,
    isSteady: false,
    throttle: { failures: 0, until: 0 },
  };
  cluster.services.set(name, service);
  world.wake(service, world.timing.firstTick);
  return { service: serviceView(service, world.clock.now()) };
}

/** On for a new service, unless it is of a kind that cannot be rebalanced. */
function rebalancing({
  schedulingStrategy,
  loadBalancers = [],
  deploymentConfiguration,
}: CreateServiceRequest) {
  const behindClassic = loadBalancers.some(
    ({ loadBalancerName }) => loadBalancerName !== undefined,
  );
  const full = (deploymentConfiguration?.maximumPercent ?? 200) <= 100;
  return schedulingStrategy === "DAEMON" || behindClassic || full ? "DISABLED" : "ENABLED";
}

function describeServices(
  world: EcsState,
  input: DescribeServicesRequest,
): DescribeServicesResponse {
  const cluster = findCluster(world, input.cluster);
  const asked = input.services ?? [];
  if (asked.length === 0) throw invalidParameter("Services cannot be empty.");
  if (asked.length > maxDescribedServices)
    throw invalidParameter(`Services must not exceed ${maxDescribedServices} items.`);
  const looked = asked.map((reference) => ({
    reference,
    service: findService(cluster, reference),
  }));
  const withTags = input.include?.includes("TAGS") ?? false;
  return {
    services: looked.flatMap(({ service }) =>
      service ? [readService(world, service, withTags)] : [],
    ),
    failures: looked
      .filter((one) => !one.service)
      .map(({ reference }) => ({
        arn: arn(world, `service/${cluster.name}/${nameOf(reference)}`),
        reason: "MISSING",
      })),
  };
}

/** What a reader gets, which for a while after an update may be the state before it. */
function readService(world: EcsState, service: ServiceState, withTags: boolean): Service {
  const now = world.clock.now();
  const stale =
    service.stale && now < service.stale.until ? (service.stale.view as Service) : undefined;
  return {
    ...(stale ?? serviceView(service, now)),
    ...(withTags ? { tags: [...service.tags] } : {}),
  };
}

function updateService(world: EcsState, input: UpdateServiceRequest): UpdateServiceResponse {
  const service = requireActiveService(world, input.cluster, input.service ?? "");
  const refusal = refusedByController(service.settings.deploymentController?.type ?? "ECS", input);
  if (refusal) throw refusal;
  const ofExpress =
    service.express && refusedByExpressMode(input, world.express.acceptsDeploymentConfiguration);
  if (ofExpress) throw ofExpress;
  const definition = input.taskDefinition
    ? requireTaskDefinition(world, input.taskDefinition)
    : service.primary.taskDefinition;
  const settings = mergeSettings(service.settings, input);
  const configuration = mergeConfiguration(
    service.deploymentConfiguration,
    input.deploymentConfiguration,
  );
  const wrong = refusedService(input, { settings, configuration, taskDefinition: definition });
  if (wrong) throw wrong;
  const now = world.clock.now();
  if (world.delays.describe > 0)
    service.stale = { until: now + world.delays.describe, view: serviceView(service, now) };

  const anew =
    definition !== service.primary.taskDefinition ||
    input.forceNewDeployment ||
    startsDeployment(service.settings, input);
  const known = latestRollout(service)?.arn;
  service.deploymentConfiguration = configuration;
  if (input.desiredCount !== undefined) service.desiredCount = input.desiredCount;
  if (anew) startRollout(world, service, definition, settings);
  else service.settings = settings;
  world.wake(service, world.timing.firstTick);
  // The response's currentServiceDeployment is still the previous one: users of the API had
  // problems with that, so it is simulated.
  return {
    service: {
      ...serviceView(service, now),
      ...(known ? { currentServiceDeployment: known } : {}),
    },
  };
}

function deleteService(world: EcsState, input: DeleteServiceRequest): DeleteServiceResponse {
  const service = requireService(world, input.cluster, input.service ?? "");
  if (service.resourceManagementType === "ECS")
    throw invalidParameter(
      `${service.arn} has ResourceManagementType=ECS use DeleteExpressGatewayService`,
    );
  if (service.status === "INACTIVE") throw clientException("Service was not ACTIVE.");
  if (service.desiredCount > 0 && !input.force)
    throw invalidParameter("The service cannot be stopped while it is scaled above 0.");
  beginDeletion(world, service);
  return { service: serviceView(service, world.clock.now()) };
}

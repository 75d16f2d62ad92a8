// A simulated ECS, its wire operations, and the functions with which a scenario controls it.

import type {
  CreateServiceRequest,
  RegisterTaskDefinitionRequest,
  Service,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { AwsService, CallContext, SimulatorClock, TaskRunner } from "../contract.ts";
import { iamArn } from "../iam/partitions.ts";
import type { Logs } from "../logs/logs.ts";
import { clusterOperations, createCluster } from "./clusters.ts";
import { beginDeletion } from "./deletion.ts";
import { scheduleReconcile } from "./deployment-engine.ts";
import { addEvent } from "./events.ts";
import { type ExpressControls, expressControls, type ServiceReference } from "./express/levers.ts";
import { expressOperations } from "./express/operations.ts";
import { seedExpressService } from "./express/service.ts";
import { createIdentifiers } from "./identifiers.ts";
import { allServices, requireService } from "./lookup.ts";
import { runTaskOperations } from "./run-task.ts";
import { serviceDeploymentOperations } from "./service-deployments.ts";
import { serviceOperations } from "./services.ts";
import type { EcsState, HookAnswer, ServiceState } from "./state.ts";
import { tagOperations } from "./tag-operations.ts";
import type { TaskAccount } from "./task-account.ts";
import { latestRollout, ongoingRollout } from "./task-counts.ts";
import { registerTaskDefinition, taskDefinitionOperations } from "./task-definitions.ts";
import { taskOperations } from "./task-operations.ts";
import { awsTiming, type Timing } from "./timing.ts";
import { serviceView } from "./views.ts";

export interface EcsOptions {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
  readonly runner: TaskRunner;
  /** Image reference → digest, as ECS resolves tags; `undefined` when it cannot. */
  readonly images: { resolve(reference: string): string | undefined };
  readonly logs: Logs;
  readonly account: TaskAccount;
  /** RegisterTaskDefinition accepts anything with the right types, for tests of what is kept. */
  readonly takesAnyTaskDefinition?: boolean;
  /** Overrides of AWS's timing: on the real clock a demo needs shorter waits. */
  readonly timing?: Partial<Timing>;
}

export interface Ecs extends ExpressControls {
  readonly service: AwsService;
  createCluster(name: string): void;
  /** As the operation, but as CloudFormation: tags may begin with `aws:`. */
  registerTaskDefinition(input: RegisterTaskDefinitionRequest): TaskDefinition;
  /** As the CreateService operation; the first deployment then takes its (simulated) time. */
  createService(input: CreateServiceRequest): Service;
  /**
   * An Express Mode service (`resourceManagementType: "ECS"`) with the configuration that AWS gives
   * it. Of the input, cluster, name, count, task definition, subnets, security groups and tags
   * count. Its infrastructure is there, and its first deployment takes its (world) time.
   */
  createExpressService(input: CreateServiceRequest): Service;
  /** The current state, without the delay that readers see. */
  describeService(of: ServiceReference): Service;
  /** The newest deployment has ended and the service is steady. */
  isSteady(of: ServiceReference): boolean;
  /** Autoscaling: changes the desired count without starting a deployment. */
  setDesiredCount(of: ServiceReference, count: number): void;
  /** As `DeleteService` with force: DRAINING, then INACTIVE. */
  deleteService(of: ServiceReference): void;
  /** The service is removed completely, as after a day: readers get MISSING. */
  forgetService(of: ServiceReference): void;
  triggerAlarm(name: string): void;
  clearAlarm(name: string): void;
  /** The results of the Lambda function behind a hook, in this order; the last one is repeated. */
  setHookResults(targetArn: string, ...answers: readonly HookAnswer[]): void;
  /**
   * For this long after an update DescribeServices returns the old state and ListServiceDeployments
   * does not list the new deployment.
   */
  setConsistencyDelay(milliseconds: number): void;
  /** Only DescribeServices, only ListServiceDeployments. */
  setDescribeDelay(milliseconds: number): void;
  setListDelay(milliseconds: number): void;
  /** For this long a new task is MISSING in DescribeTasks. */
  setTaskDelay(milliseconds: number): void;
  /**
   * No capacity for tasks of this family: RunTask answers 200 with the reason in `failures`,
   * services report it in their events. `undefined`: capacity is available again.
   */
  failPlacement(family: string, reason: string | undefined): void;
  /**
   * New tasks of this family stay in PROVISIONING, as if there were no instance or network
   * interface for them.
   */
  holdInProvisioning(family: string): void;
  /** From now on ECS takes this long for its own steps. */
  changeTiming(timing: Partial<Timing>): void;
  /** AWS adds these containers to each task from now on, as GuardDuty and Service Connect do. */
  addContainers(...names: readonly string[]): void;
  /**
   * An event of the service, for instance `operations are being throttled. Will try again later.`
   */
  addEvent(of: ServiceReference, text: string): void;
}

export function createEcs(options: EcsOptions): Ecs {
  const world = createWorld(options);
  const operations = {
    ...clusterOperations(world),
    ...taskDefinitionOperations(world),
    ...serviceOperations(world),
    ...serviceDeploymentOperations(world),
    ...taskOperations(world),
    ...runTaskOperations(world),
    ...tagOperations(world),
    ...expressOperations(world),
  };
  const root: CallContext = {
    principal: { accountId: options.accountId, arn: iamArn(options, "root"), accessKeyId: "test" },
    host: "localhost",
    requestId: "scenario",
  };
  const find = (of: ServiceReference): ServiceState =>
    requireService(world, of.cluster, of.service);
  return {
    service: { operations },
    createCluster: (name) => void createCluster(world, name),
    registerTaskDefinition: (input) =>
      registerTaskDefinition(world, input, root.principal.arn).taskDefinition ?? {},
    createService: (input) => operations.CreateService(input, root).service ?? {},
    createExpressService: (input) => seedExpressService(world, input, root.principal.arn),
    describeService: (of) => serviceView(find(of), world.clock.now()),
    isSteady: (of) => find(of).isSteady && ongoingRollout(find(of)) === undefined,
    ...serviceControls(world, find),
    ...stateControls(world),
    ...expressControls(world, find),
  };
}

function createWorld(options: EcsOptions): EcsState {
  const world: EcsState = {
    clock: options.clock,
    region: options.region,
    accountId: options.accountId,
    runner: options.runner,
    images: options.images,
    logs: options.logs,
    account: options.account,
    takesAnyTaskDefinition: options.takesAnyTaskDefinition ?? false,
    timing: { ...awsTiming, ...options.timing },
    ids: createIdentifiers(`${options.accountId}/${options.region}`),
    clusters: new Map(),
    families: new Map(),
    alarms: new Set(),
    hookAnswers: new Map(),
    runTokens: new Map(),
    express: {
      acceptsDeploymentConfiguration: false,
      deniesLoadBalancers: false,
      roles: { refusal: "assume", until: 0 },
      architectures: new Map(),
    },
    delays: { describe: 0, list: 0, tasks: 0 },
    placementFailures: new Map(),
    heldFamilies: new Set(),
    addedContainers: [],
    wake: (service, delay) => scheduleReconcile(world, service, delay),
  };
  return world;
}

function serviceControls(world: EcsState, find: (of: ServiceReference) => ServiceState) {
  return {
    addEvent: (of: ServiceReference, text: string): void => addEvent(world, find(of), `) ${text}`),
    setDesiredCount(of: ServiceReference, count: number): void {
      const service = find(of);
      service.desiredCount = count;
      world.wake(service, world.timing.reaction);
    },
    deleteService: (of: ServiceReference): void => beginDeletion(world, find(of)),
    forgetService(of: ServiceReference): void {
      const service = find(of);
      service.status = "INACTIVE";
      service.wake?.cancel();
      service.cluster.services.delete(service.name);
    },
  };
}

function stateControls(world: EcsState) {
  const { delays } = world;
  const wakeAll = () => {
    for (const service of allServices(world))
      if (latestRollout(service)) world.wake(service, world.timing.reaction);
  };
  return {
    triggerAlarm(name: string): void {
      world.alarms.add(name);
      wakeAll();
    },
    clearAlarm: (name: string): void => void world.alarms.delete(name),
    setHookResults: (targetArn: string, ...answers: readonly HookAnswer[]): void =>
      void world.hookAnswers.set(targetArn, [...answers]),
    setConsistencyDelay(milliseconds: number): void {
      delays.describe = milliseconds;
      delays.list = milliseconds;
    },
    setDescribeDelay(milliseconds: number): void {
      delays.describe = milliseconds;
    },
    setListDelay(milliseconds: number): void {
      delays.list = milliseconds;
    },
    setTaskDelay(milliseconds: number): void {
      delays.tasks = milliseconds;
    },
    holdInProvisioning: (family: string): void => void world.heldFamilies.add(family),
    changeTiming: (timing: Partial<Timing>): void => void Object.assign(world.timing, timing),
    addContainers: (...names: readonly string[]): void => void world.addedContainers.push(...names),
    failPlacement(family: string, reason: string | undefined): void {
      if (reason === undefined) world.placementFailures.delete(family);
      else world.placementFailures.set(family, reason);
    },
  };
}

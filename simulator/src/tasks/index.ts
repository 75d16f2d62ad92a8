// `ecs-simulator/tasks`: what runs the tasks, scripted or in real containers.

// biome-ignore-all lint/performance/noBarrelFile: the public face of the package, one file per entry of its "exports"

export type { LaunchedContainer, TaskLaunch, TaskStop } from "../contract.ts";
export {
  type ContainerRunner,
  type ContainerRunnerOptions,
  containerRunner,
} from "./container-runner.ts";
export { Docker } from "./docker.ts";
export { type RegistryCredentials, withRegistryLogin } from "./registry-login.ts";
export {
  type Behaviour,
  blockedBy,
  exitsWith,
  failsTargetChecks,
  failsToStart,
  healthNeverReported,
  healthyAfter,
  hostImpaired,
  hostTerminated,
  neverHealthy,
  outOfMemory,
  pullFails,
  runs,
  type ScriptedOptions,
  scriptedRunner,
  sidecarExits,
} from "./scripted-runner.ts";

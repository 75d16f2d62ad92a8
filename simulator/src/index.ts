// `ecs-simulator`: the simulated account, and the two ways to reach it (HTTP, or the SDK's request
// handler). Time is in `ecs-simulator/clock`, tasks are in `ecs-simulator/tasks`, roles and ARNs in
// `ecs-simulator/iam`. What these four do not export is internal.

// biome-ignore-all lint/performance/noBarrelFile: the public face of the package, one file per entry of its "exports"

export type {
  CallContext,
  Fault,
  RecordedCall,
  SimulatorClock,
  WireResponse,
} from "./contract.ts";
export type { ScanStep } from "./ecr/scans.ts";
export { awsTiming, type Timing } from "./ecs/timing.ts";
export { type LoadBalancer, openLoadBalancer } from "./load-balancer/load-balancer.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
export { type HttpServer, serve } from "./wire/http.ts";
export { type SdkRequestHandler, sdkRequestHandler } from "./wire/sdk-handler.ts";
export { type Bucket, ecsBuckets } from "./wire/throttling.ts";
export type { Wire } from "./wire/wire.ts";

// `ecs-simulator/iam`: roles of the simulated account, and the names that depend on account and
// region.

// biome-ignore-all lint/performance/noBarrelFile: the public face of the package, one file per entry of its "exports"

export { githubIssuer } from "../oidc/oidc.ts";
export { putDeployRole } from "./deploy-role.ts";
export { type AccountRegion, iamArn, partitionOf, registryHostOf } from "./partitions.ts";
export type { PolicyDocument, PolicyStatement } from "./policy.ts";
export { putTaskRole } from "./task-role.ts";

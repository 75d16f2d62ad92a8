// What a scenario can do to Express Mode services that no AWS client could.

import { AwsError } from "../../contract.ts";
import { sessionArn } from "../../iam/iam.ts";
import { clientException, invalidParameter } from "../errors.ts";
import { allServices } from "../lookup.ts";
import type { EcsState, ServiceState } from "../state.ts";
import { watchAlarm } from "./alarm.ts";
import type { Target } from "./probes.ts";
import { type ExpressRoute, routeRequest } from "./routing.ts";
import type { ExpressState } from "./state.ts";

/** A service by name or ARN; without a cluster, `default`. */
export interface ServiceReference {
  readonly cluster?: string;
  readonly service: string;
}

export interface ExpressControls {
  /** UpdateService takes a deploymentConfiguration for Express Mode services; refused by default. */
  acceptExpressDeploymentConfiguration(): void;
  /**
   * Services that are created from now on get no load balancer: ECS's one attempt is denied, and
   * nothing tries again. As with an infrastructure role that may not
   * `ec2:DescribeAccountAttributes`, which has the same effect.
   */
  denyLoadBalancers(): void;
  /** Whoever was denied stays so. */
  allowLoadBalancers(): void;
  /** For so long CreateExpressGatewayService is refused: its roles are too new. Nothing is made. */
  refuseRoles(milliseconds: number, refusal?: RoleRefusal): void;
  /** The rule sends traffic to both target groups: deployments are rolled back as they start. */
  splitTraffic(of: ServiceReference): void;
  /** `elbv2 modify-rule`: all weight on the target group that has tasks. */
  mendTraffic(of: ServiceReference): void;
  /**
   * So many percent of the requests to tasks of this revision (`family:revision`) are answered with
   * 4XX or 5XX: more than 1 % in two minutes of three, and RollbackAlarm goes into ALARM.
   */
  setErrorRate(of: ServiceReference, taskDefinition: string, percent: number): void;
  /** Where the next request goes; undefined: no healthy target is there for it. */
  routeRequest(of: ServiceReference): ExpressRoute | undefined;
  /**
   * Tasks that have an address become healthy by their own answers to the health check path, no
   * longer by time.
   */
  checkTargets(probe: (target: Target) => Promise<boolean>): void;
  /** The service that has this endpoint. */
  serviceAt(host: string): ServiceReference | undefined;
  /** New revisions with this family, or `family:revision`, run on another architecture. */
  overrideArchitecture(taskDefinition: string, architecture: "X86_64" | "ARM64"): void;
}

/**
 * `assume`: a role that cannot be assumed; `sts`: IAM's sentence for it; `credentials`: those of
 * the new role are not known everywhere; `service-linked`: a new account.
 */
export type RoleRefusal = "assume" | "sts" | "credentials" | "service-linked";

/** As Terraform's provider and published scripts retry them. */
export function roleRefusal(world: EcsState, roleArn: string): AwsError | undefined {
  const { refusal, until } = world.express.roles;
  if (world.clock.now() >= until) return undefined;
  return roleErrors[refusal](roleArn);
}

const roleErrors: Readonly<Record<RoleRefusal, (roleArn: string) => AwsError>> = {
  assume: (roleArn) => new AwsError("AccessDeniedException", `Cannot assume role ${roleArn}`),
  sts: (roleArn) =>
    new AwsError(
      "AccessDeniedException",
      `User: ${sessionArn(roleArn, "ECSGateway")} is not authorized to perform: sts:AssumeRole ` +
        `on resource: ${roleArn}`,
    ),
  credentials: () =>
    clientException("AWS was not able to validate the provided access credentials"),
  "service-linked": () =>
    invalidParameter(
      "Unable to assume the service linked role. Please verify that the ECS service linked " +
        "role exists.",
    ),
};

export function expressControls(
  world: EcsState,
  find: (of: ServiceReference) => ServiceState,
): ExpressControls {
  const levers = world.express;
  const expressOf = (of: ServiceReference): ExpressState => {
    const { express, name } = find(of);
    if (!express) throw new Error(`${name} is not an Express Mode service`);
    return express;
  };
  return {
    acceptExpressDeploymentConfiguration(): void {
      levers.acceptsDeploymentConfiguration = true;
    },
    denyLoadBalancers(): void {
      levers.deniesLoadBalancers = true;
    },
    allowLoadBalancers(): void {
      levers.deniesLoadBalancers = false;
    },
    refuseRoles(milliseconds, refusal = "assume"): void {
      levers.roles = { refusal, until: world.clock.now() + milliseconds };
    },
    splitTraffic(of): void {
      expressOf(of).isSplit = true;
    },
    mendTraffic(of): void {
      expressOf(of).isSplit = false;
    },
    setErrorRate(of, taskDefinition, percent): void {
      expressOf(of).errors.set(taskDefinition, percent);
      watchAlarm(world, find(of));
    },
    routeRequest: (of) => routeRequest(world, find(of)),
    checkTargets(probe): void {
      levers.probe = probe;
    },
    serviceAt(host) {
      const at = allServices(world).find(({ express }) => express?.endpoint === host);
      return at && { cluster: at.cluster.name, service: at.name };
    },
    overrideArchitecture: (taskDefinition, architecture) =>
      void levers.architectures.set(taskDefinition, architecture),
  };
}

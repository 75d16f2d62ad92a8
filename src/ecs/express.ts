// ECS Express Mode: services whose load balancer, certificate, scaling and alarms ECS manages.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-overview.html

import { type JsonObject, stringOf } from "../json.ts";

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html */
export function isExpressService({ raw }: { readonly raw: JsonObject }): boolean {
  return stringOf(raw.resourceManagementType) === "ECS";
}

/** One resource that ECS manages for the service. */
export interface ManagedResource {
  /** `load balancer`, `target group` …, for people. */
  readonly kind: string;
  /** Absent: ECS has not created it yet. */
  readonly arn: string | undefined;
  /** PROVISIONING, ACTIVE, DEPROVISIONING, DELETED, FAILED. */
  readonly status: string;
  readonly reason: string | undefined;
}

/** What ECS manages for one service revision, `ecsManagedResources`. */
export interface ExpressInfrastructure {
  /** `https://…`, in ECS's order; empty while there is none. */
  readonly urls: readonly string[];
  readonly resources: readonly ManagedResource[];
}

/** Resources that the service lacks: still being created, or failed. */
export function pendingResources({ resources }: ExpressInfrastructure): readonly ManagedResource[] {
  return resources.filter(({ status }) => status !== "ACTIVE" && !isRemoved(status));
}

/** ECS removes what an earlier revision needed: nothing to wait for. */
function isRemoved(status: string): boolean {
  return status === "DEPROVISIONING" || status === "DELETED";
}

/** ECS answers with a bare host, or with the scheme: both were seen. */
export function toUrl(endpoint: string): string {
  if (/^https?:\/\//.test(endpoint)) return endpoint;
  return `https://${endpoint}`;
}

/** `load balancer: PROVISIONING (reason)`. */
export function describeResource({ kind, status, reason }: ManagedResource): string {
  if (reason === undefined || reason === "") return `${kind}: ${status}`;
  return `${kind}: ${status} (${reason})`;
}

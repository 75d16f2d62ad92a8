// CreateExpressGatewayService, UpdateExpressGatewayService, DescribeExpressGatewayService,
// DeleteExpressGatewayService.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html

import type {
  DeleteExpressGatewayServiceRequest,
  DeleteExpressGatewayServiceResponse,
  DescribeExpressGatewayServiceRequest,
  DescribeExpressGatewayServiceResponse,
} from "@aws-sdk/client-ecs";
import { AwsError, type CallContext } from "../../contract.ts";
import { beginDeletion } from "../deletion.ts";
import { invalidParameter, serviceNotFound } from "../errors.ts";
import { allServices } from "../lookup.ts";
import type { EcsState, ServiceState } from "../state.ts";
import { type CreateInput, createExpress } from "./create.ts";
import { refusedByStatus } from "./rules.ts";
import { type UpdateInput, updateExpress } from "./update.ts";
import { createdView, describedView, type ExpressService, updatedView } from "./views.ts";

export function expressOperations(world: EcsState) {
  return {
    CreateExpressGatewayService: (input: CreateInput, context: CallContext) => ({
      service: createdView(createExpress(world, input, context.principal.arn)),
    }),
    UpdateExpressGatewayService(input: UpdateInput, context: CallContext) {
      const service = requireExpress(world, input.serviceArn, serviceNotFound());
      const target = updateExpress(world, service, input, context.principal.arn);
      return { service: updatedView(service, target) };
    },
    DescribeExpressGatewayService: (input: DescribeExpressGatewayServiceRequest) =>
      describe(world, input),
    DeleteExpressGatewayService: (input: DeleteExpressGatewayServiceRequest) =>
      remove(world, input),
  };
}

function describe(
  world: EcsState,
  { serviceArn, include = [] }: DescribeExpressGatewayServiceRequest,
): DescribeExpressGatewayServiceResponse {
  const missing = new AwsError("ResourceNotFoundException", "Resource not found");
  const service = requireExpress(world, serviceArn, missing);
  return { service: describedView(service, world.clock.now(), include.includes("TAGS")) };
}

function remove(
  world: EcsState,
  { serviceArn }: DeleteExpressGatewayServiceRequest,
): DeleteExpressGatewayServiceResponse {
  // As Terraform's provider knows it.
  const service = requireExpress(world, serviceArn, invalidParameter("Resource not found"));
  const refusal = refusedByStatus(service);
  if (refusal) throw refusal;
  beginDeletion(world, service);
  service.express.updatedAt = world.clock.now();
  return { service: createdView(service) };
}

/** By ARN alone: these operations know neither names nor a `cluster`. */
function requireExpress(
  world: EcsState,
  serviceArn: string | undefined,
  missing: AwsError,
): ExpressService {
  if (!/^arn:[^:]+:ecs:[^:]*:[^:]*:service\//.test(serviceArn ?? ""))
    throw invalidParameter("serviceArn must be the ARN of a service."); // ours
  const found = allServices(world).find(({ arn }) => arn === serviceArn);
  if (!found) throw missing;
  if (!isExpress(found)) throw invalidParameter(`${found.arn} is not an Express Mode service.`); // ours
  return found;
}

const isExpress = (service: ServiceState): service is ExpressService =>
  service.express !== undefined;

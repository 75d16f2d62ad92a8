// What a service that is not complete lacks, in words, PURE.

import { describeResource, type ManagedResource } from "../ecs/express.ts";

export function describePending(pending: readonly ManagedResource[]): string {
  return (
    "ECS has not created everything that the Express Mode service needs: " +
    `${pending.map(describeResource).join(", ")}.`
  );
}

export const infrastructureRemedy =
  "Check that the infrastructure role has the managed policy " +
  "AmazonECSInfrastructureRoleforExpressGatewayServices and ec2:DescribeAccountAttributes, and " +
  "that its trust policy names ecs.amazonaws.com. ECS does not try again by itself: correct the " +
  "role, delete the service (`aws ecs delete-express-gateway-service`) and create it again. Its " +
  "URL will be a different one.";

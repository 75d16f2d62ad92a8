// ECS Express Mode's own operations, one function a call: raw JSON in and out, so that newer members
// survive.

import {
  CreateExpressGatewayServiceCommand,
  DeleteExpressGatewayServiceCommand,
  DescribeExpressGatewayServiceCommand,
  type ECSClient,
} from "@aws-sdk/client-ecs";
import { type JsonObject, objectOf, stringOf } from "../json.ts";
import { isAwsError } from "./aws-errors.ts";
import type { Call, CallOptions } from "./call.ts";
import { sendRawJson } from "./raw-json.ts";
import { requireMember, requireSameResource } from "./validate-response.ts";

export function expressCalls(client: ECSClient, call: Call) {
  return {
    /**
     * Creates the service and everything that it needs. There is no token: sent again after a lost
     * answer, it is refused, because the name is taken.
     * @returns the ARN of the service
     */
    async createExpressService(input: JsonObject, options?: CallOptions): Promise<string> {
      return await call(
        "ecs:CreateExpressGatewayService",
        async (signal) => {
          const command = new CreateExpressGatewayServiceCommand({ infrastructureRoleArn: "" });
          const answer = await sendRawJson(client, command, input, signal);
          const arn = stringOf(objectOf(answer.service).serviceArn) ?? "";
          requireMember(arn, "service.serviceArn");
          return arn;
        },
        options,
      );
    },

    /** With its tags; undefined: ECS does not know the service. */
    async describeExpressService(
      serviceArn: string,
      options?: CallOptions,
    ): Promise<JsonObject | undefined> {
      const input = { serviceArn, include: ["TAGS" as const] };
      try {
        return await call(
          "ecs:DescribeExpressGatewayService",
          async (signal) => {
            const command = new DescribeExpressGatewayServiceCommand(input);
            const answer = await sendRawJson(client, command, input, signal);
            const service = objectOf(answer.service);
            requireSameResource(serviceArn, stringOf(service.serviceArn));
            return service;
          },
          options,
        );
      } catch (error) {
        if (isUnknownService(error)) return undefined;
        throw error;
      }
    },

    /** @returns false: ECS does not know the service, or is deleting it already */
    async deleteExpressService(serviceArn: string, options?: CallOptions): Promise<boolean> {
      const input = { serviceArn };
      try {
        await call(
          "ecs:DeleteExpressGatewayService",
          async (signal) => {
            const command = new DeleteExpressGatewayServiceCommand(input);
            const answer = await sendRawJson(client, command, input, signal);
            requireSameResource(serviceArn, stringOf(objectOf(answer.service).serviceArn));
          },
          options,
        );
        return true;
      } catch (error) {
        if (isUnknownService(error) || isAwsError(error, "ServiceNotActiveException")) return false;
        throw error;
      }
    },
  };
}

/** Long after a deletion ECS answers InvalidParameterException `Resource not found`. */
function isUnknownService(error: unknown): boolean {
  if (isAwsError(error, "ResourceNotFoundException", "ServiceNotFoundException")) return true;
  return (
    isAwsError(error, "InvalidParameterException") && /resource not found/i.test(String(error))
  );
}

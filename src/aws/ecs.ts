// ECS, one function per call: raw JSON in, the types of ecs/ out. The calls that start a deployment
// are here; the rest is in files of its own.

import {
  type ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import type { ObservedService, ObservedTaskDefinition } from "../ecs/observed.ts";
import { type JsonObject, objectOf, stringOf } from "../json.ts";
import type { Call, CallOptions } from "./call.ts";
import { deploymentCalls, hookCalls, revisionCalls } from "./ecs-deployments.ts";
import { describeCalls } from "./ecs-describe.ts";
import { expressCalls } from "./ecs-express.ts";
import { toObservedService, toObservedTaskDefinition } from "./ecs-responses.ts";
import { oneOffTaskCalls, serviceTaskCalls } from "./ecs-tasks.ts";
import type { Pace } from "./pace.ts";
import { sendRawJson } from "./raw-json.ts";
import { requireAllReturned, requireSameRevision } from "./validate-response.ts";

export type Ecs = ReturnType<typeof createEcs>;

/** @param pace undefined: `awaitUpdateTurn` does not wait */
export function createEcs(client: ECSClient, call: Call, pace?: Pace) {
  return {
    ...describeCalls(client, call),
    ...deployCalls(client, call, pace),
    ...serviceTaskCalls(client, call),
    ...oneOffTaskCalls(client, call),
    ...deploymentCalls(client, call),
    ...revisionCalls(client, call),
    ...hookCalls(client, call),
    ...expressCalls(client, call),
  };
}

function deployCalls(client: ECSClient, call: Call, pace: Pace | undefined) {
  return {
    /**
     * Waits until one UpdateService may be sent: then call `updateService` with `hasTurn`. A
     * cancel before that is known not to have changed anything.
     */
    async awaitUpdateTurn(signal: AbortSignal): Promise<void> {
      await pace?.turn("ecs:UpdateService", signal);
    },

    /**
     * The service in the response to the update; its PRIMARY deployment is ours if its id is new.
     */
    async updateService(input: JsonObject, options?: CallOptions): Promise<ObservedService> {
      const service = stringOf(input.service) ?? "";
      return await call(
        "ecs:UpdateService",
        async (signal) => {
          const answer = await sendRawJson(
            client,
            new UpdateServiceCommand({ service }),
            input,
            signal,
          );
          const updated = toObservedService(objectOf(answer.service));
          requireAllReturned([service], [updated.name, updated.arn]);
          return updated;
        },
        options,
      );
    },

    /**
     * Sends the whole `input`, also members that our SDK does not know. Two calls make two
     * revisions: the API has no idempotency token.
     */
    async registerTaskDefinition(input: JsonObject): Promise<ObservedTaskDefinition> {
      const family = stringOf(input.family) ?? "";
      return await call("ecs:RegisterTaskDefinition", async (signal) => {
        const command = new RegisterTaskDefinitionCommand({ family, containerDefinitions: [] });
        const revision = toObservedTaskDefinition(
          await sendRawJson(client, command, input, signal),
        );
        requireSameRevision(family, revision.arn);
        return revision;
      });
    },
  };
}

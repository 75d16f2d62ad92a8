// ECS for the post step: what has become of a deployment, and the request to roll it back. It can start none.

import { ECSClient } from "@aws-sdk/client-ecs";
import { type AwsSurroundings, authenticate, type SignInInputs } from "./authenticate.ts";
import { deploymentCalls, revisionCalls } from "./ecs-deployments.ts";
import { readingCalls } from "./ecs-describe.ts";

export type PostEcs = Awaited<ReturnType<typeof signInForPost>>;

/** @throws DeployError what `authenticate` throws */
export async function signInForPost(inputs: SignInInputs, surroundings: AwsSurroundings) {
  const { configuration, call } = await authenticate(inputs, surroundings);
  const client = new ECSClient(configuration);
  return {
    ...readingCalls(client, call),
    ...deploymentCalls(client, call),
    ...revisionCalls(client, call),
  };
}

// ECS for the post step: reads the state of a deployment, and requests a rollback. It cannot start
// a deployment.

import { ECSClient } from "@aws-sdk/client-ecs";
import { type AuthenticationInputs, type AwsPorts, authenticate } from "./authenticate.ts";
import { deploymentCalls, revisionCalls } from "./ecs-deployments.ts";
import { describeCalls } from "./ecs-describe.ts";
import { notingResponses } from "./response-facts.ts";

export type PostEcs = Awaited<ReturnType<typeof openPostSession>>;

/** @throws DeployError what `authenticate` throws */
export async function openPostSession(inputs: AuthenticationInputs, ports: AwsPorts) {
  const { configuration, call } = await authenticate(inputs, ports);
  const client = notingResponses(new ECSClient(configuration));
  return {
    ...describeCalls(client, call),
    ...deploymentCalls(client, call),
    ...revisionCalls(client, call),
  };
}

// Where previews are, and the calls that see and change them.

import type { Ecs } from "../aws/ecs.ts";
import type { PreviewCalls } from "../aws/ecs-preview.ts";
import { previewCalls } from "../aws/ecs-preview.ts";
import { openAwsSession } from "../aws/session.ts";
import { parseArn, resourceId } from "../ecs/arn.ts";
import type { PreviewInputs } from "../inputs/preview-inputs.ts";
import { requestedServices } from "../inputs/requested-services.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { PreviewFamily } from "./tags.ts";

export interface PreviewSession {
  readonly family: PreviewFamily;
  /** Name of the cluster of pattern and previews. */
  readonly cluster: string;
  readonly arnOf: (service: string) => string;
  readonly calls: PreviewCalls & Pick<Ecs, "describeExpressService" | "deleteExpressService">;
}

/** @throws DeployError what `authenticate` throws */
export async function openPreviewSession(
  inputs: PreviewInputs,
  repository: string,
  runtime: Runtime,
): Promise<PreviewSession> {
  const aws = await openAwsSession(inputs, runtime);
  const [pattern = { cluster: "", name: "" }] = requestedServices(inputs);
  const cluster = resourceId(pattern.cluster);
  const { accountId, arn } = aws.identity;
  const partition = parseArn(arn)?.partition ?? "aws";
  const place = `arn:${partition}:ecs:${inputs.awsRegion}:${accountId}`;
  return {
    family: { pattern: pattern.name, repository },
    cluster,
    arnOf: (service) => `${place}:service/${cluster}/${service}`,
    calls: { ...aws.ecs, ...aws.ecsWith(previewCalls) },
  };
}

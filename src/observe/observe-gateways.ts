// Reads whether a gateway sends traffic to the services: only their revisions show it.

import type { AwsSession } from "../aws/session.ts";
import type { Observed } from "../plan/observed.ts";
import { mayHaveGateway } from "../plan/service/traffic.ts";
import type { Draft } from "../plan/task-definition/draft.ts";
import { currentRevisionArns, lookupOptions, tryLookup } from "./observe-services.ts";

/** Only of services whose tasks nothing else checks, as far as is known. */
export async function observeGateways(
  revisions: readonly Pick<Draft, "service" | "definition">[],
  ecs: Pick<AwsSession["ecs"], "describeServiceRevisions">,
): Promise<Observed["gateways"]> {
  const unknown = revisions.filter(({ service, definition }) =>
    mayHaveGateway(service, definition),
  );
  const reads = unknown.map(async ({ service }) => {
    const arns = currentRevisionArns(service);
    const read = () => ecs.describeServiceRevisions(arns, lookupOptions);
    const lookup = await tryLookup(async () =>
      (await read()).some(({ hasGateway = false }) => hasGateway),
    );
    return [service.arn, lookup] as const;
  });
  return Object.fromEntries(await Promise.all(reads));
}

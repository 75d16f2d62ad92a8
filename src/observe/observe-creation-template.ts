// Reads whether ECR creates the missing repository on push. Imported on demand.

import { createTemplateCalls } from "../aws/ecr-templates.ts";
import type { AwsSession } from "../aws/session.ts";
import { parseArn } from "../ecs/arn.ts";
import type { Lookup, ObservedRepository } from "../ecs/observed.ts";
import { templateOnPush } from "../plan/image/creation-template.ts";
import { lookupOptions, tryLookup } from "./observe-services.ts";

/** The repository as its template describes it; undefined: no template creates it on push. */
export function observeCreationTemplate(
  name: string,
  region: string,
  { ecr, identity, serviceWith }: Pick<AwsSession, "ecr" | "identity" | "serviceWith">,
): Promise<Lookup<ObservedRepository | undefined>> {
  return tryLookup(async () => {
    const calls = serviceWith(createTemplateCalls);
    const template = templateOnPush(name, await calls.describeCreationTemplates(lookupOptions));
    if (!template) return undefined;
    const { tagMutability, mutabilityExclusions } = template;
    const { host } = await ecr.getRegistryPassword();
    const partition = parseArn(identity.arn)?.partition ?? "";
    return {
      name,
      uri: `${host}/${name}`,
      arn: `arn:${partition}:ecr:${region}:${identity.accountId}:repository/${name}`,
      tagMutability,
      mutabilityExclusions,
      isCreatedOnPush: true,
    };
  });
}

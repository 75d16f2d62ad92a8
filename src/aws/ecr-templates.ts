// ECR's repository creation templates. Imported on demand: only if a repository does not exist.

import {
  DescribeRepositoryCreationTemplatesCommand,
  ECRClient,
  type ECRClientConfig,
} from "@aws-sdk/client-ecr";
import type { CreationTemplate } from "../ecs/observed.ts";
import type { Call, CallOptions } from "./call.ts";
import { notingResponses } from "./response-facts.ts";
import { requireList } from "./validate-response.ts";

export function createTemplateCalls(configuration: ECRClientConfig, call: Call) {
  const client = notingResponses(new ECRClient(configuration));
  return {
    /** All of the registry. */
    async describeCreationTemplates(options?: CallOptions): Promise<readonly CreationTemplate[]> {
      const found: CreationTemplate[] = [];
      let nextToken: string | undefined;
      do {
        const command = new DescribeRepositoryCreationTemplatesCommand({ nextToken });
        const page = await call(
          "ecr:DescribeRepositoryCreationTemplates",
          async (abortSignal) => {
            const answer = await client.send(command, { abortSignal });
            requireList(answer.repositoryCreationTemplates, "repositoryCreationTemplates");
            return answer;
          },
          options,
        );
        const templates = page.repositoryCreationTemplates ?? [];
        found.push(
          ...templates.map((template) => ({
            prefix: template.prefix ?? "",
            appliedFor: template.appliedFor ?? [],
            tagMutability: template.imageTagMutability ?? "MUTABLE",
            mutabilityExclusions: (template.imageTagMutabilityExclusionFilters ?? []).map(
              ({ filter }) => filter ?? "",
            ),
          })),
        );
        nextToken = page.nextToken;
      } while (nextToken);
      return found;
    },
  };
}

// What the deploy role of a Terraform run may do: exactly what the table of permissions says for the step's inputs.

import type { Simulator } from "ecs-simulator";
import { partitionOf } from "../../src/aws/partitions.ts";
import { readInputs } from "../../src/inputs/read.ts";
import { type FeatureName, featuresFor } from "../../src/permissions/permissions.ts";
import { type PolicyStatement, statementsFor } from "../../tools/docs/deploy-policy.ts";
import { state } from "../rig/terraform-stand-in.ts";

/** `isNew`: the service does not exist yet, which no input shows. */
export async function featuresOf(
  inputs: Readonly<Record<string, string>>,
  isNew: boolean,
): Promise<readonly FeatureName[]> {
  const read = await readInputs({
    environment: {},
    get: (name) => inputs[name] ?? "",
    kindOf: (path) => (path.endsWith(".tf") ? "file" : "folder"),
    hostExists: async () => true,
    partitionOf,
    readText: () => undefined,
  });
  // The root's default tags are on the task definition, and a task inherits them.
  const inherited = read.preDeployCommand === undefined ? [] : (["taskTags"] as const);
  return [...featuresFor(read), ...inherited, ...(isNew ? (["terraformCreate"] as const) : [])];
}

export function statementsOf(
  features: readonly FeatureName[],
  { region, accountId }: Pick<Simulator, "region" | "accountId">,
): readonly PolicyStatement[] {
  return statementsFor(features, {
    ...{ REGION: region, ACCOUNT: accountId, CLUSTER: "clockko", SERVICE: "clockko-backend" },
    ...{
      FAMILY: "clockko-backend",
      REPOSITORY: "clockko-backend",
      LOG_GROUP: "/ecs/clockko-backend",
    },
    ...{ TASK_ROLE: "clockko-backend-task", EXECUTION_ROLE: "clockko-backend-execution" },
    ...{ STATE_BUCKET: state.bucket, STATE_KEY: state.key },
  });
}

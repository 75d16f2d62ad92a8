// Clockko's service as Terraform moves it: the core is the real one, the root stands in for the AWS provider (stand-in.ts).

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { ClockkoAccount } from "../../__tests__/rig/clockko-account.ts";
import {
  backendConfig,
  putStandIn,
  standInGuard,
  state,
} from "../../__tests__/rig/terraform-stand-in.ts";
import type { Way } from "./clockko-scenes.ts";

const directory = "backend/infra/service";

/** There is no service at first: Terraform creates it with the first version. */
export const withTerraform: Way = {
  async prepare(account) {
    account.simulator.s3.createBucket(state.bucket);
    await putRoot(account, account.secretArn);
  },
  inputs: ({ simulator }) => ({
    "terraform-directory": directory,
    "terraform-backend-config": backendConfig(simulator.region),
    "terraform-guard": standInGuard,
  }),
  async useSecret(account, arn) {
    await putRoot(account, arn);
    return {};
  },
};

export function terraformInstalled(): boolean {
  return ["terraform", "aws"].every((program) => spawnSync(program, ["--version"]).status === 0);
}

function putRoot(
  { simulator, registry, roles, workspace }: ClockkoAccount,
  secretArn: string,
): Promise<void> {
  return putStandIn(join(workspace, directory), {
    ...{
      account_id: simulator.accountId,
      region: simulator.region,
      project: "clockko",
      desired_count: 1,
    },
    ecr_repository_url: `${registry}/clockko-backend`,
    execution_role_arn: roles.execution,
    task_role_arn: roles.task,
    database_secret_arn: secretArn,
    cpu_architecture: process.arch === "arm64" ? "ARM64" : "X86_64",
  });
}

// The Terraform root of examples/clockko, for a machine that has no AWS provider: simulator/terraform with the root's own variables.

import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const service = join(root, "examples/clockko/backend/infra/service");
const standIn = join(root, "simulator/terraform");

/** What the root `bootstrap` would have written into bootstrap.auto.tfvars.json. */
export interface BootstrapValues {
  readonly account_id: string;
  readonly region: string;
  readonly project: string;
  readonly ecr_repository_url: string;
  readonly execution_role_arn: string;
  readonly task_role_arn: string;
  readonly database_secret_arn: string;
  readonly cpu_architecture: "X86_64" | "ARM64";
  readonly desired_count: number;
}

/** The account's network, of which the simulator knows nothing but the ids that it is given. */
export const network = {
  private_subnet_ids: ["subnet-1", "subnet-2"],
  service_security_group_id: "sg-1",
};

/** Guard for it: what the provider updates in place, the stand-in can only replace. */
export const standInGuard = "terraform_data.*";

/** Where the state lives: a bucket of the account, as `bootstrap` names it, and the key of backend.tf. */
export const state = { bucket: "clockko-terraform-state", key: "service/terraform.tfstate" };

/** What terraform-backend-config says of it. The simulator knows no host name for each bucket. */
export function backendConfig(region: string): string {
  return `bucket=${state.bucket}\nregion=${region}\nuse_path_style=true`;
}

/** The root in a folder of its own. */
export async function putStandIn(folder: string, values: BootstrapValues): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of ["variables.tf", "locals.tf"])
    await cp(join(service, file), join(folder, file));
  await cp(standIn, folder, { recursive: true });
  await chmod(join(folder, "as-the-provider"), 0o755);
  await writeFile(
    join(folder, "bootstrap.auto.tfvars.json"),
    JSON.stringify({ ...values, ...network }),
  );
}

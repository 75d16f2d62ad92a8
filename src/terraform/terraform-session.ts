// Prepares Terraform before anything is built: finds the binary, checks that the root declares the
// image variable, and runs init.

import { rm } from "node:fs/promises";
import { DeployError } from "../errors.ts";
import { InputProblem } from "../inputs/parsers.ts";
import { clusterProblems } from "../inputs/requested-services.ts";
import type { Inputs } from "../inputs/schema.ts";
import { clusterName, serviceNames } from "../inputs/service-names.ts";
import { stringOf } from "../json.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { makePrivateFolder } from "../runtime/private-folder.ts";
import { findTerraform, type Terraform, type TerraformInputs, type TerraformPorts } from "./cli.ts";
import { undeclaredVariableProblem } from "./plan-checks.ts";

export interface TerraformSession {
  readonly terraform: Terraform;
  readonly directory: string;
  readonly folder: string;
  /** Cluster and services: from the inputs, otherwise from the root's outputs. */
  readonly target: Pick<Inputs, "cluster" | "service">;
  /**
   * Removes plans and logs. A Terraform that is still running needs them: then the post step
   * removes them.
   */
  readonly close: () => Promise<void>;
}

interface OpenTerraformPorts extends Omit<TerraformPorts, "folder"> {
  readonly temporaryFolder: string;
  readonly reporter: Reporter;
}

/** @throws DeployError `TerraformMissing`, `TerraformVariableIgnored`, `TerraformFailed` */
export async function openTerraform(
  inputs: TerraformInputs & TerraformSession["target"],
  ports: OpenTerraformPorts,
): Promise<TerraformSession> {
  const { terraformDirectory: directory, terraformImageVariable: variable } = inputs;
  const onCreate = (folder: string) => ports.postState.terraform({ folder, directory });
  const folder = await makePrivateFolder(ports.temporaryFolder, "terraform", onCreate);
  const close = async () => {
    if (ports.signal.aborted) return;
    try {
      await rm(folder, { recursive: true, force: true });
      ports.postState.terraform(undefined);
    } catch {
      // The post step tries again and reports it: a folder must not fail a successful deployment.
    }
  };
  try {
    const terraform = await findTerraform(inputs, { ...ports, folder });
    if (!(await terraform.declares(variable)))
      throw new DeployError(undeclaredVariableProblem(variable, directory));
    await terraform.init();
    return { terraform, directory, folder, close, target: await findTarget(inputs, terraform) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws DeployError `InvalidInput` */
async function findTarget(
  given: TerraformSession["target"],
  terraform: Terraform,
): Promise<TerraformSession["target"]> {
  const isService = given.service.length > 0;
  const withoutCluster = given.service.filter(({ cluster }) => cluster === undefined);
  if (isService && (given.cluster !== "" || withoutCluster.length === 0)) return given;
  const { cluster_name: clusterOutput, service_name: serviceOutput } = await terraform.outputs();
  const place = {
    cluster:
      given.cluster ||
      parseOutput(
        "cluster_name",
        stringOf(clusterOutput) ?? "",
        (name) => name && clusterName(name),
      ),
    service: isService
      ? given.service
      : parseOutput("service_name", stringOf(serviceOutput) ?? "", serviceNames),
  };
  const clusterErrors = clusterProblems(place);
  const missing = [
    place.cluster === "" && clusterErrors.length > 0 && "cluster",
    place.service.length === 0 && "service",
  ].filter(Boolean);
  const outputs = missing.map((name) => `${name}_name`).join(" and ");
  if (missing.length > 0)
    throw invalidTarget(
      `Input ${missing.join(" and ")}: not set, and the Terraform root has no output ${outputs}.`,
    );
  if (clusterErrors.length > 0) throw invalidTarget(`Input cluster: ${clusterErrors.join("; ")}`);
  return place;
}

/** An output may hold anything: it is parsed like the input that it replaces. */
function parseOutput<Value>(output: string, value: string, parse: (given: string) => Value): Value {
  try {
    return parse(value.trim());
  } catch (problem) {
    if (!(problem instanceof InputProblem)) throw problem;
    throw invalidTarget(`Output ${output} of the Terraform root: ${problem.message}`);
  }
}

function invalidTarget(message: string): DeployError {
  return new DeployError({
    code: "InvalidInput",
    message,
    hint:
      "Nothing was built or changed. Before the first apply there are no outputs: set `cluster` " +
      "and `service`, at least until then.",
  });
}

// See script/check-terraform.

import { join, resolve } from "node:path";
import { exit } from "node:process";
import {
  checkRoots,
  describeFinding,
  readTerraform,
} from "../tools/terraform-schema/check-roots.ts";
import {
  formatDifferences,
  functionsOfTerraform,
  hasTerraform,
  providersFolder,
  validationErrors,
} from "../tools/terraform-schema/cli.ts";

const project = resolve(import.meta.dirname, "..");
const infra = join(project, "examples/clockko/backend/infra");
const complaints: string[] = [];
const notes: string[] = [];

const terraform = hasTerraform();
const functions = terraform ? await functionsOfTerraform() : undefined;
const texts = readTerraform(infra);
const findings = await checkRoots(texts, {
  cache: join(project, ".cache/terraform-schema"),
  functions,
});
complaints.push(...findings.map(describeFinding));

if (terraform) complaints.push(await formatDifferences(infra));
else notes.push("terraform is not installed: format and names of functions were not checked");

if (terraform && providersFolder) {
  for (const root of ["bootstrap", "service"])
    complaints.push(await validationErrors(join(infra, root), providersFolder));
} else
  notes.push(
    "terraform validate was not run: it needs terraform and DEPLOY_ECS_TERRAFORM_PROVIDERS (see script/check-terraform)",
  );

const wrong = complaints.filter((complaint) => complaint !== "");
for (const line of [...wrong, ...notes]) console.log(line);
console.log(
  `${Object.keys(texts).length} files, ${wrong.length === 0 ? "nothing wrong" : `${wrong.length} complaints`}`,
);
exit(wrong.length === 0 ? 0 : 1);

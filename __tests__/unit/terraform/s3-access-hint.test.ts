import { expect, test } from "vitest";
import { terraformProblem } from "../../../src/terraform/terraform-error.ts";

const failed = {
  command: "plan",
  directory: "infra",
  exitCode: 1,
  consequence: "Nothing was applied.",
  at: 0,
};

test("a state that may not be read: what the role needs, because Terraform does not say it", () => {
  const lines = [
    "Error: Error refreshing state: Unable to access object",
    '"service/terraform.tfstate" in S3 bucket "states": operation error S3:',
    "HeadObject, https response error StatusCode: 403, RequestID: 7, HostID: ,",
    "api error Forbidden: Forbidden",
  ];
  const { code, hint } = terraformProblem({ ...failed, lines: lines.map((line) => `│ ${line}`) });
  expect(code).toBe("TerraformFailed");
  expect(hint).toMatch(/^Nothing was applied\.\nS3 gave no reason\. /);
  expect(hint).toContain("s3:GetObject on arn:aws:s3:::states/service/terraform.tfstate, ");
  expect(hint).toContain("s3:ListBucket on arn:aws:s3:::states:");
});

test("where the refusal has words, nothing is added", () => {
  const refused =
    'AccessDenied: User: x is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::states/a"';
  expect(
    terraformProblem({ ...failed, lines: [`Error: Failed to save state: ${refused}`] }).hint,
  ).toBe("Nothing was applied.");
});

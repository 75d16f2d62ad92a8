// Whether a run verifies the new version, and inputs that contradict that, PURE.

import type { Inputs } from "./schema.ts";

export function isVerified({
  verifyUrl,
  verifyCommand,
}: Pick<Inputs, "verifyUrl" | "verifyCommand">): boolean {
  return verifyUrl.length > 0 || verifyCommand !== undefined;
}

/**
 * Each problem as `input-name: what is wrong`. An input that could not be read has no member, and
 * its problem is reported already.
 */
export function verificationProblems(inputs: Partial<Inputs>): readonly string[] {
  const { verifyUrl = [], verifyCommand, onVerifyFailure, terraformDirectory } = inputs;
  const names = [
    ...verifyUrl.slice(0, 1).map(() => "verify-url"),
    ...[verifyCommand].flatMap((given) => (given ?? []).slice(0, 1).map(() => "verify-command")),
  ];
  const [first] = names;
  if (first === undefined) return unusedProblems(inputs);
  const problems: string[] = [];
  if (inputs.waitForServiceStability === false)
    problems.push(`${first}: needs wait-for-service-stability: it follows a successful deployment`);
  if (terraformDirectory !== undefined && onVerifyFailure === "rollback")
    problems.push(
      "on-verify-failure: rollback would change the service without Terraform, and the next " +
        "apply would undo it; with terraform-directory set on-verify-failure: keep",
    );
  return problems;
}

function unusedProblems(inputs: Partial<Inputs>): readonly string[] {
  const isRead = "verifyUrl" in inputs && "verifyCommand" in inputs;
  if (!isRead || inputs.onVerifyFailure !== "keep") return [];
  return ["on-verify-failure: given without verify-url and verify-command"];
}

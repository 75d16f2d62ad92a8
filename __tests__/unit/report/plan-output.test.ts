import { expect, test } from "vitest";
import { planBytes, renderPlanOutput } from "../../../src/report/plan-output.ts";
import type { Outcome, TerraformOutcome } from "../../../src/run/outcome.ts";
import { anOutcome, aService } from "../run/outcomes.ts";
import { allTokensOf, isCode } from "./reading.ts";

function planned(run: Partial<Outcome>): Outcome {
  const service = aService({
    outcome: "planned",
    reasonCode: "Planned",
    progress: "untouched",
    taskDefinitionArn: undefined,
    changes: [{ path: "containerDefinitions[app].image", from: "x/api:v1", to: "x/api:v2" }],
  });
  return anOutcome({ outcome: "planned", reasonCode: "Planned", services: [service], ...run });
}

function terraform(text: string): TerraformOutcome {
  const changes = [{ address: "aws_ecs_service.api", action: "update" }];
  return { directory: "infra", changes, text, applyState: "not" };
}

test("is the headline, the plan and nothing else", () => {
  const plan = ["Would build and push x/api:v2.", "Would update clockko/api:", "  memory: 1 → 2"];
  expect(renderPlanOutput(planned({ plan }))).toBe(
    [
      "### 📋 Would deploy api: image v1 → v2",
      "",
      "Dry run: nothing was changed.",
      "",
      "**Plan**",
      "",
      "- Would build and push x/api:v2.",
      "- Would update clockko/api:",
      "  - memory: 1 → 2",
      "",
    ].join("\n"),
  );
});

test("has Terraform's changes and output", () => {
  const markdown = renderPlanOutput(planned({ terraform: terraform("+ a\n- b") }));
  expect(markdown).toContain("| update | `aws_ecs_service.api` |");
  expect(markdown).toContain("```diff\n+ a\n- b\n```");
  expect(markdown).not.toContain("Shortened");
});

test("a long output of Terraform is cut at a line, and the text says so", () => {
  const text = Array.from({ length: 3_000 }, (_, index) => `+ line ${index} ${"ü".repeat(20)}`);
  const markdown = renderPlanOutput(planned({ terraform: terraform(text.join("\n")) }));
  const size = Buffer.byteLength(markdown);
  expect(size).toBeLessThanOrEqual(planBytes);
  expect(size).toBeGreaterThan(planBytes * 0.8);
  const [block] = allTokensOf(markdown).filter(isCode);
  const lines = block?.text.split("\n") ?? [];
  expect(lines).toEqual(text.slice(0, lines.length));
  expect(markdown).toContain(
    `_Shortened: the last ${3_000 - lines.length} lines of the output of terraform plan left out.`,
  );
});

test("a long plan is cut at a line, and the text says so", () => {
  const plan = Array.from({ length: 5_000 }, (_, index) => `Would update service ${index}.`);
  const markdown = renderPlanOutput(planned({ plan, terraform: terraform("+ a") }));
  expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(planBytes);
  expect(markdown).toMatch(
    /\n- Would update service \d+\.\n\n_Shortened: the last \d+ lines of this plan left out\. /,
  );
  expect(markdown).not.toContain("<details>");
});

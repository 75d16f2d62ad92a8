import { describe, expect, test } from "vitest";
import { redactValues } from "../../../src/plan/task-definition/hidden-values.ts";
import { extractPlanText, printUntilPlan } from "../../../src/terraform/plan-text.ts";
import { redactPlanText } from "../../../src/terraform/redact-plan.ts";
import { describeStateDrift, taskDefinitionInState } from "../../../src/terraform/state-drift.ts";
import {
  firstErrorIn,
  relevantLines,
  terraformProblem,
} from "../../../src/terraform/terraform-error.ts";

const template = `$${"{open}"}`;

describe("a plan's text without secrets", () => {
  test.each([
    ["as it is", "token = hunter-22", ["hunter-22"], "token = (hidden)"],
    [
      "as Terraform quotes it",
      'key = "say \\"friend\\"\\n"',
      ['say "friend"\n'],
      'key = "(hidden)"',
    ],
    ["with an escaped template", `key = "$${template}"`, [template], 'key = "(hidden)"'],
    [
      "line by line, as in a heredoc",
      "  begin-key\n  middle-key",
      ["begin-key\nmiddle-key"],
      "  (hidden)\n  (hidden)",
    ],
    ["the longer one first", "abcd-efgh", ["abcd", "abcd-efgh"], "(hidden)"],
    ["nothing else", "token = hunter-2", ["hunter-22"], "token = hunter-2"],
  ])("%s", (_, text, values, reported) => {
    expect(redactPlanText(text, values)).toBe(reported);
  });

  test("values of environment variables are never shown, their names are", () => {
    const text = [
      '+ name  = "PORT"',
      '+ value = "8000" -> "8001"',
      '+ valueFrom = "arn:aws:x"',
    ].join("\n");
    expect(redactPlanText(text, [])).toBe(
      ['+ name  = "PORT"', "+ value = (hidden)", '+ valueFrom = "arn:aws:x"'].join("\n"),
    );
  });

  test("neither are those of several lines, nor those that are JSON, of which Terraform makes an expression", () => {
    const text = [
      "  ~ {",
      "      ~ value = <<-EOT",
      "          - BEGIN",
      "",
      "          + END",
      "        EOT",
      '        name  = "PEM"',
      "    },",
      "  + {",
      "      + value = jsonencode(",
      "            {",
      '              + db = "inner"',
      "            }",
      "        )",
      "    },",
    ];
    expect(redactPlanText(text.join("\n"), []).split("\n")).toEqual([
      "  ~ {",
      "      ~ value = (hidden)",
      '        name  = "PEM"',
      "    },",
      "  + {",
      "      + value = (hidden)",
      "    },",
    ]);
  });

  test("beside plans only secrets are hidden", () => {
    expect(redactValues("  value = hunter-22", ["hunter-22"])).toBe("  value = (hidden)");
    expect(redactValues("  value = 12", ["hunter-22"])).toBe("  value = 12");
  });
});

describe("where the plan is", () => {
  const line = "─".repeat(60);
  const refreshed = "aws_ecs_service.app: Refreshing state... [id=x]";
  const plan =
    "Terraform used the selected providers to generate the following execution\nplan.\nPlan: 1 to add.";
  const outside = "Note: Objects have changed outside of Terraform\n\n  ~ value = 1";

  test.each([
    ["after the refreshing", plan, `${refreshed}\n\n${plan}\n`],
    [
      "what was changed outside comes before it",
      `${outside}\n\n${line}\n\n${plan}`,
      `${outside}\n\n${line}\n\n${plan}`,
    ],
    [
      "only outputs change",
      "Changes to Outputs:\n  + a = 1",
      `${refreshed}\n\nChanges to Outputs:\n  + a = 1\n`,
    ],
    ["with hints at the end", plan, `${plan}\n\n${line}\n\nSaved the plan to: x\n`],
    [
      "OpenTofu's",
      "OpenTofu will perform the following actions:",
      "OpenTofu will perform the following actions:",
    ],
  ])("%s", (_, expected, stdout) => {
    expect(extractPlanText(stdout)).toBe(expected);
  });

  test.each([[plan], [outside], ["Changes to Outputs:\n  + a = 1"], ["No changes. Fine."]])(
    "the lines before it are printed at once, and no line of it: %j",
    (text) => {
      const reported: string[] = [];
      const tell = printUntilPlan((one) => void reported.push(one));
      for (const one of `${refreshed}\n\n${text}`.split("\n")) tell(one);
      expect(reported).toEqual([refreshed]);
    },
  );
});

describe("what Terraform says when it fails", () => {
  const at = Date.UTC(2026, 10, 23, 9, 10, 0);
  const failed = {
    command: "apply",
    directory: "infra",
    exitCode: 1,
    consequence: "It stands.",
    at,
  };

  test("its words without their frame, at most a dozen lines, and the line of the root", () => {
    const lines = [
      "noise",
      "╷",
      "│ Error: Unsupported argument",
      "│ ",
      '│   on main.tf line 12, in resource "x" "y":',
      "╵",
    ];
    expect(terraformProblem({ ...failed, lines })).toEqual({
      code: "TerraformFailed",
      message:
        'terraform apply ended with exit code 1:\nError: Unsupported argument\n  on main.tf line 12, in resource "x" "y":',
      hint: "It stands.",
      at: { file: "infra/main.tf", line: 12 },
    });
  });

  test("without a word of an error, the last lines", () => {
    const { message } = terraformProblem({
      ...failed,
      exitCode: 137,
      lines: ["a", "b", "c", "d", "e", "f"],
    });
    expect(message).toBe("terraform apply ended with exit code 137.\nb\nc\nd\ne\nf");
  });

  test.each([
    ["infra", "../modules/app/main.tf", "modules/app/main.tf"],
    [".", "production.auto.tfvars", "production.auto.tfvars"],
    ["infra", "/etc/shared.tfvars", "/etc/shared.tfvars"],
  ])("in %s, the place %s is %s for who reads the annotation", (directory, file, reported) => {
    const lines = ["│ Error: Invalid", `│   on ${file} line 3:`];
    expect(terraformProblem({ ...failed, directory, lines }).at).toEqual({
      file: reported,
      line: 3,
    });
  });

  test("a lock that could not be acquired is not another user's", () => {
    const lines = [
      "│ Error: Error acquiring the state lock",
      "│ ",
      "│ Error message: operation error S3: PutObject, StatusCode: 403, api error AccessDenied: no identity-based policy",
    ];
    expect(terraformProblem({ ...failed, lines })).toMatchObject({
      code: "TerraformFailed",
      message: expect.stringContaining("api error AccessDenied"),
    });
  });

  test("a lock whose age cannot be read is still reported", () => {
    const lines = [
      "│ Error: Error acquiring the state lock",
      "│   ID:        abc",
      "│   Who:       me@host",
      "│   Created:   long ago",
    ];
    const { code, message, hint } = terraformProblem({ ...failed, lines });
    expect({ code, message }).toMatchObject({
      code: "TerraformLocked",
      message: expect.stringContaining("me@host (?) since long ago;"),
    });
    expect(hint).toContain("terraform -chdir=infra force-unlock abc");
  });

  test("an error above the end of many lines is found", () => {
    const many = Array.from({ length: 100 }, (_, at) => `line ${at}`);
    const stdout = ["x: Creating...", "│ Error: local-exec provisioner error", ...many].join("\n");
    const reported = relevantLines({ stdout, stderrTail: many.slice(-60) });
    expect(reported[0]).toBe("│ Error: local-exec provisioner error");
    expect(reported).toHaveLength(40);
    expect(relevantLines({ stdout: "fine", stderrTail: ["│ Error: here"] })).toEqual([
      "│ Error: here",
    ]);
    expect(relevantLines({ stdout: "a\nb", stderrTail: [] })).toEqual(["a", "b"]);
    expect(relevantLines({ stdout: "a\nb", stderrTail: ["b"] })).toEqual(["b"]);
  });

  test("a lock of ours that could not be released is reported with the command that removes it", () => {
    const lines = [
      "│ Error: Error releasing the state lock",
      "│ ",
      "│ Lock Info:",
      "│   ID:        abc",
    ];
    expect(terraformProblem({ ...failed, lines }).hint).toMatch(
      /^It stands\.\nThis run's own state lock .*:\n```sh\nterraform -chdir=\S+ force-unlock abc\n```$/,
    );
  });

  test("the first error, for a place beside a cause", () => {
    expect(firstErrorIn(["│ Warning: x", "│ Error: first", "│ Error: second"])).toBe("first");
    expect(firstErrorIn(["fine"])).toBeUndefined();
  });
});

describe("state and service", () => {
  const arn = (revision: number) =>
    `arn:aws:ecs:us-east-1:123456789012:task-definition/app:${revision}`;
  const known = {
    ...{ service: "app", applied: arn(2), variable: "image_tag", value: "v2", directory: "infra" },
    previousImage: "r/app:v1",
  };

  test("that agree are no matter", () => {
    expect(describeStateDrift({ ...known, running: arn(2), inState: arn(2) })).toBeUndefined();
    expect(describeStateDrift({ ...known, running: arn(2), inState: undefined })).toBeUndefined();
  });

  test("that differ are reported with the remedy, if a tag is known", () => {
    const reported = describeStateDrift({ ...known, running: arn(1), inState: arn(2) });
    expect(reported?.message).toContain("the Terraform state has app:2 for app, ECS runs app:1");
    expect(reported?.hint).toContain("terraform -chdir=infra apply -var image_tag=v1");
    const untagged = describeStateDrift({
      ...known,
      running: arn(1),
      inState: arn(2),
      previousImage: "r/app@sha256:aa",
    });
    expect(untagged?.hint).not.toContain("apply -var");
  });

  test("the service is found in whatever module it is", () => {
    const service = { type: "aws_ecs_service", values: { name: "app", task_definition: arn(7) } };
    const other = { type: "aws_ecs_service", values: { name: "worker", task_definition: arn(9) } };
    const state = {
      values: {
        root_module: {
          resources: [other],
          child_modules: [{ child_modules: [{ resources: [service] }] }],
        },
      },
    };
    expect(taskDefinitionInState(state, "app")).toBe(arn(7));
    expect(taskDefinitionInState({}, "app")).toBeUndefined();
  });
});

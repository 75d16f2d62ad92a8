import { expect, test } from "vitest";
import { annotationText } from "../../../../src/report/annotation.ts";
import { renderTask } from "../../../../src/report/summary/task-section.ts";
import type { TaskOutcome } from "../../../../src/run/outcome.ts";

const tail = { container: "app", taskId: "abc", logGroup: "/ecs/app", logStream: "app/app/abc" };
const task: TaskOutcome = {
  moment: "pre-deploy",
  cluster: "clockko",
  container: "app",
  command: ["sh", "-c", "a | b `c`"],
  startedAt: 0,
  endedAt: 12_000,
  taskArn: "arn:aws:ecs:us-east-1:1:task/clockko/abc",
  exitCode: 1,
  logTail: { ...tail, lines: ["```", "</details>", "ERROR: no"] },
};

const place = { region: "us-east-1", console: "us-east-1.console.aws.amazon.com" };

test("a failed task: its log tail is open, whatever it contains", () => {
  const markdown = renderTask(task, place);
  expect(markdown).toContain("**Pre-deploy task** ❌ <code>");
  expect(markdown).toContain(
    "exit code 1, 12 s · [Task](https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/clockko/tasks/abc",
  );
  expect(markdown).toContain(
    "<details open>\n<summary>Last 3 lines of its log</summary>\n\n````text\n```\n</details>\nERROR: no\n````",
  );
});

test("a task that was never started: no links, no log", () => {
  const { taskArn: _arn, exitCode: _code, logTail: _tail, ...never } = task;
  expect(renderTask({ ...never, moment: "post-deploy" }, place)).toMatch(
    /^\*\*Post-deploy task\*\* ❌ .* in container `app`, exit code unknown, 12 s$/,
  );
});

test("the annotation has the log tail of the failed task, not of a successful one", () => {
  const problem = { code: "TaskFailed", message: "It failed.", hint: "Mend it." } as const;
  const good: TaskOutcome = { ...task, succeeded: true, logTail: { ...tail, lines: ["all well"] } };
  const text = annotationText({ problem, services: [], tasks: [good, task], errorsPage: "help" });
  expect(text).toContain('Last log lines of container "app":\n  ```\n');
  expect(text).toContain("ERROR: no");
  expect(text).not.toContain("all well");
});

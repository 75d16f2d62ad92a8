// Exit code 0 is a finished migration only where the command ended by itself.

import { describe, expect, test } from "vitest";
import type { OneOffTask } from "../../../src/ecs/one-off-task.ts";
import { placeOfService } from "../../../src/plan/service/task.ts";
import { type TaskContext, taskProblemOf } from "../../../src/task/task-problem.ts";
import { arnOf, service } from "../deployment/world.ts";

const task: OneOffTask = {
  ...{
    id: "1",
    startedBy: "deploy-ecs/1/1",
    lastStatus: "STOPPED",
    health: "UNKNOWN",
    stoppedAt: 1,
  },
  ...{ stopCode: "EssentialContainerExited", stoppedReason: "Essential container in task exited" },
  ...{ containers: [{ name: "app", exitCode: 0 }], desiredStatus: "STOPPED", reachedRunning: true },
};
const job = {
  ...{
    moment: "pre-deploy" as const,
    command: ["migrate"],
    environment: [],
    place: placeOfService(service()),
    service: "api",
    taskDefinitionArn: arnOf("api:2"),
  },
  ...{ requested: undefined, region: "us-east-1", minutes: 30, stopOnCancel: false },
  ...{ minutesInput: "pre-deploy-timeout-minutes" as const },
  ...{ deployed: "app", servicesState: "The service was not touched: api runs api:1." },
};
const started = {
  arn: "arn:aws:ecs:us-east-1:123456789012:task/clockko/1",
  id: "1",
  cluster: "clockko",
};
const story: TaskContext = {
  ...{
    request: job,
    started: { ...started, container: "app", startedAt: 0 },
    containers: [],
  },
  ...{ lines: [], logUnavailable: undefined, taskUrl: "https://console" },
};

function end(stopCode: string, stoppedReason: string, exitCode = 0) {
  return taskProblemOf(
    { kind: "exited", exitCode, task: { ...task, stopCode, stoppedReason } },
    story,
  );
}

test("the command ended by itself, or its task runs on beside it", () => {
  expect(end("EssentialContainerExited", "Essential container in task exited")).toBeUndefined();
  expect(end("", "")).toBeUndefined();
});

describe("exit code 0 of a task that was stopped from outside is no finished migration", () => {
  test.each([
    ["SpotInterruption", "Your Spot Task was interrupted.", /Spot/],
    ["TerminationNotice", "Host EC2 (instance i-0123456789abcdef0) terminated.", /instance|host/i],
    ["InfrastructureHealth", "", /instance under it is impaired/],
    ["UserInitiated", "Task stopped by user", /stopped/i],
    ["ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", /./],
    ["TaskFailedToStart", "Task failed to start", /./],
    ["SomethingNewer", "AWS has a new reason.", /AWS has a new reason/],
  ])("%s", (stopCode, reason, cause) => {
    const problem = end(stopCode, reason);
    expect(problem).toMatchObject({ code: "TaskFailed" });
    expect(problem?.message).toContain("was stopped and exited with code 0");
    expect(problem?.message).toMatch(cause);
    expect(problem?.message).toContain("The service was not touched: api runs api:1.");
  });
});

test("another exit code is a failure, whoever ended it", () => {
  expect(end("EssentialContainerExited", "", 1)?.message).toContain("failed with exit code 1.");
});

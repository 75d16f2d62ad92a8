import { describe, expect, test } from "vitest";
import { type ConclusionRequest, concludeRollout } from "../../../src/deployment/conclusion.ts";
import type { Conclusion } from "../../../src/run/conclusion.ts";
import type { RolloutEnd } from "../../../src/run/rollout-end.ts";
import { arnOf, classic, earlier, ours, service, snapshot, startedAt } from "./world.ts";

const running = snapshot({
  service: service({ deployments: [classic({ runningCount: 1 }), earlier({ runningCount: 2 })] }),
});

function concludeFrom(
  end: Partial<RolloutEnd>,
  request: Partial<ConclusionRequest> = {},
): Conclusion {
  return concludeRollout({
    deployment: ours,
    end: {
      verdict: { kind: "succeeded" },
      gaveUp: undefined,
      trafficShiftedAt: undefined,
      bakeStartedAt: undefined,
      outage: undefined,
      snapshot: running,
      history: [],
      startedAt,
      endedAt: startedAt,
      ...end,
    },
    previousTaskDefinitionArn: arnOf("api:1"),
    diagnosis: undefined,
    waitMinutes: 30,
    onSuperseded: "fail",
    ...request,
  });
}

const goBack = "aws ecs update-service --cluster clockko --service api --task-definition api:1";
const reason = "so it is.";

interface ConclusionCase {
  readonly name: string;
  readonly verdict: RolloutEnd["verdict"];
  readonly outcome: Conclusion["outcome"];
  readonly code: string;
  readonly message: readonly string[];
  readonly hint: string;
}

const bad: readonly ConclusionCase[] = [
  {
    name: "rolled back",
    verdict: { kind: "rolled-back", reason },
    outcome: "rolled-back",
    code: "RolledBack",
    message: [
      "Deployment of api:2 to service api failed: so it is.",
      "Running now: api:2 (1 of 2 tasks), api:1 (2 of 2 tasks).",
    ],
    hint: "Correct it and deploy again.",
  },
  {
    name: "the rollback failed",
    verdict: { kind: "rollback-failed", reason },
    outcome: "failed",
    code: "RollbackFailed",
    message: ["and the rollback failed: so it is."],
    hint: goBack,
  },
  {
    name: "failed and stays",
    verdict: { kind: "failed", reason },
    outcome: "failed",
    code: "RolloutFailed",
    message: ["and ECS does not roll it back: so it is."],
    hint: goBack,
  },
  {
    name: "stopped by another user or process",
    verdict: { kind: "stopped", reason },
    outcome: "failed",
    code: "RolloutStopped",
    message: ["was stopped by another user or process"],
    hint: "CloudTrail",
  },
  {
    name: "superseded",
    verdict: { kind: "superseded", by: "ecs-svc/3" },
    outcome: "superseded",
    code: "RolloutSuperseded",
    message: ["Superseded: a newer deployment of api started before api:2 finished: ecs-svc/3."],
    hint: "concurrency",
  },
  {
    name: "deleted",
    verdict: { kind: "gone" },
    outcome: "failed",
    code: "ServiceNotActive",
    message: ["was deleted while"],
    hint: "Create the service again",
  },
];

describe("bad ends", () => {
  test.each(bad)("$name", ({ verdict, outcome, code, message, hint }) => {
    const conclusion = concludeFrom({ verdict });
    expect(conclusion).toMatchObject({ outcome, problem: { code } });
    for (const part of message) expect(conclusion.problem?.message).toContain(part);
    expect(conclusion.problem?.hint).toContain(hint);
  });
});

describe("good ends", () => {
  test("succeeded", () => {
    expect(concludeFrom({})).toEqual({ outcome: "succeeded" });
  });

  test("succeeded with nothing to run is said aloud", () => {
    const nothing = snapshot({ service: service({ desiredCount: 0 }) });
    expect(concludeFrom({ snapshot: nothing })).toMatchObject({
      outcome: "succeeded",
      notice: expect.stringContaining("its desired count is 0"),
    });
  });

  test("superseded is tolerated where the inputs say so", () => {
    const verdict = { kind: "superseded", by: "x" } as const;
    expect(concludeFrom({ verdict }, { onSuperseded: "warn" })).toMatchObject({
      outcome: "superseded",
      tolerated: true,
    });
  });
});

describe("given up", () => {
  const undecided = { kind: "undecided", stage: "IN_PROGRESS" } as const;
  const timedOut = {
    reason: "timed-out",
    stage: "IN_PROGRESS",
    failedTasks: 0,
    rollback: "left",
  } as const;

  test("after the time that was given", () => {
    const conclusion = concludeFrom({ verdict: undecided, gaveUp: timedOut }, { waitMinutes: 1 });
    expect(conclusion).toMatchObject({
      outcome: "timed-out",
      problem: { code: "RolloutTimedOut" },
    });
    expect(conclusion.problem?.message).toContain(
      "within 1 minute (in progress).\nThe deployment continues in ECS.",
    );
    expect(conclusion.problem?.hint).toContain(goBack);
  });

  test("and rolled back as requested", () => {
    const gaveUp = { ...timedOut, rollback: "asked" } as const;
    const conclusion = concludeFrom({ verdict: { kind: "rolled-back", reason }, gaveUp });
    expect(conclusion.problem?.message).toContain("It was rolled back (on-timeout: rollback).");
    expect(conclusion.problem?.hint).not.toContain(goBack);
  });

  test("but it came through after all", () => {
    expect(concludeFrom({ gaveUp: timedOut })).toEqual({ outcome: "succeeded" });
  });
});

test("what runs is not guessed", () => {
  const { service: _, ...blind } = snapshot();
  const { problem } = concludeFrom({ verdict: { kind: "failed", reason }, snapshot: blind });
  expect(problem?.message).toContain("What runs now is unknown.");
});

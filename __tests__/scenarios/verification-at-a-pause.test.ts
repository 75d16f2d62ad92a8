// A deployment with a PAUSE hook is verified while it waits, and the verdict answers the hook.

import { exitsWith, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { byAnotherUser, deploymentsOf, inputsOf, movesOf, revisionOf } from "./support/changes.ts";
import {
  cancelAfter,
  type Play,
  type Stage,
  type StageOptions,
  setStage,
} from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";
import { serveWeb } from "./support/web.ts";

const minute = 60_000;
const verify = { "verify-url": "https://shop.example:8443/health 200 ready" };
const good = { body: "ready" };

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

function pausing(options: StageOptions = {}, hook: object = {}, configuration: object = {}) {
  const lifecycleHooks = [
    { targetType: "PAUSE", lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"], ...hook },
  ];
  return setStage(
    behindLoadBalancer({ strategy: "BLUE_GREEN", lifecycleHooks, ...configuration }, options),
  );
}

interface Waiting {
  readonly serviceDeployments: readonly {
    readonly lifecycleHookDetails?: readonly { readonly hookId: string }[];
  }[];
}

/** Another user answers the hook at which the deployment waits. */
function answerByHand(stage: Stage, action: "CONTINUE" | "ROLLBACK", index = 0): void {
  const [newest] = deploymentsOf(stage);
  const serviceDeploymentArn = newest?.serviceDeploymentArn;
  const found = byAnotherUser<Waiting>(stage, "DescribeServiceDeployments", {
    serviceDeploymentArns: [serviceDeploymentArn],
  });
  const hookId = found.serviceDeployments[0]?.lifecycleHookDetails?.[index]?.hookId;
  byAnotherUser(stage, "ContinueServiceDeployment", { serviceDeploymentArn, hookId, action });
}

describe("verification at a pause", () => {
  test("good: CONTINUE, and it is not verified again", async () => {
    const stage = await pausing();
    const urls = serveWeb(stage, () => good);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(urls).toHaveLength(3);
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toMatchObject([
      { action: "CONTINUE" },
    ]);
    expect(play.elapsedMilliseconds).toBeLessThan(10 * minute);
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-pause-good.txt");
  });

  test("bad: ROLLBACK, before any traffic", async () => {
    const stage = await pausing();
    serveWeb(stage, () => ({ status: 500, body: "no such table" }));
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(revisionOf(stage)).toBe("clockko-backend:1");
    expect(movesOf(play).filter((move) => /Service/.test(move))).toEqual([
      "ecs:UpdateService",
      "ecs:ContinueServiceDeployment",
    ]);
    expect(play.annotation).toContain('Its last answer: 500 "no such table"');
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-pause-bad.txt");
  });

  test("bad with keep: the hook is left to a person", async () => {
    const stage = await pausing();
    serveWeb(stage, () => 500);
    const play = await stage.play({ ...verify, "on-verify-failure": "keep" });
    expect(verdictOf(play)).toBe("failed VerificationFailed");
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toEqual([]);
    expect(play.annotation).toMatch(/keeps waiting at its PAUSE hook \S+ until 2026-.*ROLLBACK\./);
    expect(play.annotation).toContain("aws ecs continue-service-deployment");
    expect(deploymentsOf(stage)[0]?.status).toBe("IN_PROGRESS");
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-pause-kept.txt");
  });

  test("late good", async () => {
    const stage = await pausing();
    serveWeb(stage, ({ elapsed }) => {
      if (elapsed < 3 * minute) return 503;
      return good;
    });
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
  });

  test("the command runs with the new revision, and its log is in the annotation", async () => {
    const stage = await pausing({
      tasks: ({ serviceName }) => {
        if (serviceName !== undefined) return runs();
        return exitsWith(1, { logs: ["smoke test 3 failed"] });
      },
    });
    const play = await stage.play({ "verify-command": "python -m clockko.smoke" });
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toMatchObject([
      { action: "ROLLBACK" },
    ]);
    expect(play.annotation).toContain("smoke test 3 failed");
  });

  test("two pauses: verified at both", async () => {
    const stage = await pausing(
      {},
      { lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"] },
    );
    serveWeb(stage, () => good);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toHaveLength(2);
  });

  test("before there are new tasks, the hook is left to a person", async () => {
    const stage = await pausing({}, { lifecycleStages: ["PRE_SCALE_UP"] });
    const urls = serveWeb(stage, () => good);
    stage.clock.schedule(5 * minute, () => answerByHand(stage, "CONTINUE"));
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(play.log.join("\n")).toContain("waits at its PAUSE hook for an answer");
    expect(urls).toHaveLength(3);
  });

  test("canary: at the pause, too", async () => {
    const stage = await pausing(
      {},
      { lifecycleStages: ["POST_SCALE_UP"] },
      {
        strategy: "CANARY",
        canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 3 },
      },
    );
    serveWeb(stage, () => good);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toHaveLength(1);
  });
});

describe("verification at a pause that another user or the time ends", () => {
  test("answered CONTINUE meanwhile: verified after the rollout", async () => {
    const stage = await pausing();
    let continued = false;
    const urls = serveWeb(stage, ({ count }) => {
      if (count === 10) {
        continued = true;
        answerByHand(stage, "CONTINUE");
      }
      return continued && count > 40 ? good : 503;
    });
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(play.log.join("\n")).toContain("does not wait any more: the verification ends.");
    expect(play.log).toContain("▸ Verify the new version");
    expect(urls.length).toBeGreaterThan(20);
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toEqual([]);
  });

  test("answered ROLLBACK meanwhile: rolled back", async () => {
    const stage = await pausing();
    serveWeb(stage, ({ count }) => {
      if (count === 10) answerByHand(stage, "ROLLBACK");
      return 503;
    });
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back RolledBack");
  });

  test("no answer before the hook expires: ROLLBACK, in time", async () => {
    const stage = await pausing(
      {},
      { timeoutConfiguration: { timeoutInMinutes: 3, action: "ROLLBACK" } },
    );
    serveWeb(stage, () => "hangs");
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toMatchObject([
      { action: "ROLLBACK" },
    ]);
  });

  test("another user answers right before the verdict", async () => {
    const stage = await pausing();
    serveWeb(stage, ({ count }) => {
      if (count === 3) answerByHand(stage, "CONTINUE");
      return good;
    });
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
  });

  test("too little time before the hook expires: not verified", async () => {
    const stage = await pausing(
      {},
      { timeoutConfiguration: { timeoutInMinutes: 1, action: "ROLLBACK" } },
    );
    const urls = serveWeb(stage, () => good);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back RolledBack");
    expect(play.log.join("\n")).toContain("is not verified at the PAUSE hook");
    expect(urls).toEqual([]);
  });

  test("the hook expires with CONTINUE: the bad version is rolled back after the rollout", async () => {
    const stage = await pausing(
      {},
      { timeoutConfiguration: { timeoutInMinutes: 1, action: "CONTINUE" } },
    );
    serveWeb(stage, () => 500);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(revisionOf(stage)).toBe("clockko-backend:1");
  });
});

describe("verification at a pause that cannot answer", () => {
  test.each([
    ["good", good],
    ["bad", 500],
  ] as const)("permission missing, %s: the step fails, the hook waits", async (_, answer) => {
    const stage = await pausing();
    stage.changePolicy = (statements) =>
      statements.filter(
        ({ Action }) => !JSON.stringify(Action).includes("ContinueServiceDeployment"),
      );
    serveWeb(stage, () => answer);
    const play = await stage.play(verify);
    expect(play.exitCode).toBe(1);
    expect(play.annotation).toContain("ecs:ContinueServiceDeployment");
    expect(deploymentsOf(stage)[0]?.status).toBe("IN_PROGRESS");
    if (answer === good) {
      expect(verdictOf(play)).toBe("failed PermissionMissing");
      await expect(transcript(play)).toMatchFileSnapshot(
        "transcripts/verification-pause-permission-missing.txt",
      );
    } else expect(verdictOf(play)).toBe("failed VerificationFailed");
  });

  test("without a verification, the same permission costs nothing", async () => {
    const stage = await pausing();
    stage.clock.schedule(5 * minute, () => answerByHand(stage, "CONTINUE"));
    expect(verdictOf(await stage.play())).toBe("succeeded Succeeded");
  });

  test("the response to CONTINUE is lost: it is sent again, and the effect counts", async () => {
    const stage = await pausing();
    stage.simulator.faults.add("ecs:ContinueServiceDeployment", { kind: "lost", operate: true });
    serveWeb(stage, () => good);
    expect(verdictOf(await stage.play(verify))).toBe("succeeded Succeeded");
  });

  test("the response to ROLLBACK is lost", async () => {
    const stage = await pausing();
    stage.simulator.faults.add("ecs:ContinueServiceDeployment", { kind: "lost", operate: true });
    serveWeb(stage, () => 500);
    expect(verdictOf(await stage.play(verify))).toBe("rolled-back VerificationFailed");
  });
});

test.each(["leave", "rollback"])(
  "verification at a pause, cancelled with on-cancel: %s",
  async (onCancel) => {
    const stage = await pausing();
    let cancelledAt = 0;
    stage.controller.signal.addEventListener("abort", () => {
      cancelledAt = stage.clock.now();
    });
    serveWeb(stage, ({ count }) => {
      if (count === 5) cancelAfter(stage, 500);
      return 503;
    });
    const play = await stage.play({ ...verify, "on-cancel": onCancel });
    expect(play.outcome.outcome).toBe("cancelled");
    expect(stage.clock.now() - cancelledAt).toBeLessThan(7_500);
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toEqual([]);
    expect(deploymentsOf(stage)[0]?.status).toBe(
      onCancel === "leave" ? "IN_PROGRESS" : "ROLLBACK_REQUESTED",
    );
  },
);

test("verification at a pause, two services: each hook is answered", async () => {
  const stage = await pausing({ services: ["clockko-worker"] });
  serveWeb(stage, () => good);
  const play = await stage.play({ ...verify, service: "clockko-backend\nclockko-worker" });
  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toHaveLength(2);
});

test("verification at the second of two pauses: bad, and continued by another user meanwhile", async () => {
  const stage = await pausing(
    {},
    { lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"] },
  );
  serveWeb(stage, ({ count }) => {
    if (count === 6) answerByHand(stage, "CONTINUE", 1);
    if (count <= 3) return good;
    return 500;
  });
  const play = await stage.play(verify);
  expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
  expect(play.log).toContain("▸ Verify the new version");
  expect(play.log.join("\n")).toContain("a rollback does not wait");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
});

test("verification at a pause, wait-for-minutes ends it: rolled back", async () => {
  const stage = await pausing();
  serveWeb(stage, () => 503);
  const play = await stage.play({ ...verify, "wait-for-minutes": "3", "on-timeout": "rollback" });
  expect(play.exitCode).toBe(1);
  expect(revisionOf(stage)).toBe("clockko-backend:1");
});

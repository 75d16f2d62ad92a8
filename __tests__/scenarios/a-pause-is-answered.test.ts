// `answer-pause`: a second run answers the PAUSE hook at which a deployment waits, and follows that deployment.

import { exitsWith, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { deploymentsOf, inputsOf, revisionOf } from "./support/changes.ts";
import {
  advanceToDeadline,
  answeredByAnotherUser,
  answering,
  pausing,
  startPausedDeployment,
} from "./support/paused.ts";
import { cancelAfter, type Play, type Stage, setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

const minute = 60_000;

function verdictOf({ outcome, exitCode }: Play): string {
  return `${outcome.outcome} ${outcome.reasonCode} ${exitCode}`;
}

/** Calls of the play that change something. */
function changesOf({ calls }: Play): readonly string[] {
  return calls.filter((call) => /Update|Register|Put|Stop|Continue|RunTask/.test(call));
}

const pauseAfterTest = {
  strategy: "BLUE_GREEN",
  lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["POST_TEST_TRAFFIC_SHIFT"] }],
};

async function rollingPaused(): Promise<Stage> {
  const stage = await setStage(pausing());
  await startPausedDeployment(stage);
  return stage;
}

async function blueGreenPaused(): Promise<Stage> {
  const stage = await setStage(behindLoadBalancer(pauseAfterTest));
  stage.clock.advance(10 * minute);
  await startPausedDeployment(stage);
  return stage;
}

describe.each([
  { strategy: "rolling", paused: rollingPaused },
  { strategy: "blue-green", paused: blueGreenPaused },
])("$strategy", ({ strategy, paused }) => {
  test("continue: the deployment is followed to its end", async () => {
    const stage = await paused();

    const play = await stage.play(answering("continue"));

    expect(verdictOf(play)).toBe("succeeded Succeeded 0");
    expect(changesOf(play)).toEqual(["ecs:ContinueServiceDeployment"]);
    expect(play.dockerCommands).toEqual([]);
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toMatchObject([
      { action: "CONTINUE", serviceDeploymentArn: deploymentsOf(stage)[0]?.serviceDeploymentArn },
    ]);
    expect(play.log.join("\n")).not.toContain("is paused");
    expect(play.outputs).toMatchObject({
      outcome: "succeeded",
      "image-tag": stage.commit,
      "previous-task-definition-arn": expect.stringMatching(/clockko-backend:1$/),
      "service-deployment-arn": deploymentsOf(stage)[0]?.serviceDeploymentArn,
    });
    await expect(transcript(play)).toMatchFileSnapshot(
      `transcripts/a-pause-is-answered-continue-${strategy}.txt`,
    );
  });

  test("rollback: it does what was asked, and passes", async () => {
    const stage = await paused();

    const play = await stage.play(answering("rollback"));

    expect(verdictOf(play)).toBe("rolled-back RolledBack 0");
    expect(play.annotation).toBe("");
    expect(play.outcome.services).toMatchObject([{ tolerated: true, diagnosis: undefined }]);
    expect(revisionOf(stage)).toBe("clockko-backend:1");
    expect(changesOf(play)).toEqual(["ecs:ContinueServiceDeployment"]);
    await expect(transcript(play)).toMatchFileSnapshot(
      `transcripts/a-pause-is-answered-rollback-${strategy}.txt`,
    );
  });
});

test("the run that deploys sees the end, too", async () => {
  const stage = await setStage(behindLoadBalancer(pauseAfterTest));
  let answer: Promise<Play> | undefined;
  stage.clock.schedule(3 * minute, () => {
    answer = stage.play(answering("continue"));
  });

  const play = await stage.play();

  expect(verdictOf(play)).toBe("succeeded Succeeded 0");
  expect(verdictOf((await answer) as Play)).toBe("succeeded Succeeded 0");
});

describe("nothing waits", () => {
  test("no deployment is in progress", async () => {
    const stage = await setStage();
    const play = await stage.play(answering("continue"));
    expect(verdictOf(play)).toBe("failed NothingPaused 1");
    expect(changesOf(play)).toEqual([]);
    expect(play.annotation).toMatch(
      /clockko-backend: no deployment is in progress\. The last one, of clockko-backend:1, created 20\d\d-\d\d-\d\d \d\d:\d\d UTC, is SUCCESSFUL\./,
    );
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/a-pause-is-answered-nothing-waits.txt",
    );
  });

  test("the deployment has not reached its hook", async () => {
    const stage = await setStage({ ...pausing(), tasks: () => runs({ pullsFor: 5 * minute }) });
    await startPausedDeployment(stage);
    const play = await stage.play(answering("continue"));
    expect(verdictOf(play)).toBe("failed NothingPaused 1");
    expect(play.annotation).toMatch(/the deployment of clockko-backend:2.* \(IN_PROGRESS/);
    expect(changesOf(play)).toEqual([]);
  });

  test("the hook expired before", async () => {
    const stage = await setStage(pausing({ timeoutConfiguration: { timeoutInMinutes: 5 } }));
    await startPausedDeployment(stage);
    stage.clock.advance(10 * minute);
    const play = await stage.play(answering("continue"));
    expect(verdictOf(play)).toBe("failed NothingPaused 1");
    expect(play.annotation).toMatch(
      /of clockko-backend:2, .* is ROLLBACK_SUCCESSFUL\. .*timed out/,
    );
  });
});

/** Something happens between the read and the answer. */
function beforeTheAnswer(stage: Stage, happens: () => void): void {
  let pending = true;
  stage.onCall = (call) => {
    if (call !== "ecs:DescribeServiceRevisions" || !pending) return;
    pending = false;
    happens();
  };
}

describe("the hook does not wait any more when the answer arrives", () => {
  test("it expired: the rollback is followed", async () => {
    const stage = await setStage(pausing({ timeoutConfiguration: { timeoutInMinutes: 5 } }));
    await startPausedDeployment(stage);
    advanceToDeadline(stage, 1_000);
    beforeTheAnswer(stage, () => stage.clock.advance(1_000));
    const play = await stage.play(answering("continue"));
    expect(verdictOf(play)).toBe("rolled-back RolledBack 1");
    expect(play.log.join("\n")).toMatch(
      /notice: .*refused the answer CONTINUE: the hook has expired \(hook TIMED_OUT/,
    );
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/a-pause-is-answered-hook-expired.txt",
    );
  });

  test("somebody else continued it: the deployment is followed", async () => {
    const stage = await rollingPaused();
    beforeTheAnswer(stage, () => answeredByAnotherUser(stage, "CONTINUE"));
    const play = await stage.play(answering("continue"));
    expect(verdictOf(play)).toBe("succeeded Succeeded 0");
    expect(play.log.join("\n")).toMatch(
      /notice: .*the deployment was continued already.*follows the deployment/,
    );
  });

  test("somebody else continued it, and this run asks for a rollback: it fails", async () => {
    const stage = await rollingPaused();
    beforeTheAnswer(stage, () => answeredByAnotherUser(stage, "CONTINUE"));
    const play = await stage.play(answering("rollback"));
    expect(verdictOf(play)).toBe("failed RollbackFailed 1");
    expect(play.annotation).toContain("had another answer already, and the new revision runs");
    expect(revisionOf(stage)).toBe("clockko-backend:2");
  });

  test("somebody else rolled it back, as this run asks: it passes", async () => {
    const stage = await rollingPaused();
    beforeTheAnswer(stage, () => answeredByAnotherUser(stage, "ROLLBACK"));
    const play = await stage.play(answering("rollback"));
    expect(verdictOf(play)).toBe("rolled-back RolledBack 0");
  });

  test.each([
    { theirs: "CONTINUE", ends: "succeeded NotWatched 0" },
    { theirs: "ROLLBACK", ends: "failed NothingPaused 1" },
  ] as const)("not watched, and the other answer is $theirs: $ends", async ({ theirs, ends }) => {
    const stage = await rollingPaused();
    beforeTheAnswer(stage, () => answeredByAnotherUser(stage, theirs));
    const play = await stage.play(answering("continue", { "wait-for-service-stability": "false" }));
    expect(verdictOf(play)).toBe(ends);
  });
});

test("the answer alone, without the wait", async () => {
  const stage = await rollingPaused();
  const play = await stage.play(answering("continue", { "wait-for-service-stability": "false" }));
  expect(verdictOf(play)).toBe("succeeded NotWatched 0");
  expect(play.calls.at(-1)).toBe("ecs:ContinueServiceDeployment");
  expect(play.log.at(-1)).toContain(
    "The pause of clockko-backend:2 on clockko-backend is answered",
  );
});

test("the new tasks fail after the answer: the rollout is judged and diagnosed as ever", async () => {
  const stage = await setStage({
    ...pausing({ lifecycleStages: ["PRE_SCALE_UP"] }),
    tasks: () => exitsWith(1, { logs: ["KeyError: 'PORT'"] }),
  });
  await startPausedDeployment(stage);
  const play = await stage.play(answering("continue"));
  expect(verdictOf(play)).toBe("rolled-back RolledBack 1");
  expect(play.annotation).toContain("KeyError: 'PORT'");
});

test("wait-until follows the answer", async () => {
  const stage = await setStage(behindLoadBalancer({ ...pauseAfterTest, bakeTimeInMinutes: 60 }));
  stage.clock.advance(90 * minute);
  await startPausedDeployment(stage);
  const play = await stage.play(answering("continue", { "wait-until": "bake-time" }));
  expect(verdictOf(play)).toBe("succeeded ReachedStage 0");
});

test("a stage that a rolling deployment never has is refused before the answer", async () => {
  const stage = await rollingPaused();
  const play = await stage.play(answering("continue", { "wait-until": "bake-time" }));
  expect(verdictOf(play)).toBe("failed InvalidInput 1");
  expect(changesOf(play)).toEqual([]);
});

describe("the permission to answer", () => {
  test("is missing: the step fails, and the deployment still waits", async () => {
    const stage = await rollingPaused();
    stage.changePolicy = (statements) => statements.filter(({ Sid }) => Sid !== "AnswerHook");
    const play = await stage.play(answering("continue"));
    expect(verdictOf(play)).toBe("failed PermissionMissing 1");
    expect(play.annotation).toContain('Allow the action "ecs:ContinueServiceDeployment"');
    expect(deploymentsOf(stage)[0]?.status).toBe("IN_PROGRESS");
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/a-pause-is-answered-without-permission.txt",
    );
  });

  test("is not needed by a run that deploys", async () => {
    const stage = await setStage(pausing());
    stage.clock.schedule(2 * minute, () => answeredByAnotherUser(stage, "CONTINUE"));
    const play = await stage.play();
    expect(verdictOf(play)).toBe("succeeded Succeeded 0");
  });
});

describe("a cancel", () => {
  test("while the deployment is followed: on-cancel decides", async () => {
    const stage = await blueGreenPaused();
    stage.onCall = (call) => call === "ecs:ContinueServiceDeployment" && cancelAfter(stage, 30_000);
    const play = await stage.play(answering("continue", { "on-cancel": "rollback" }));
    expect(verdictOf(play)).toBe("cancelled Cancelled 1");
    expect(changesOf(play)).toEqual(["ecs:ContinueServiceDeployment", "ecs:StopServiceDeployment"]);
    expect(play.annotation).toContain("a rollback was requested (on-cancel)");
    expect(play.annotation).not.toContain("run the job again");
  });

  test("before the answer: the deployment is left alone", async () => {
    const stage = await rollingPaused();
    stage.onCall = (call) => call === "ecs:DescribeTaskDefinition" && cancelAfter(stage, 0);
    const play = await stage.play(answering("continue", { "on-cancel": "rollback" }));
    expect(verdictOf(play)).toBe("cancelled Cancelled 1");
    expect(changesOf(play)).toEqual([]);
  });
});

describe("several services", () => {
  const both = { service: "clockko-backend\nclockko-worker" };

  test("one waits, the other is idle", async () => {
    const stage = await setStage({ ...pausing(), services: ["clockko-worker"] });
    await startPausedDeployment(stage);
    const play = await stage.play(answering("continue", both));
    expect(verdictOf(play)).toBe("succeeded Succeeded 0");
    expect(play.outcome.services).toMatchObject([
      { outcome: "succeeded" },
      { outcome: "unchanged" },
    ]);
    expect(play.log.join("\n")).toContain(
      "notice: clockko-worker: no deployment is in progress. The last one",
    );
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/a-pause-is-answered-one-of-two-services.txt",
    );
  });

  test("one waits, the other has not reached its hook: it fails, and the first is answered", async () => {
    const stage = await setStage({
      ...pausing(),
      services: ["clockko-worker"],
      tasks: ({ serviceName }) =>
        serviceName === "clockko-worker" ? runs({ pullsFor: 30 * minute }) : runs(),
    });
    await startPausedDeployment(stage, both);
    const play = await stage.play(answering("continue", both));
    expect(verdictOf(play)).toBe("failed NothingPaused 1");
    expect(play.outcome.services).toMatchObject([{ outcome: "succeeded" }, { outcome: "failed" }]);
    expect(inputsOf(stage, "ecs:ContinueServiceDeployment")).toHaveLength(1);
  });

  test("both wait, and both are rolled back", async () => {
    const stage = await setStage({ ...pausing(), services: ["clockko-worker"] });
    await startPausedDeployment(stage, both);
    const play = await stage.play(answering("rollback", both));
    expect(verdictOf(play)).toBe("rolled-back RolledBack 0");
    expect(play.log.at(-1)).toContain("⏪ Rolled back 2 services at their pause, as asked");
  });
});

test("a dry run shows what it would answer", async () => {
  const stage = await rollingPaused();
  const play = await stage.play(answering("rollback", { "dry-run": "true" }));
  expect(verdictOf(play)).toBe("planned Planned 0");
  expect(changesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/a-pause-is-answered-dry-run.txt");
});

test("inputs that have no meaning with it are refused together", async () => {
  const stage = await rollingPaused();
  const play = await stage.play({
    "answer-pause": "continue",
    "image-tag": "v2",
    rollback: "true",
    "terraform-directory": "infra",
  });
  expect(verdictOf(play)).toBe("failed InvalidInput 1");
  expect(play.annotation).toContain(
    "Remove from this step: ecr-repository, image-tag, rollback, terraform-directory",
  );
  expect(play.calls).toEqual([]);
});

test("the file of a task that would not run is refused, and not read", async () => {
  const stage = await rollingPaused();
  const file = "deploy/migrate.json";
  const play = await stage.play(answering("continue", { "pre-deploy-task-definition": file }));
  expect(verdictOf(play)).toBe("failed InvalidInput 1");
  expect(play.annotation).toContain("Remove from this step: pre-deploy-task-definition");
  expect(play.annotation).not.toContain("there is no file");
  expect(play.calls).toEqual([]);
});

test("a value that is no answer is refused", async () => {
  const stage = await setStage();
  const play = await stage.play({ "ecr-repository": "", "answer-pause": "yes" });
  expect(play.annotation).toContain('answer-pause: expected "continue" or "rollback", got "yes"');
});

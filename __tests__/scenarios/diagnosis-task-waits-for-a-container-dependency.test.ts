import { type Behaviour, blockedBy } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { region, registry, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const logConfiguration = {
  logDriver: "awslogs",
  options: {
    "awslogs-group": "/ecs/clockko-backend",
    "awslogs-region": region,
    "awslogs-stream-prefix": "app",
  },
};

/** The app waits for `init`, in vain. */
function stageOf(condition: string, behaviour: Behaviour, init: object = {}) {
  const containerDefinitions = [
    {
      name: "app",
      image: `${registry}/clockko-backend:v1`,
      essential: true,
      dependsOn: [{ containerName: "init", condition }],
      logConfiguration,
    },
    {
      name: "init",
      image: "public.ecr.aws/docker/library/busybox:1",
      essential: false,
      logConfiguration,
      ...init,
    },
  ];
  return setStage({ taskDefinition: { containerDefinitions }, tasks: () => behaviour });
}

const inputs = { "container-name": "app", "wait-for-minutes": "5" };

describe("a container that another one waits for", () => {
  test("it has failed: its exit code and its log are reported as the cause", async () => {
    const stage = await stageOf(
      "SUCCESS",
      blockedBy("init", { exitCode: 1 }, { logs: ["migrate: no such table"] }),
    );

    const play = await stage.play(inputs);

    expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
    expect(play.annotation).toContain(
      'Container "app" has not started: it depends on container "init" (condition SUCCESS), which exited with code 1.',
    );
    expect(play.annotation).toContain("migrate: no such table");
    expect(play.annotation).not.toContain("Raise wait-for-minutes");
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/diagnosis-task-waits-for-a-container-dependency.txt",
    );
  });

  test("it has failed, and the deployment was rolled back", async () => {
    const stage = await stageOf("SUCCESS", blockedBy("init", { exitCode: 1 }));
    const play = await stage.play({ ...inputs, "on-timeout": "rollback" });
    expect(play.outcome.reasonCode).toBe("RolloutTimedOut");
    expect(play.annotation).toContain("which exited with code 1");
  });

  test("it is UNHEALTHY", async () => {
    const stage = await stageOf("HEALTHY", blockedBy("init", "UNHEALTHY"), {
      essential: true,
      healthCheck: { command: ["CMD", "true"] },
    });
    const play = await stage.play(inputs);
    expect(play.annotation).toContain(
      'depends on container "init" (condition HEALTHY), which is UNHEALTHY',
    );
  });

  test("it never ends", async () => {
    const stage = await stageOf("COMPLETE", blockedBy("init"));
    const play = await stage.play(inputs);
    expect(play.annotation).toContain("which runs and has not ended");
  });
});

test("a task that is not placed is reported with what it waits for", async () => {
  const stage = await setStage();
  stage.simulator.ecs.holdInProvisioning("clockko-backend");
  const play = await stage.play({ "wait-for-minutes": "5" });
  expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
  expect(play.annotation).toContain("1 task is in PROVISIONING");
  expect(play.annotation).not.toContain("ECS names no cause");
});

test("throttling of ECS is reported", async () => {
  const stage = await setStage();
  stage.simulator.ecs.holdInProvisioning("clockko-backend");
  stage.onCall = (call) => {
    if (call === "ecs:UpdateService")
      stage.clock.schedule(60_000, () =>
        stage.simulator.ecs.addEvent(
          { cluster: "clockko", service: "clockko-backend" },
          "operations are being throttled. Will try again later.",
        ),
      );
  };
  const play = await stage.play({ "wait-for-minutes": "5" });
  expect(play.annotation).toMatch(/ECS is throttled/);
});

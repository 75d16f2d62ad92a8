import { type Behaviour, exitsWith, runs, type TaskLaunch } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { byAnotherUser, movesOf, revisionOf } from "./support/changes.ts";
import { cancelAfter, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

/** As in the root; the action changes no setting that Terraform manages. */
const service = {
  deploymentConfiguration: {
    ...{ maximumPercent: 200, minimumHealthyPercent: 100 },
    deploymentCircuitBreaker: { enable: true, rollback: true },
  },
};

test("Terraform deploys the service, and ECS reports success", async () => {
  const stage = await setStage({ terraform: {}, service });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.outputs).toMatchObject({
    "task-definition-arn": expect.stringMatching(/clockko-backend:2$/),
    "previous-task-definition-arn": expect.stringMatching(/clockko-backend:1$/),
    "deployment-id": expect.stringMatching(/^ecs-svc\//),
    "service-deployment-arn": expect.stringMatching(/:service-deployment\//),
  });
  expect(play.summary).toContain("| replace | `aws_ecs_task_definition.backend` |");
  expect(play.log.join("\n")).not.toContain("not-to-be-shown");
  expect(play.summary).not.toContain("not-to-be-shown");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/terraform-deploys-the-service.txt",
  );
});

test("its credentials are in the environment of its processes, and in no argument", async () => {
  const stage = await setStage({ terraform: {} });

  const { terraform } = await stage.play();

  const secrets = stage.simulator.secrets();
  const [version, ...others] = terraform?.requests ?? [];
  expect(version?.environment).not.toHaveProperty("AWS_ACCESS_KEY_ID");
  for (const { environment } of others) {
    expect(secrets).toContain(environment["AWS_SECRET_ACCESS_KEY"]);
    expect(environment).toMatchObject({
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      AWS_REGION: "us-east-1",
    });
    expect(environment).not.toHaveProperty("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  }
  const words = (terraform?.requests ?? []).flatMap((request) => request.arguments);
  expect(secrets.filter((secret) => words.some((word) => word.includes(secret)))).toEqual([]);
});

test("the apply gets a fresh session", async () => {
  const stage = await setStage({ terraform: {} });

  const { calls } = await stage.play();

  expect(calls.filter((call) => call === "sts:AssumeRoleWithWebIdentity")).toHaveLength(2);
});

test("after a rollback the state drift is reported, with the remedy", async () => {
  const stage = await setStage({ terraform: {}, tasks: () => exitsWith(1), service });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toContain(
    "the Terraform state has clockko-backend:2 for clockko-backend, ECS runs clockko-backend:1",
  );
  expect(play.annotation).toContain("`image-tag: v1`");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/terraform-state-drift-after-rollback.txt",
  );
});

test("latest-when: succeeded, after a rollback latest has not moved", async () => {
  const latestAfter = async (tasks: () => Behaviour) => {
    const stage = await setStage({ terraform: {}, tasks, service });
    await stage.play({ "latest-when": "succeeded" });
    return stage.simulator.ecr.repositories.tags("clockko-backend")["latest"];
  };

  expect(await latestAfter(() => exitsWith(1))).toBeUndefined();
  expect(await latestAfter(() => runs())).toMatch(/^sha256:/);
});

test("if the state has no such service, the applied changes are reported", async () => {
  const stage = await setStage({
    terraform: { stateForgets: true },
    tasks: () => exitsWith(1),
    service,
  });

  const { annotation } = await stage.play();

  expect(annotation).toContain(
    "Terraform applied clockko-backend:2 to clockko-backend, ECS runs clockko-backend:1",
  );
});

test("Terraform waits itself and fails because of the rollback: ECS's result counts, Terraform's error is shown beside it", async () => {
  const applyPrints = [
    "╷",
    "│ Error: waiting for ECS Service (clockko-backend) update: rolled back",
    "╵",
  ];
  const stage = await setStage({
    terraform: { waits: 10 * 60_000, applyPrints },
    tasks: () => exitsWith(1),
    service,
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toContain("exited with code 1");
  expect(play.annotation).toContain(
    "Terraform reported: waiting for ECS Service (clockko-backend) update: rolled back",
  );
});

test("Terraform fails at another resource: the service is deployed, the step fails", async () => {
  const applyPrints = [
    "│ Error: creating alarm: LimitExceeded",
    "│ ",
    "│   on alarms.tf line 3, in resource:",
  ];
  const stage = await setStage({ terraform: { applyPrints } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TerraformFailed" });
  expect(play.outcome.services).toMatchObject([{ outcome: "succeeded" }]);
  expect(play.annotation).toContain("ECS itself is fine: clockko-backend runs clockko-backend:2");
  expect(play.outcome.problem?.at).toMatchObject({
    file: expect.stringMatching(/infra\/alarms\.tf$/),
    line: 3,
  });
  expect(play.summary).toContain("**apply failed**");
});

test("the service ignores its task definition: a revision that is not deployed is not a success", async () => {
  const stage = await setStage({ terraform: { ignoresTaskDefinition: true } });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ServiceNotUpdated" });
  expect(play.annotation).toContain("ignore_changes = [task_definition]");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
});

test("no changes, and the image is already running", async () => {
  const stage = await setStage({ terraform: { nothingToChange: true } });

  const play = await stage.play({ "image-tag": "v1" });

  expect(play.outcome).toMatchObject({ outcome: "unchanged", passes: true });
  expect(movesOf(play).filter((move) => move.startsWith("ecs:"))).toEqual([]);
});

test("no changes, but the deployment of this image is in progress: it is joined", async () => {
  const stage = await setStage({
    terraform: { nothingToChange: true },
    tasks: () => runs({ pullsFor: 60_000 }),
  });
  await stage.play({ "terraform-directory": "", "wait-for-service-stability": "false" });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.outcome.services[0]?.end).toBeDefined();
});

test("another deployment in between is not mistaken for this one", async () => {
  const stage = await setStage({ terraform: { ignoresTaskDefinition: true, waits: 60_000 } });
  stage.onCall = (call) => {
    if (call !== "ecs:RegisterTaskDefinition") return;
    byAnotherUser(stage, "UpdateService", {
      ...{ cluster: "clockko", service: "clockko-backend" },
      forceNewDeployment: true,
    });
  };

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ServiceNotUpdated" });
});

test("a deployment that ends before the first poll is found in the service deployment history", async () => {
  const stage = await setStage({ terraform: {}, tasks: () => exitsWith(1), service });
  stage.simulator.ecs.setDescribeDelay(5 * 60_000); // what DescribeServices says is five minutes old

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.outputs["deployment-id"]).toMatch(/^ecs-svc\/\d+$/);
});

test("wait disabled: only the apply runs", async () => {
  const stage = await setStage({ terraform: {} });

  const play = await stage.play({ "wait-for-service-stability": "false" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "NotWatched" });
});

test("a service without a circuit breaker causes a warning that names the root to change", async () => {
  const stage = await setStage({ terraform: {} });

  const { log } = await stage.play();

  expect(log).toContainEqual(
    expect.stringContaining("warning: clockko-backend has no circuit breaker"),
  );
});

test("cluster and service can be outputs of the root", async () => {
  const reported = (value: string) => ({ value, sensitive: false });
  const outputs = { cluster_name: reported("clockko"), service_name: reported("clockko-backend") };
  const stage = await setStage({ terraform: { outputs }, service });

  const play = await stage.play({ cluster: "", service: "" });

  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    services: [{ cluster: "clockko", service: "clockko-backend" }],
  });
});

test("a dry run plans, and applies nothing", async () => {
  const stage = await setStage({ terraform: {} });

  const play = await stage.play({ "dry-run": "true" });

  expect(play.outcome).toMatchObject({ outcome: "planned", passes: true });
  expect(play.terraform?.commands.some((command) => command.includes(" apply "))).toBe(false);
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/terraform-dry-run.txt");
});

test("cancelled during the apply: Terraform is asked once to stop, and on-cancel rolls back the deployment", async () => {
  const stage = await setStage({
    terraform: { waits: 20 * 60_000 },
    tasks: () => runs({ pullsFor: 10 * 60_000 }),
  });
  stage.onCall = (call) => call === "ecs:UpdateService" && cancelAfter(stage, 30_000);

  const play = await stage.play({ "on-cancel": "rollback" });

  expect(play.outcome).toMatchObject({ outcome: "cancelled", reasonCode: "Cancelled" });
  expect(play.terraform?.interrupts()).toBe(1);
  expect(play.annotation).toContain("a rollback was requested (on-cancel)");
  expect(play.annotation).toContain("Terraform was asked to stop (one SIGINT)");
  expect(play.summary).toContain("**apply interrupted**");
});

test("a rollback deploys the old image and runs no migration", async () => {
  const tasks = ({ serviceName }: TaskLaunch) =>
    serviceName === undefined ? exitsWith(0) : runs();
  const stage = await setStage({ terraform: {}, tasks });
  const commands = {
    "pre-deploy-command": "alembic upgrade head",
    "post-deploy-command": "python -m clockko.warm",
  };
  expect((await stage.play(commands)).calls).toContain("ecs:RunTask");

  const play = await stage.play({ ...commands, rollback: "true" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded" });
  expect(play.outputs["image-tag"]).toBe("v1");
  expect(play.calls).not.toContain("ecs:RunTask");
});

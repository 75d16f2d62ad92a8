import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import type { PlanDocument } from "./support/scripted-terraform.ts";
import { cancelAfter, setStage } from "./support/stage.ts";

const failing = ["╷", "│ Error: creating the worker's queue: LimitExceeded", "╵"];

test("Terraform fails before the second service: it is reported as the reason why nothing began there", async () => {
  const stage = await setStage({
    terraform: { applyPrints: failing },
    services: ["clockko-worker"],
  });

  const play = await stage.play({ service: "clockko-backend\nclockko-worker" });

  expect(play.outcome).toMatchObject({
    outcome: "failed",
    reasonCode: "TerraformFailed",
    services: [
      { service: "clockko-backend", outcome: "succeeded" },
      { service: "clockko-worker", outcome: "failed", reasonCode: "TerraformFailed" },
    ],
  });
  expect(play.annotation).toContain("creating the worker's queue: LimitExceeded");
  expect(play.annotation).toContain(
    "clockko-backend runs clockko-backend:2, clockko-worker runs clockko-worker:1 as before",
  );
  expect(play.annotation).not.toContain("ignore_changes");
});

test("Terraform fails before it creates the second service", async () => {
  const stage = await setStage({ terraform: { applyPrints: failing } });

  const play = await stage.play({ service: "clockko-backend\nclockko-worker" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "TerraformFailed" });
  expect(play.annotation).toContain("creating the worker's queue: LimitExceeded");
});

test("ECS may not be watched, and Terraform fails, too: both are reported, and the apply is not interrupted", async () => {
  const stage = await setStage({ terraform: { applyPrints: failing } });
  stage.onCall = (call) => {
    if (call !== "ecs:UpdateService") return;
    const denied = {
      kind: "error",
      name: "AccessDeniedException",
      message: "not authorized to perform: it",
    } as const;
    stage.simulator.faults.add("ecs:DescribeServices", denied, 1_000);
  };

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", passes: false });
  expect(play.annotation).toContain(
    "Terraform reported: creating the worker's queue: LimitExceeded",
  );
  expect(play.summary).toContain("**apply failed**");
});

test("sensitive values in Terraform's errors are not shown", async () => {
  const plan = (document: PlanDocument) => ({
    ...document,
    variables: { ...document.variables, key: { value: "open-sesame" } },
    configuration: { root_module: { variables: { key: { sensitive: true } } } },
  });
  const applyPrints = [
    "│ Error: local-exec provisioner error",
    "│ Error running command 'login open-sesame': exit status 3.",
  ];
  const stage = await setStage({ terraform: { plan, applyPrints } });

  const play = await stage.play();

  expect(play.annotation).toContain("Error running command 'login (hidden)': exit status 3.");
  expect([...play.log, play.summary, play.annotation].join("\n")).not.toContain("open-sesame");
});

test("a tag that the root marks as sensitive is still shown", async () => {
  const plan = (document: PlanDocument) => ({
    ...document,
    configuration: { root_module: { variables: { image_tag: { sensitive: true } } } },
  });
  const stage = await setStage({ terraform: { plan } });

  const { summary } = await stage.play({ "image-tag": "v2.0.1" });

  expect(summary).toContain('-> "clockko-backend:v2.0.1"');
});

test("the terraform binary does not run: its error output is shown", async () => {
  const stage = await setStage({
    terraform: { versionPrints: ["No version is set for command terraform"] },
  });

  const play = await stage.play();

  expect(play.outcome.reasonCode).toBe("TerraformMissing");
  expect(play.annotation).toContain(
    "`terraform version` ended with exit code 1: No version is set for command terraform",
  );
});

test("TF_CLI_ARGS is not passed to the version command", async () => {
  const stage = await setStage({ terraform: {} });
  stage.environment = {
    ...stage.environment,
    TF_CLI_ARGS: "-compact-warnings",
    AWS_DEFAULT_PROFILE: "mine",
  };

  const { terraform } = await stage.play();

  const [version, init] = terraform?.requests ?? [];
  expect(version?.environment).not.toHaveProperty("TF_CLI_ARGS");
  expect(init?.environment).toMatchObject({ TF_CLI_ARGS: "-compact-warnings" });
  expect(init?.environment).not.toHaveProperty("AWS_DEFAULT_PROFILE");
});

/** Terraform does not know yet what the containers will be. */
const unknownContainers = ({
  variables,
  resource_changes: [definition, ...others],
}: PlanDocument) => ({
  variables,
  resource_changes: [
    {
      ...definition,
      change: { actions: ["create"], after: {}, after_unknown: { container_definitions: true } },
    },
    ...others,
  ],
});

test("a migration's revision is registered in advance, even if its containers are known only then", async () => {
  const stage = await setStage({
    terraform: { plan: unknownContainers },
    tasks: ({ serviceName }) => (serviceName === undefined ? exitsWith(0) : runs()),
  });

  const play = await stage.play({ "pre-deploy-command": "alembic upgrade head" });

  expect(play.outcome).toMatchObject({ outcome: "succeeded" });
  expect(play.terraform?.commands.filter((command) => command.includes("-target="))).toEqual([
    expect.stringContaining("-target=aws_ecs_task_definition.backend"),
  ]);
});

test("cancelled during the plan: Terraform holds the lock, and is asked once to stop", async () => {
  const stage = await setStage({ terraform: { planTakes: 10 * 60_000 } });
  cancelAfter(stage, 5 * 60_000);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "cancelled" });
  expect(play.terraform?.interrupts()).toBe(1);
  expect(play.terraform?.commands.filter((command) => / (show|apply) /.test(command))).toEqual([]);
});

test("cancelled while the revision is registered in advance: Terraform is asked once to stop, and that is reported", async () => {
  const stage = await setStage({ terraform: { waits: 60_000 }, tasks: () => runs() });
  stage.onCall = (call) => call === "ecs:RegisterTaskDefinition" && cancelAfter(stage, 1_000);

  const play = await stage.play({ "pre-deploy-command": "alembic upgrade head" });

  expect(play.outcome).toMatchObject({ outcome: "cancelled" });
  expect(play.terraform?.interrupts()).toBe(1);
  expect(play.annotation).toContain("Terraform was asked to stop (one SIGINT)");
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { PlanDocument, TerraformScript } from "./support/scripted-terraform.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

/** Calls that must not follow a refusal. */
async function refused(script: TerraformScript, inputs: Readonly<Record<string, string>> = {}) {
  const stage = await setStage({ terraform: script });
  const play = await stage.play({ "image-tag": "v2", ...inputs });
  expect(play.exitCode).toBe(1);
  expect(play.terraform?.commands.filter((command) => command.includes(" apply "))).toEqual([]);
  return play;
}

/** Another thing that the plan would do. */
function also(address: string, ...actions: readonly string[]) {
  const [type = ""] = address.split(".");
  return (document: PlanDocument) => ({
    ...document,
    resource_changes: [
      ...document.resource_changes,
      { address, type, mode: "managed", change: { actions } },
    ],
  });
}

test("neither Terraform nor OpenTofu is installed", async () => {
  const play = await refused({ binary: "none" });

  expect(play.outcome.reasonCode).toBe("TerraformMissing");
  expect(play.annotation).toContain("hashicorp/setup-terraform");
  expect(play.dockerCommands).toEqual([]);
});

test("OpenTofu works as well", async () => {
  const stage = await setStage({ terraform: { binary: "tofu" } });

  const play = await stage.play();

  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log).toContainEqual(expect.stringContaining("OpenTofu 1.11.4 in "));
});

test("behind setup-terraform's wrapper, which does not forward signals, the binary is found", async () => {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-wrapper-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "terraform-bin"), "");
  const stage = await setStage({ terraform: { binary: "terraform-bin" } });
  stage.environment["TERRAFORM_CLI_PATH"] = folder;

  const play = await stage.play();

  expect(play.outcome.outcome).toBe("succeeded");
  expect(new Set(play.terraform?.requests.map(({ command }) => command))).toEqual(
    new Set([join(folder, "terraform-bin")]),
  );
});

test.each([
  [true, "terraform -chdir=infra init -input=false -no-color -lockfile=readonly"],
  [undefined, "terraform -chdir=infra init -input=false -no-color"],
] as const)("with a committed lock file (%s) its providers are used", async (lockFile, init) => {
  const stage = await setStage({ terraform: { ...(lockFile && { lockFile }) } });

  const play = await stage.play();

  expect(play.terraform?.commands).toContain(init);
});

test("the root does not declare the variable: reported before anything is built", async () => {
  const play = await refused({ root: 'variable "tag" {}\n' });

  expect(play.outcome.reasonCode).toBe("TerraformVariableIgnored");
  expect(play.annotation).toContain('declares no variable "image_tag"');
  expect(play.dockerCommands).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/terraform-does-not-use-the-variable.txt",
  );
});

test("a variable declared only in a comment is found by the plan", async () => {
  const plan = ({ resource_changes }: PlanDocument) => ({ variables: {}, resource_changes });
  const play = await refused({ plan });

  expect(play.outcome.reasonCode).toBe("TerraformVariableIgnored");
});

test("a variable file that overrides the image tag is refused", async () => {
  const plan = (document: PlanDocument) => ({
    ...document,
    variables: { image_tag: { value: "v1" } },
  });
  const play = await refused({ plan });

  expect(play.outcome.reasonCode).toBe("TerraformVariableIgnored");
  expect(play.annotation).toContain('plans with image_tag = "v1", not with "v2"');
});

test("no planned container has the image", async () => {
  const plan = ({ variables, resource_changes }: PlanDocument) => ({
    variables,
    resource_changes: resource_changes.slice(1),
  });
  const play = await refused({ plan });

  expect(play.outcome.reasonCode).toBe("TerraformImageNotPlanned");
  expect(play.annotation).toContain("The plan has no container definitions");
});

test("container definitions that are known only after the apply are accepted unchecked", async () => {
  const plan = ({ variables, resource_changes: [definition, ...others] }: PlanDocument) => ({
    variables,
    resource_changes: [
      {
        ...definition,
        change: { actions: ["create"], after: {}, after_unknown: { container_definitions: true } },
      },
      ...others,
    ],
  });
  const stage = await setStage({ terraform: { plan } });

  const play = await stage.play();

  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log).toContainEqual(
    expect.stringContaining("notice: Not checked: whether aws_ecs_task_definition.backend"),
  );
});

test("deleting or replacing anything except task definitions is refused", async () => {
  const play = await refused({ plan: also("aws_db_instance.main", "delete", "create") });

  expect(play.outcome.reasonCode).toBe("TerraformPlanBlocked");
  expect(play.annotation).toContain(
    "aws_db_instance.main would be replaced (deleted and created again)",
  );
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/terraform-guard-refuses-deletions.txt",
  );
});

test("a state without the service is refused, for example a wrong workspace", async () => {
  const plan = ({ variables, resource_changes }: PlanDocument) => ({
    variables,
    resource_changes: resource_changes.map((one) => ({
      ...one,
      change: { ...one.change, actions: ["create"] },
    })),
  });
  const play = await refused({ plan }, { "terraform-workspace": "prodution" });

  expect(play.outcome.reasonCode).toBe("TerraformPlanBlocked");
  expect(play.annotation).toContain(
    "would create the service clockko-backend, which already exists",
  );
});

test("a root without skip_destroy causes a warning: rollback would be impossible", async () => {
  const plan = ({ variables, resource_changes }: PlanDocument) => ({
    variables,
    resource_changes: resource_changes.map((one) => ({
      ...one,
      change: { ...one.change, before: {} },
    })),
  });
  const stage = await setStage({ terraform: { plan } });

  const { log } = await stage.play();

  expect(log).toContainEqual(
    expect.stringContaining(
      "warning: aws_ecs_task_definition.backend has no `skip_destroy = true`",
    ),
  );
});

test.each([["aws_db_instance.main"], ["aws_db_instance"], ["aws_db_*"], ["off"]])(
  "unless terraform-guard says %s",
  async (guard) => {
    const stage = await setStage({ terraform: { plan: also("aws_db_instance.main", "delete") } });

    const play = await stage.play({ "terraform-guard": guard });

    expect(play.outcome.outcome).toBe("succeeded");
  },
);

test("terraform-guard accepts resource addresses with any key", async () => {
  const address = 'aws_s3_object.page["index of: a@b"]';
  const stage = await setStage({ terraform: { plan: also(address, "delete") } });

  expect((await stage.play({ "image-tag": "v2" })).annotation).toContain(`  ${address}`);
  expect(
    (await stage.play({ "image-tag": "v2", "terraform-guard": address })).outcome.outcome,
  ).toBe("succeeded");
});

test("the state is locked by another run: owner and age are reported, the lock is not forced", async () => {
  const planPrints = [
    "╷",
    "│ Error: Error acquiring the state lock",
    "│ ",
    "│ Error message: operation error S3: PutObject, https response error StatusCode: 412",
    "│ Lock Info:",
    "│   ID:        0f3d7f3e-6d2d-2f0c-1e2b-3c4d5e6f7a8b",
    "│   Path:      clockko-state/service/terraform.tfstate",
    "│   Operation: OperationTypeApply",
    "│   Who:       alice@laptop",
    "│   Version:   1.11.4",
    "│   Created:   2026-11-23 08:40:00.123456789 +0000 UTC",
    "╵",
  ];
  const play = await refused({ planPrints });

  expect(play.outcome.reasonCode).toBe("TerraformLocked");
  expect(play.annotation).toMatch(
    /locked by alice@laptop \(OperationTypeApply\) since 2026-11-23 08:40:00\S* \+0000 UTC, 30 min ago/,
  );
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/terraform-state-is-locked.txt");
});

test("init fails: nothing is built", async () => {
  const play = await refused({
    initPrints: ["│ Error: Failed to get existing workspaces: AccessDenied"],
  });

  expect(play.outcome.reasonCode).toBe("TerraformFailed");
  expect(play.annotation).toContain("terraform init ended with exit code 1");
  expect(play.dockerCommands).toEqual([]);
});

test("inputs that Terraform manages are reported together", async () => {
  const play = await refused(
    {},
    {
      "desired-count": "2",
      "environment-variables": "A=b",
      "if-image-exists": "rebuild",
      "terraform-guard": "a b",
    },
  );

  expect(play.outcome.reasonCode).toBe("InvalidInput");
  for (const name of [
    "desired-count",
    "environment-variables",
    "if-image-exists",
    "terraform-guard",
  ])
    expect(play.annotation).toContain(`- ${name}: `);
});

test("neither the inputs nor the root's outputs name the service", async () => {
  const play = await refused({}, { cluster: "", service: "" });

  expect(play.outcome.reasonCode).toBe("InvalidInput");
  expect(play.annotation).toContain("no output cluster_name and service_name");
  expect(play.dockerCommands).toEqual([]);
});

test.each([["create"], ["update"], ["delete", "create"]])(
  "a root that changes an Express Mode service is refused before the apply: %s",
  async (...actions) => {
    const play = await refused({
      plan: also("aws_ecs_express_gateway_service.shop", ...actions),
    });

    expect(play.outcome.reasonCode).toBe("ControllerUnsupported");
    expect(play.annotation).toContain(
      "Terraform would change aws_ecs_express_gateway_service.shop, an Express Mode service",
    );
  },
);

test("an Express Mode service that the plan leaves as it is refuses nothing", async () => {
  const stage = await setStage({
    terraform: { plan: also("aws_ecs_express_gateway_service.shop", "no-op") },
  });

  expect((await stage.play({ "image-tag": "v2" })).outcome.outcome).toBe("succeeded");
});

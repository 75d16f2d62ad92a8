// A service that ECS answers without a task definition of its own must not fall out of the plan: green, and nothing deployed.

import { describe, expect, test } from "vitest";
import { changesOf } from "./support/no-changes.ts";
import { type InputTexts, registry, setStage } from "./support/stage.ts";

const web = {
  cluster: "clockko",
  serviceName: "web",
  taskDefinition: "clockko-backend:1",
  desiredCount: 1,
};

async function stageWithExpress(terraform = false) {
  const stage = await setStage(terraform ? { terraform: {} } : {});
  stage.simulator.ecs.createExpressService({
    ...web,
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
  });
  stage.clock.advance(10 * 60_000);
  return stage;
}

const runs: readonly {
  readonly name: string;
  readonly inputs: InputTexts;
  readonly terraform?: boolean;
}[] = [
  { name: "a deployment", inputs: { service: "web" } },
  {
    name: "a deployment of a ready image",
    inputs: { service: "web", image: `${registry}/clockko-backend:v1`, "ecr-repository": "" },
  },
  { name: "beside a service of the usual kind", inputs: { service: "clockko-backend\nweb" } },
  { name: "the same in the other order", inputs: { service: "web\nclockko-backend" } },
  { name: "a dry run", inputs: { service: "web", "dry-run": "true" } },
  { name: "rollback", inputs: { service: "web", rollback: "true" } },
  { name: "to a revision", inputs: { service: "web", to: "clockko-backend:1" } },
  { name: "to a tag", inputs: { service: "web", to: "v1" } },
  {
    name: "only its settings",
    inputs: { service: "web", "image-tag": "v1", "desired-count": "3" },
  },
  { name: "wait disabled", inputs: { service: "web", "wait-for-service-stability": "false" } },
  { name: "its turn is waited for", inputs: { service: "web", "when-busy": "wait" } },
  { name: "with Terraform", inputs: { service: "web" }, terraform: true },
  {
    name: "with Terraform, rollback",
    inputs: { service: "web", rollback: "true" },
    terraform: true,
  },
  {
    name: "with Terraform, a dry run",
    inputs: { service: "web", "dry-run": "true" },
    terraform: true,
  },
];

describe("an Express Mode service is refused before anything is built", () => {
  test.each(runs)("$name", async ({ inputs, terraform = false }) => {
    const stage = await stageWithExpress(terraform);

    const play = await stage.play(inputs);

    expect(play.outcome).toMatchObject({
      outcome: "failed",
      reasonCode: "ControllerUnsupported",
      passes: false,
    });
    expect(play.annotation).toContain(
      'Service "web" in cluster "clockko" (us-east-1) is an Express Mode service',
    );
    expect(play.annotation).toContain("Express Mode services are not supported yet.");
    expect(changesOf(play).filter((call) => !/^registry:(GET|HEAD) /.test(call))).toEqual([]);
    expect(play.terraform?.commands.filter((command) => command.includes(" apply ")) ?? []).toEqual(
      [],
    );
  });
});

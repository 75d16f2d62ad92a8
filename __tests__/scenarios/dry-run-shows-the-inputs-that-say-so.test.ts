import { expect, test } from "vitest";
import type { InputName, inputSpecs } from "../../src/inputs/schema.ts";
import { pausing, startPausedDeployment } from "./support/paused.ts";
import { type InputTexts, registry, type StageOptions, setStage } from "./support/stage.ts";

/** The inputs whose row of the table says `dryRun: "shown"`. */
type ShownInput = {
  [Name in InputName]: (typeof inputSpecs)[Name]["handling"]["dryRun"] extends "shown"
    ? Name
    : never;
}[InputName];

interface Sample {
  readonly value: string;
  /** Other inputs that this one needs; the dry run that it is compared with has them too. */
  readonly beside?: InputTexts;
}

/** TypeScript requires a sample for each of them. */
const samples: Readonly<Record<ShownInput, Sample>> = {
  "ecr-repository": { value: "tools", beside: { "container-name": "app" } },
  "if-repository-missing": {
    value: "create",
    beside: { "ecr-repository": "fresh", "container-name": "app" },
  },
  "image-tag": { value: "three" },
  "if-image-exists": {
    value: "rebuild",
    beside: { "ecr-repository": "tools", "image-tag": "v1", "container-name": "app" },
  },
  image: { value: `${registry}/clockko-backend:two` },
  "pin-digest": { value: "true", beside: { "image-tag": "two" } },
  "task-definition": { value: "clockko-worker:1" },
  "task-definition-family": { value: "clockko-next" },
  "container-name": { value: "sidecar" },
  "environment-variables": { value: "GREETING=hello" },
  secrets: { value: "TOKEN=arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf" },
  "task-definition-patch": { value: "memory: '1024'" },
  cluster: { value: "second", beside: { service: "clockko-worker" } },
  service: { value: "clockko-worker" },
  "desired-count": { value: "2" },
  "force-new-deployment": { value: "true" },
  "circuit-breaker-threshold": { value: "3" },
  "service-patch": { value: "enableExecuteCommand: true" },
  express: {
    value:
      "{infrastructureRoleArn: 'arn:aws:iam::123456789012:role/infra', " +
      "executionRoleArn: 'arn:aws:iam::123456789012:role/exec'}",
    beside: { service: "clockko-backend\nfresh" },
  },
  "answer-pause": { value: "continue", beside: { "ecr-repository": "" } },
  rollback: { value: "true" },
  to: { value: "1" },
  "terraform-directory": { value: "infra" },
};

test.each(Object.entries(samples))(
  "a dry run shows the input %s",
  async (name, { value, beside = {} }) => {
    // Without the first two the service or the repository that they create would be an error; without
    // `answer-pause` there would be no image.
    const alone = ["express", "if-repository-missing", "answer-pause"].includes(name);
    const before = await planLines(alone ? {} : beside, {});
    // The stage has a Terraform root of its own, and names it in this input.
    const after =
      name === "terraform-directory"
        ? await planLines(beside, { terraform: {} })
        : await planLines({ ...beside, [name]: value }, name === "answer-pause" ? pausing() : {});

    expect(after).not.toEqual(before);
  },
);

/** What a dry run prints of its plan. */
async function planLines(inputs: InputTexts, options: StageOptions): Promise<readonly string[]> {
  const stage = await setStage({
    services: ["clockko-worker"],
    taskDefinition: { containerDefinitions: [container("app"), container("sidecar")] },
    secrets: { "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf": "x" },
    ...options,
  });
  const { ecr, ecs } = stage.simulator;
  ecr.repositories.createRepository("tools", { imageTagMutability: "MUTABLE" });
  ecr.repositories.putImage("tools", { tags: ["v1"] });
  ecr.repositories.putImage("clockko-backend", { tags: ["two"] });
  ecs.createCluster("second");
  ecs.createService({
    cluster: "second",
    serviceName: "clockko-worker",
    taskDefinition: "clockko-worker:1",
    desiredCount: 1,
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    },
  });
  if ("answer-pause" in inputs) await startPausedDeployment(stage, { "container-name": "app" });
  const needsEarlierDeployment = "rollback" in inputs || "to" in inputs;
  if (needsEarlierDeployment) await stage.play({ "image-tag": "two", "container-name": "app" });
  const { log, outcome, annotation } = await stage.play({ ...inputs, "dry-run": "true" });
  expect(outcome, annotation).toMatchObject({ outcome: "planned" });
  const start = log.findIndex((line) => line.trim().startsWith("Would "));
  expect(start).toBeGreaterThanOrEqual(0);
  return log.slice(
    start,
    log.findIndex((line) => line.includes("outcome: planned")),
  );
}

function container(name: string) {
  return { name, image: `${registry}/clockko-backend:v1`, essential: true };
}

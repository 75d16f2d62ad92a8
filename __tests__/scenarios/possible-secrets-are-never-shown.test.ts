import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { inputsOf } from "./support/changes.ts";
import { type InputTexts, type Play, type StageOptions, setStage } from "./support/stage.ts";

/** Each place of a task definition where people put secrets, with the value of the old or the new revision in it. */
function places(secret: (place: string) => string) {
  return {
    container: {
      command: ["serve", `--token=${secret("command")}`],
      entryPoint: ["sh", secret("entryPoint")],
      dockerLabels: { "traefik.basicauth": secret("label") },
      environment: [{ name: "GREETING", value: secret("environment") }],
      healthCheck: {
        command: ["CMD-SHELL", `curl -H 'x-key: ${secret("healthCheck")}' localhost`],
      },
      logConfiguration: { logDriver: "splunk", options: { "splunk-token": secret("logOption") } },
    },
    taskDefinition: { tags: [{ key: "webhook", value: secret("tag") }] },
  };
}

const oldSecret = (place: string) => `old-${place}-5f3a9c`;
const newSecret = (place: string) => `new-${place}-81d2e7`;
const planted = /(old|new)-\w+-(5f3a9c|81d2e7)/g;

const { container, taskDefinition } = places(newSecret);
const file = JSON.stringify({
  ...{ family: "clockko-backend", cpu: "256", memory: "512", networkMode: "awsvpc" },
  ...{
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
  },
  containerDefinitions: [{ name: "app", image: "replaced", essential: true, ...container }],
  ...taskDefinition,
});

function shownIn({ log, debugLines, annotation, summary, outputs, dockerCommands }: Play): string {
  return [
    ...log,
    ...debugLines,
    annotation,
    summary,
    ...Object.values(outputs),
    ...dockerCommands,
  ].join("\n");
}

test.each<[string, StageOptions["tasks"], InputTexts, string]>([
  ["a deployment that succeeds", () => runs(), {}, "succeeded"],
  ["a deployment that is rolled back", () => exitsWith(1), {}, "rolled-back"],
  ["a dry run", () => runs(), { "dry-run": "true" }, "planned"],
])("values that may be secret are shown nowhere: %s", async (_, tasks, inputs, outcome) => {
  const stage = await setStage({
    ...places(oldSecret),
    ...(tasks && { tasks }),
    files: { "task.json": file },
  });

  const play = await stage.play({ "task-definition": "task.json", ...inputs });

  expect(play.outcome.outcome).toBe(outcome);
  expect(shownIn(play).match(planted)).toBeNull();
  // They were there to be shown: each of these members is named, and each new value has reached ECS.
  const reported = play.log.join("\n");
  for (const member of [
    "command",
    "entryPoint",
    "dockerLabels",
    "environment",
    "healthCheck",
    "logConfiguration",
    "tags",
  ])
    expect(reported, member).toMatch(new RegExp(`${member}.*\\(hidden\\)`));
  if (outcome === "planned") return;
  const sent = JSON.stringify(inputsOf(stage, "ecs:RegisterTaskDefinition"));
  expect(new Set(sent.match(planted)).size).toBe(7);
});

test("values that may be secret are shown nowhere: an error of ECS that quotes what was sent", async () => {
  const stage = await setStage({ ...places(oldSecret), files: { "task.json": file } });
  const quoted = [
    ...container.command,
    newSecret("logOption"),
    newSecret("label"),
    newSecret("tag"),
  ].join(" and ");
  const message = `Invalid setting for container 'app'. The value '${quoted}' is not valid.`;
  stage.simulator.faults.add(
    "ecs:RegisterTaskDefinition",
    { kind: "error", name: "ClientException", message },
    99,
  );

  const play = await stage.play({ "task-definition": "task.json" });

  expect(play.outcome.outcome).toBe("failed");
  expect(play.annotation).toContain("Invalid setting for container");
  expect(shownIn(play).match(planted)).toBeNull();
});

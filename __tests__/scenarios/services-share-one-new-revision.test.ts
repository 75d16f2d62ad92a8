import { expect, test } from "vitest";
import { inputsOf, revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";

test("services that are deployed from one file share its one new revision, even when ECS rejects concurrent registrations of that family", async () => {
  const names = ["clockko-worker", "clockko-cron"];
  const file = {
    family: "clockko-backend",
    cpu: "256",
    memory: "512",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
    containerDefinitions: [{ name: "app", image: "" }],
  };
  const stage = await setStage({ services: names, files: { "td.json": JSON.stringify(file) } });
  const message = "Too many concurrent attempts to create a new revision of the specified family.";
  stage.simulator.faults.add(
    "ecs:RegisterTaskDefinition",
    { kind: "error", name: "ClientException", message },
    2,
  );

  const play = await stage.play({
    "task-definition": "td.json",
    service: ["clockko-backend", ...names].join("\n"),
  });

  expect(play.outcome.services.map(({ outcome }) => outcome)).toEqual([
    "succeeded",
    "succeeded",
    "succeeded",
  ]);
  expect(inputsOf(stage, "ecs:RegisterTaskDefinition")).toHaveLength(3); // two of them refused
  for (const name of ["clockko-backend", ...names])
    expect(revisionOf(stage, name)).toBe("clockko-backend:2");
});

import { expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { commit, registry, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("unknown task definition members are preserved", async () => {
  const container = {
    command: ["serve", ""],
    environment: [
      { name: "GREETING", value: "" },
      { name: "somethingNew", value: "null" },
    ],
    healthCheck: { command: ["CMD-SHELL", "curl -f http://localhost/ || exit 1"], retries: 3 },
    membersOfTomorrow: { list: [1, { deep: "" }], off: false, none: 0 },
  };
  const taskDefinition = {
    taskRoleArn: "arn:aws:iam::123456789012:role/clockko-task",
    somethingNew: { kept: true, empty: "" },
    tags: [
      { key: "team", value: "time" },
      { key: "empty", value: "" },
      { key: "aws:cloudformation:stack-name", value: "clockko" },
    ],
  };
  const stage = await setStage({ container, taskDefinition });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", reasonCode: "Succeeded" });
  expect(play.exitCode).toBe(0);
  const [before, after] = ["clockko-backend:1", "clockko-backend:2"].map((revision) =>
    byAnotherUser<{ taskDefinition: Record<string, unknown>; tags: unknown[] }>(
      stage,
      "DescribeTaskDefinition",
      {
        taskDefinition: revision,
        include: ["TAGS"],
      },
    ),
  );
  const written = {
    taskDefinitionArn: undefined,
    revision: undefined,
    registeredAt: undefined,
    registeredBy: undefined,
  };
  const image = `${registry}/clockko-backend:${commit}`;
  const [app] = (before?.taskDefinition["containerDefinitions"] ?? []) as object[];
  expect({ ...after?.taskDefinition, ...written }).toEqual({
    ...before?.taskDefinition,
    ...written,
    containerDefinitions: [{ ...app, image }],
  });
  expect(app).toMatchObject(container);
  expect(after?.taskDefinition).toMatchObject({ somethingNew: { kept: true, empty: "" } });
  expect(after?.tags).toEqual(taskDefinition.tags.slice(0, 2));
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/unknown-task-definition-members-are-preserved.txt",
  );
});

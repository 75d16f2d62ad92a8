import { exitsWith, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { byAnotherUser, inputsOf, revisionOf } from "./support/changes.ts";
import { changesOf } from "./support/no-changes.ts";
import { registry, type Stage, type StageOptions, setStage } from "./support/stage.ts";

/** As a form of workflow_dispatch gives them: texts, empty where nothing was filled in. */
const form = {
  rollback: "true",
  to: "",
  "task-definition": "",
  "desired-count": "",
  "dry-run": "false",
};

/** Revisions 2 (tag one) and 3 (tag two) were deployed and are good. */
async function twiceDeployed(options: StageOptions = {}): Promise<Stage> {
  const stage = await setStage(options);
  await stage.play({ "image-tag": "one" });
  await stage.play({ "image-tag": "two" });
  expect(revisionOf(stage)).toBe("clockko-backend:3");
  return stage;
}

test("rollback: the service is rolled back to the previous good revision, watched, without a build", async () => {
  const stage = await twiceDeployed();

  const play = await stage.play(form);

  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    services: [{ previousTaskDefinitionArn: expect.stringMatching(/:3$/) }],
  });
  expect(revisionOf(stage)).toBe("clockko-backend:2");
  expect(play.dockerCommands).toEqual([]);
  expect(play.calls.filter((call) => call.startsWith("ecr:"))).toEqual([]);
  expect(changesOf(play)).toEqual(["ecs:UpdateService"]);
  expect(play.log.join("\n")).toMatch(
    /reusing clockko-backend:2 \(it was the last successful revision before clockko-backend:3 \(deployed .* UTC\)/,
  );
});

test("rollback skips a revision that failed", async () => {
  const stage = await setStage({
    tasks: ({ revision }) => (revision === 3 ? exitsWith(1) : runs()),
  });
  await stage.play({ "image-tag": "one" });
  await stage.play({ "image-tag": "bad" });
  await stage.play({ "image-tag": "three" });
  expect(revisionOf(stage)).toBe("clockko-backend:4");

  const play = await stage.play(form);

  expect(play.outcome.outcome).toBe("succeeded");
  expect(revisionOf(stage)).toBe("clockko-backend:2");
});

test.each([
  { to: "1", revision: "clockko-backend:1", why: "`to` names it" },
  { to: "clockko-backend:2", revision: "clockko-backend:2", why: "`to` names it" },
  { to: "one", revision: "clockko-backend:2", why: 'it ran the image tag "one"' },
])("to: $to", async ({ to, revision, why }) => {
  const stage = await twiceDeployed();
  const play = await stage.play({ ...form, rollback: "", to });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(revisionOf(stage)).toBe(revision);
  expect(play.log.join("\n")).toContain(why);
});

test.each([
  { to: "99", says: 'no active task definition "99"' },
  { to: "no-such-tag", says: 'ran the image tag "no-such-tag". It ran: two, one, v1' },
])("to: $to is refused, and nothing changes", async ({ to, says }) => {
  const stage = await twiceDeployed();
  const play = await stage.play({ to });
  expect(play.outcome.reasonCode).toBe("NoRollbackTarget");
  expect(play.annotation).toContain(says);
  expect(changesOf(play)).toEqual([]);
});

test("a deregistered revision cannot be deployed again", async () => {
  const stage = await twiceDeployed();
  byAnotherUser(stage, "DeregisterTaskDefinition", { taskDefinition: "clockko-backend:2" });
  const play = await stage.play({ to: "2" });
  expect(play.outcome.reasonCode).toBe("NoRollbackTarget");
  expect(changesOf(play)).toEqual([]);
});

test("there is no revision to roll back to", async () => {
  const stage = await setStage();
  const play = await stage.play(form);
  expect(play.outcome.reasonCode).toBe("NoRollbackTarget");
  expect(play.annotation).toContain(
    "no successful deployment of another revision than clockko-backend:1",
  );
  expect(changesOf(play)).toEqual([]);
});

test("the missing permission to read deployments is reported", async () => {
  const stage = await twiceDeployed();
  const denied = {
    kind: "error",
    name: "AccessDeniedException",
    message: "not authorized",
  } as const;
  stage.simulator.faults.add("ecs:ListServiceDeployments", denied, 99);
  const play = await stage.play(form);
  expect(play.outcome.reasonCode).toBe("NoRollbackTarget");
  expect(play.annotation).toContain("ecs:ListServiceDeployments");
  expect(changesOf(play)).toEqual([]);
});

test("a dry run reports the rollback target and changes nothing", async () => {
  const stage = await twiceDeployed();
  const play = await stage.play({ ...form, "dry-run": "true" });
  expect(play.outcome.outcome).toBe("planned");
  expect(play.log.join("\n")).toContain(
    "Would update clockko/clockko-backend: clockko-backend:3 → clockko-backend:2 (it was the last successful revision",
  );
  expect(changesOf(play)).toEqual([]);
  expect(inputsOf(stage, "ecs:UpdateService")).toHaveLength(2);
});

describe("a rollback sets the outputs of a deployment and is reported as a rollback", () => {
  const repository = `${registry}/clockko-backend`;

  test.each([
    { by: { rollback: "true" }, tag: "one", revision: 2, resolved: true },
    { by: { to: "one" }, tag: "one", revision: 2, resolved: true },
    // Only who looks for a good revision, or for a tag, reads what ECS resolved.
    { by: { to: "1" }, tag: "v1", revision: 1, resolved: false },
  ])("$by", async ({ by, tag, revision, resolved }) => {
    const stage = await twiceDeployed();
    const digest = stage.simulator.ecr.repositories.tags("clockko-backend")[tag];
    expect(digest).toMatch(/^sha256:/);

    const play = await stage.play({ ...form, rollback: "", ...by });

    expect(play.outputs).toMatchObject({
      outcome: "succeeded",
      image: `${repository}:${tag}`,
      "image-tag": tag,
      "image-reused": "true",
      "previous-image": `${repository}:two`,
      "task-definition-arn": expect.stringMatching(
        new RegExp(`task-definition/clockko-backend:${revision}$`),
      ),
      "previous-task-definition-arn": expect.stringMatching(/task-definition\/clockko-backend:3$/),
    });
    expect(play.outputs["image-digest"]).toBe(resolved ? digest : undefined);
    const reported = `⏪ Rolled back clockko-backend to clockko-backend:${revision} (was clockko-backend:3) in 54 s`;
    expect(play.log.at(-1)?.trim()).toBe(reported);
    expect(play.summary.split("\n")[0]).toBe(`## ${reported}`);
    expect(play.annotation).toBe("");
  });

  test("an image with a digest has no tag and needs no lookup", async () => {
    const stage = await setStage({
      container: { image: `${repository}@sha256:${"a".repeat(64)}` },
    });
    await stage.play({ "image-tag": "one" });

    const play = await stage.play({ to: "1" });

    expect(play.outputs).toMatchObject({
      image: `${repository}@sha256:${"a".repeat(64)}`,
      "image-reused": "true",
    });
    expect(play.outputs["image-digest"]).toBe(`sha256:${"a".repeat(64)}`);
    expect(play.outputs).not.toHaveProperty("image-tag");
  });

  test("a failed rollback is reported as a failed rollback", async () => {
    let broken = false;
    const stage = await twiceDeployed({
      tasks: ({ revision }) => (revision === 2 && broken ? exitsWith(1) : runs()),
    });
    stage.clock.advance(10 * 60_000);
    broken = true;

    const play = await stage.play(form);

    expect(play.outcome.outcome).toBe("rolled-back");
    expect(play.outputs).toMatchObject({
      "image-tag": "one",
      "previous-image": `${repository}:two`,
    });
    const reported =
      "❌ The rollback to clockko-backend:2 failed and was undone: clockko-backend runs clockko-backend:3";
    expect(play.log.at(-1)?.trim()).toBe(reported);
    expect(play.summary.split("\n")[0]).toBe(`## ${reported}`);
  });
});

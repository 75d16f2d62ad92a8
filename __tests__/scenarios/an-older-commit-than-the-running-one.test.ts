// An old run never goes over a newer one unnoticed: the labels of the running image say which commit runs.

import { describe, expect, test } from "vitest";
import { byAnotherUser, movesOf, revisionOf } from "./support/changes.ts";
import { putLabelled, revisionLabel } from "./support/image-labels.ts";
import { changesOf } from "./support/no-changes.ts";
import {
  clockko,
  type InputTexts,
  type Play,
  registry,
  type Stage,
  setStage,
} from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const older = { sha: "1".repeat(40), time: 1_763_028_000 };
const newer = { sha: "2".repeat(40), time: 1_763_632_800 };

interface CommitStage extends Stage {
  /** One whole run with this commit checked out. */
  push(commit: { readonly sha: string; readonly time: number }, inputs?: InputTexts): Promise<Play>;
}

async function stageWithCommits(services: readonly string[] = []): Promise<CommitStage> {
  const docker = { commitTime: 0 };
  const stage = await setStage({ docker, services });
  return Object.assign(stage, {
    async push({ sha, time }: { sha: string; time: number }, inputs: InputTexts = {}) {
      stage.commit = sha;
      docker.commitTime = time;
      const play = await stage.play(inputs);
      stage.clock.advance(10 * 60_000);
      return play;
    },
  });
}

function warningsOf({ log }: Play): readonly string[] {
  return log.filter((line) => line.includes("warning:") && line.includes("older"));
}

describe("an old run is run again", () => {
  test("a warning names both commits, and the run continues", async () => {
    const stage = await stageWithCommits();
    await stage.push(newer);
    const play = await stage.push(older);
    expect(play.outcome.outcome).toBe("succeeded");
    expect(warningsOf(play)).toEqual([
      `  warning: clockko-backend runs commit ${newer.sha} of 2025-11-20T10:00:00Z, and this run ` +
        `deploys an older one, commit ${older.sha} of 2025-11-13T10:00:00Z.`,
    ]);
  });

  test("its image exists already: the labels of that image count", async () => {
    const stage = await stageWithCommits();
    await stage.push(older);
    await stage.push(newer);
    const play = await stage.push(older);
    expect(play.outputs["image-reused"]).toBe("true");
    expect(warningsOf(play)).toHaveLength(1);
  });

  test("on-older: fail refuses it before the build, also in a dry run", async () => {
    const stage = await stageWithCommits();
    await stage.push(newer);
    for (const inputs of [{}, { "dry-run": "true" }]) {
      const play = await stage.push(older, { "on-older": "fail", ...inputs });
      expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "OlderCommit" });
      expect(play.annotation).toContain(newer.sha);
      expect(play.annotation).toContain(older.sha);
      expect(play.dockerCommands).toEqual([]);
      expect(changesOf(play)).toEqual([]);
      if (!("dry-run" in inputs))
        await expect(transcript(play)).toMatchFileSnapshot("transcripts/older-commit-refused.txt");
    }
  });

  test("a mutable tag in the task definition: the image that ECS resolved counts", async () => {
    const stage = await stageWithCommits();
    stage.simulator.ecr.repositories.setTagMutability("clockko-backend", "MUTABLE");
    await stage.push(newer, { "image-tag": "staging" });
    const play = await stage.push(older, { "image-tag": "staging", "on-older": "fail" });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "OlderCommit" });
    expect(movesOf(play)).toEqual([]);
  });

  test("labels with the time of the build do not hide the commit's time", async () => {
    const created = (time: string) => ({ labels: `org.opencontainers.image.created=${time}` });
    const stage = await stageWithCommits();
    await stage.push(older, created("2025-12-01T00:00:00Z"));
    expect(warningsOf(await stage.push(newer, created("2025-12-02T00:00:00Z")))).toEqual([]);
    expect(warningsOf(await stage.push(older, created("2025-12-03T00:00:00Z")))).toHaveLength(1);
  });
});

describe("a newer run deploys during the build", () => {
  /** During the build of the older commit another run deploys the newer one. */
  async function stageWithRace(minutes: number): Promise<Stage> {
    const stage: Stage = await setStage({
      docker: {
        commitTime: older.time,
        afterPush() {
          deployNewer(stage);
          stage.clock.advance(minutes * 60_000);
        },
      },
    });
    stage.commit = older.sha;
    return stage;
  }

  function deployNewer(stage: Stage): void {
    const time = new Date(newer.time * 1000).toISOString();
    putLabelled(stage.simulator, [newer.sha], {
      [revisionLabel]: newer.sha,
      "io.github.deploy-ecs.commit-time": time,
    });
    const { taskDefinition } = byAnotherUser<{
      taskDefinition: { family: string; containerDefinitions: readonly object[] };
    }>(stage, "DescribeTaskDefinition", { taskDefinition: "clockko-backend:1" });
    const { containerDefinitions } = taskDefinition;
    byAnotherUser(stage, "RegisterTaskDefinition", {
      ...taskDefinition,
      containerDefinitions: containerDefinitions.map((container) => ({
        ...container,
        image: `${registry}/clockko-backend:${newer.sha}`,
      })),
    });
    byAnotherUser(stage, "UpdateService", { ...clockko, taskDefinition: "clockko-backend:2" });
  }

  test("a warning names both commits, and the run continues", async () => {
    const stage = await stageWithRace(5);
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(warningsOf(play)).toEqual([
      expect.stringMatching(
        new RegExp(`runs commit ${newer.sha}.* an older one, commit ${older.sha}`),
      ),
    ]);
  });

  test("on-older: fail refuses it before anything is registered or updated", async () => {
    const stage = await stageWithRace(5);
    const play = await stage.play({ "on-older": "fail" });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "OlderCommit" });
    expect(play.annotation).toContain("No service was updated");
    expect(play.log.at(-1)).toContain("clockko-backend:2");
    expect(play.annotation).not.toContain("Nothing was built");
    expect(movesOf(play).filter((call) => call.startsWith("ecs:"))).toEqual([]);
    expect(revisionOf(stage)).toBe("clockko-backend:2");
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/older-commit-refused-after-the-build.txt",
    );
  });

  test("a read that fails is reported as not checked, and the run continues", async () => {
    const stage = await stageWithRace(5);
    stage.onCall = (call) => {
      if (!call.startsWith("ecr:PutImage")) return;
      stage.simulator.faults.add("ecs:DescribeServices", { kind: "reset" }, 12);
      stage.onCall = () => {};
    };
    const play = await stage.play({ "on-older": "fail" });
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.log.join("\n")).toContain("notice: Not checked: whether the service runs a newer");
  });

  test("within a minute nothing is read again", async () => {
    const stage = await stageWithRace(0.5);
    const play = await stage.play({ "on-older": "fail" });
    expect(play.outcome.outcome).toBe("succeeded");
    expect(warningsOf(play)).toEqual([]);
  });
});

describe("nothing is said", () => {
  test("a newer commit, and the same commit again", async () => {
    const stage = await stageWithCommits();
    await stage.push(older);
    for (const play of [await stage.push(newer), await stage.push(newer)]) {
      expect(play.outcome.outcome).toMatch(/^(succeeded|unchanged)$/);
      expect(play.log.join("\n")).not.toMatch(/older|Not checked/);
    }
  });

  test("rollback and to mean it, also with on-older: fail", async () => {
    for (const inputs of [{ rollback: "true" }, { to: "clockko-backend:2" }]) {
      const stage = await stageWithCommits();
      await stage.push(older);
      await stage.push(newer);
      const play = await stage.push(older, { ...inputs, "on-older": "fail" });
      expect(play.outcome.outcome).toBe("succeeded");
      expect(play.log.join("\n")).not.toContain("older one");
    }
  });

  test("an image without labels, by another tool", async () => {
    const stage = await stageWithCommits();
    const play = await stage.push(older, { "on-older": "fail" });
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.log.join("\n")).not.toMatch(/older|Not checked/);
  });
});

test("labels that may not be read cost one notice, however many services run the image", async () => {
  const services = "clockko-backend\nworker";
  const stage = await stageWithCommits(["worker"]);
  await stage.push(newer, { service: services });
  stage.simulator.faults.add(
    `registry:GET /v2/clockko-backend/manifests/${newer.sha}`,
    { kind: "error", name: "DENIED", message: "denied", status: 403 },
    1,
  );
  const play = await stage.push(older, { service: services, "on-older": "fail" });
  const notices = play.log.filter((line) => line.includes("newer commit"));
  expect(notices).toEqual([
    expect.stringContaining("notice: Not checked: whether the service runs"),
  ]);
  expect(play.outcome.outcome).toBe("succeeded");
});

test("two services with the same image cost one read", async () => {
  const services = "clockko-backend\nworker";
  const stage = await stageWithCommits(["worker"]);
  await stage.push(newer, { service: services });
  const play = await stage.push(older, { service: services, "dry-run": "true" });
  const reads = play.calls.filter((call) => call.startsWith("registry:"));
  expect(reads).toHaveLength(2);
  expect(warningsOf(play)).toHaveLength(2);
});

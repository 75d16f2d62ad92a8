import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitsWith } from "ecs-simulator/tasks";
import { expect, onTestFinished, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const full = () => {
  throw new Error("GITHUB_OUTPUT could not be written: ENOSPC: no space left on device, write");
};

test("no output can be written, and the deployment is good", async () => {
  const stage = await setStage();
  stage.onOutput = full;

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", passes: true });
  expect(play.outputs).toEqual({});
  expect(play.log.filter((line) => line.includes("ENOSPC"))).toHaveLength(1);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/disk-outputs-cannot-be-written.txt",
  );
});

test("no output can be written, and the deployment is bad: its cause is still reported", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });
  stage.onOutput = full;

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toMatch(/^RolledBack\n/);
});

test("the temporary folder cannot be written: reported before anything is built", async () => {
  const stage = await setStage();
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-disk-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "");
  stage.temporaryFolder = join(folder, "file/temp");

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "DiskNotWritable" });
  expect(play.annotation).toContain("ENOTDIR");
  expect(play.dockerCommands.filter((command) => command.includes("build"))).toEqual([]);
});

test("the state file cannot be written: the deployment continues", async () => {
  const stage = await setStage();
  stage.saveState = () => false;

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "succeeded", passes: true });
});

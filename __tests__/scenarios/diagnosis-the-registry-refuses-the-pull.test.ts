import { expect, test } from "vitest";
import { failsToStart } from "../../simulator/tasks/scripted.ts";
import { commit, registry, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the registry refuses the pull", async () => {
  const image = `${registry}/clockko-backend:${commit}`;
  const refused = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: pulling from host ${registry} failed with status code [manifests ${commit}]: 403 Forbidden`;
  const stage = await setStage({ tasks: () => failsToStart(refused, { containerReason: refused }) });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.exitCode).toBe(1);
  expect(play.annotation).toContain(`may not pull image ${image}`);
  expect(play.annotation).toContain("ecr:BatchGetImage");
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/diagnosis-the-registry-refuses-the-pull.txt");
});

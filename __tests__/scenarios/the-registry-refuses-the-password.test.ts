import { expect, test } from "vitest";
import { movesOf } from "./support/moves.ts";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("the registry refuses the password", async () => {
  const stage = await setStage({
    docker: { loginFails: 'Error response from daemon: Get "https://…/v2/": i/o timeout' },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "SignInFailed" });
  expect(play.exitCode).toBe(1);
  expect(movesOf(play)).toEqual([]);
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/the-registry-refuses-the-password.txt");
});

import { expect, test } from "vitest";
import { type Play, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

function expectUntouched(play: Play) {
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "SignInFailed" });
  expect(play.exitCode).toBe(1);
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  expect(play.calls).not.toContain("ecs:UpdateService");
}

test("the registry refuses the password", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("registry:GET /v2/", { kind: "garbage", status: 401, body: "" });

  const play = await stage.play();

  expectUntouched(play);
  expect(play.dockerCommands.at(-1)).toMatch(/^docker login --username AWS --password-stdin /);
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-registry-refuses-the-password.txt",
  );
});

test("a proxy accepts the login, and the push is denied", async () => {
  const stage = await setStage({ docker: { pushFails: "unauthorized: authentication required" } });

  expectUntouched(await stage.play());
});

test("a connection reset during sign-in is retried", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("registry:GET /v2/", { kind: "reset" }, 2);

  const play = await stage.play();

  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.dockerCommands.filter((command) => command.startsWith("docker login"))).toHaveLength(
    3,
  );
});

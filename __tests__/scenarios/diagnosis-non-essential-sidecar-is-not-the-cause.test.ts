import { exitsWith } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

test("non-essential sidecar is not the cause", async () => {
  const agent = "aws-guardduty-agent-a1b2";
  const reason =
    'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref 593207742271.dkr.ecr.us-east-1.amazonaws.com/aws-guardduty-agent-fargate:v1: failed to do request: Head "https://593207742271.dkr.ecr.us-east-1.amazonaws.com/v2/": dial tcp 10.0.3.17:443: i/o timeout';
  const stage = await setStage({
    tasks: () =>
      exitsWith(1, { logs: ["KeyError: 'DATABASE_URL'"], also: [{ name: agent, reason }] }),
  });
  stage.simulator.ecs.addContainers(agent);

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "rolled-back", reasonCode: "RolledBack" });
  expect(play.annotation).toContain('Container "app" exited with code 1');
  expect(play.annotation).not.toContain("NAT gateway");
  expect(play.outcome.services[0]?.diagnosis).toMatchObject({
    name: "application-error",
    otherCauses: [{ cause: expect.stringContaining(`the GuardDuty agent (container "${agent}")`) }],
  });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/diagnosis-non-essential-sidecar-is-not-the-cause.txt",
  );
});

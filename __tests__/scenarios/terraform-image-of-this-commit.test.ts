// Terraform compares texts: under the tag that the service has already it would deploy no other image.

import { expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import { type Stage, setStage } from "./support/stage.ts";

const first = "1".repeat(40);
const second = "2".repeat(40);

async function onceDeployed(inputs: object): Promise<Stage> {
  const stage = await setStage({ terraform: {} });
  stage.simulator.ecr.repositories.setTagMutability("clockko-backend", "MUTABLE");
  stage.commit = first;
  expect((await stage.play({ "image-tag": "staging", ...inputs })).outcome.outcome).toBe(
    "succeeded",
  );
  stage.clock.advance(10 * 60_000);
  return stage;
}

test("another commit under the current tag of the service is refused before the build, with the remedy", async () => {
  const stage = await onceDeployed({});
  stage.commit = second;
  const play = await stage.play({ "image-tag": "staging" });
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ServiceNotUpdated" });
  expect(play.annotation).toContain("pin-digest: true");
  expect(play.dockerCommands).toEqual([]);
  expect(movesOf(play)).toEqual([]);
});

test("with pin-digest it is built and deployed", async () => {
  const pinned = { "pin-digest": "true" };
  const stage = await onceDeployed(pinned);
  stage.commit = second;
  const play = await stage.play({ "image-tag": "staging", ...pinned });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.outputs["image-reused"]).toBe("false");
  expect(play.log.join("\n")).toContain(
    `was built from commit ${first}, and this run deploys commit ${second}`,
  );
});

test("the same commit again changes nothing, and succeeds", async () => {
  const stage = await onceDeployed({});
  const play = await stage.play({ "image-tag": "staging" });
  expect(play.outcome.passes).toBe(true);
  expect(play.outputs["image-reused"]).toBe("true");
});

test("a tag per commit is deployed normally", async () => {
  const stage = await onceDeployed({});
  stage.commit = second;
  const play = await stage.play();
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.outputs["image-tag"]).toBe(second);
});

test("a rollback to the tag of an earlier commit causes no warning", async () => {
  const stage = await setStage({ terraform: {} });
  for (const sha of [first, second]) {
    stage.commit = sha;
    await stage.play();
    stage.clock.advance(10 * 60_000);
  }
  const play = await stage.play({ rollback: "true" });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.outputs["image-tag"]).toBe(first);
  expect(play.log.join("\n")).not.toContain("is deployed although");
});

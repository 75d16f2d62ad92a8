// `wait-until`: the step ends at a lifecycle stage, and ECS continues the deployment.

import { expect, test } from "vitest";
import { movesOf, revisionOf } from "./support/changes.ts";
import { setExpressStage, shop } from "./support/express.ts";
import { changesOf } from "./support/no-changes.ts";
import { type Play, setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

const minute = 60_000;

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

const canaryConfiguration = { canaryPercent: 10, canaryBakeTimeInMinutes: 3 };
const linearConfiguration = { stepPercent: 50, stepBakeTimeInMinutes: 2 };
const strategies = [
  { name: "blue-green", configuration: { strategy: "BLUE_GREEN" }, before: 3 },
  { name: "canary", configuration: { strategy: "CANARY", canaryConfiguration }, before: 6 },
  { name: "linear", configuration: { strategy: "LINEAR", linearConfiguration }, before: 6 },
];

test.each(strategies)(
  "the bake time is reached, $name",
  async ({ name, configuration, before }) => {
    const stage = await setStage(behindLoadBalancer({ bakeTimeInMinutes: 60, ...configuration }));
    stage.clock.advance(60 * minute); // until the first deployment has been through its own

    const play = await stage.play({ "wait-until": "bake-time", "latest-when": "succeeded" });

    expect(verdictOf(play)).toBe("succeeded ReachedStage");
    expect(play.exitCode).toBe(0);
    expect(play.elapsedMilliseconds).toBeLessThan(before * minute);
    expect(play.log.join("\n")).not.toContain("bakeTimeInMinutes 60");
    const notice =
      /clockko-backend:2 has reached the lifecycle stage BAKE\\?_TIME on service clockko-backend \(wait-until\), and the step does not wait any longer\. The deployment continues in ECS, which may still roll back until about 11:\d\d UTC, when its bake time of 60 minutes is over\./;
    expect(play.log.join("\n")).toMatch(notice);
    expect(play.summary).toMatch(notice);
    expect(play.calls).toContain("ecr:PutImage");
    expect(movesOf(play)).not.toContain("ecs:StopServiceDeployment");
    await expect(transcript(play)).toMatchFileSnapshot(
      `transcripts/wait-until-a-lifecycle-stage-${name}.txt`,
    );

    stage.clock.advance(90 * minute);
    expect(revisionOf(stage)).toBe("clockko-backend:2");
  },
);

test("the post step neither reports nor rolls back what was left to ECS", async () => {
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN" }));
  await stage.play({ "wait-until": "bake-time" });
  stage.saveState("main", '{"version":1,"is":"ended"}');
  stage.saveState("cancelled", '{"version":1}');

  expect(await stage.playPost({ "on-cancel": "rollback" })).toEqual([]);
});

test("killed after the stage: the post step says that ECS continues, and rolls nothing back", async () => {
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN" }));
  const play = await stage.play({ "wait-until": "bake-time" });
  stage.saveState("cancelled", '{"version":1}');

  const reported = await stage.playPost({ "on-cancel": "rollback" });

  expect(reported.join("\n")).toMatch(/continues in ECS \(IN_PROGRESS\), but is not watched/);
  expect(play.calls).not.toContain("ecs:StopServiceDeployment");
  expect(stage.simulator.calls.map(({ operation }) => operation)).not.toContain(
    "StopServiceDeployment",
  );
});

test("an earlier stage: the traffic is still to be shifted", async () => {
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN" }));

  const play = await stage.play({ "wait-until": "post-scale-up" });

  expect(verdictOf(play)).toBe("succeeded ReachedStage");
  expect(play.log.join("\n")).toContain(
    "may still roll back until its bake time of 5 minutes is over",
  );
});

test("in the clean-up the bake time is over", async () => {
  const stage = await setStage(
    behindLoadBalancer({ strategy: "BLUE_GREEN", bakeTimeInMinutes: 0 }),
  );

  const play = await stage.play({ "wait-until": "clean-up" });

  expect(verdictOf(play)).toBe("succeeded ReachedStage");
  expect(play.log.join("\n")).toContain("ECS still stops the tasks of the previous revision");
});

test("Express Mode: the bake time of the canary is reached", async () => {
  const stage = await setExpressStage();

  const play = await stage.play({ ...shop, "wait-until": "bake-time" });

  expect(verdictOf(play)).toBe("succeeded ReachedStage");
  expect(play.log.join("\n")).toMatch(/until about \d\d:\d\d UTC, when its bake time of 3 minutes/);
  expect(play.outputs.url).toMatch(/^https:/);
});

test("two services, one of them ROLLING: the sentence names it", async () => {
  const stage = await setExpressStage();

  const play = await stage.play({ service: "clockko-backend\nshop", "wait-until": "bake-time" });

  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain('wait-until cannot be "bake-time" with clockko-backend');
  expect(play.annotation).not.toContain("with shop");
});

test("the stage is not reached in time: timed out as without wait-until", async () => {
  const stage = await setStage(behindLoadBalancer({ strategy: "LINEAR" }));

  const play = await stage.play({ "wait-until": "bake-time", "wait-for-minutes": "10" });

  expect(verdictOf(play)).toBe("timed-out RolloutTimedOut");
  expect(play.elapsedMilliseconds).toBe(10 * minute);
});

test("a rollback before the stage is a rollback", async () => {
  const alarms = { alarmNames: ["clockko-5xx"], enable: true, rollback: true };
  const stage = await setStage(behindLoadBalancer({ strategy: "LINEAR", alarms }));
  stage.clock.schedule(4 * minute, () => stage.simulator.ecs.triggerAlarm("clockko-5xx"));

  const play = await stage.play({ "wait-until": "bake-time" });

  expect(verdictOf(play)).toBe("rolled-back RolledBack");
  expect(revisionOf(stage)).toBe("clockko-backend:1");
});

test("the next run joins the deployment that continues, and follows it to its end", async () => {
  const stage = await setStage(behindLoadBalancer({ strategy: "BLUE_GREEN" }));
  await stage.play({ "wait-until": "bake-time" });

  const play = await stage.play();

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.log.join("\n")).toMatch(/BAKE_TIME|bake time/);
});

test("a ROLLING service has no stages: refused before anything is changed", async () => {
  const stage = await setStage();

  const play = await stage.play({ "wait-until": "bake-time" });

  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain(
    'Input wait-until cannot be "bake-time" with clockko-backend: its deployment strategy is ROLLING, which has no such lifecycle stage.',
  );
  expect(changesOf(play)).toEqual([]);
});

test.each([
  [{ "wait-until": "BAKE_TIME" }, '"bake-time"'],
  [{ "wait-until": "pre-scale-up" }, '"post-scale-up"'],
  [
    { "wait-until": "bake-time", "wait-for-service-stability": "false" },
    "wait-until: needs wait-for-service-stability",
  ],
])("%j is refused before the sign-in", async (inputs, says) => {
  const play = await (await setStage()).play(inputs);

  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain(says);
  expect(play.calls).toEqual([]);
});

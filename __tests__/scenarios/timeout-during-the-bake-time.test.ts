import { expect, test } from "vitest";
import { movesOf, revisionOf } from "./support/changes.ts";
import { setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";

test.each([
  {
    name: "blue green",
    configuration: { strategy: "BLUE_GREEN", bakeTimeInMinutes: 60 },
    warning: "may take 60 minutes (bakeTimeInMinutes 60)",
    since: "10:10 UTC",
    until: "11:11 UTC",
  },
  {
    name: "canary",
    configuration: {
      ...{ strategy: "CANARY", bakeTimeInMinutes: 60 },
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 3 },
    },
    warning: "may take 63 minutes (canaryBakeTimeInMinutes 3 + bakeTimeInMinutes 60)",
    since: "10:14 UTC",
    until: "11:14 UTC",
  },
])(
  "the timeout is in the bake time, $name",
  async ({ name, configuration, warning, since, until }) => {
    const stage = await setStage(behindLoadBalancer(configuration));
    stage.clock.advance(60 * 60_000); // until the first deployment has been through its own

    const play = await stage.play({ "wait-for-minutes": "15", "on-timeout": "leave" });

    expect(play.log.join("\n")).toContain(`${warning}, and wait-for-minutes is 15`);
    expect(play.outcome).toMatchObject({
      outcome: "timed-out",
      reasonCode: "RolloutTimedOut",
      passes: false,
    });
    expect(play.elapsedMilliseconds).toBe(15 * 60_000);
    expect(play.annotation).toContain(
      `clockko-backend:2 has had 100 % of the traffic since ${since}; ECS may still roll back until about ${until}, when its bake time of 60 minutes is over.\nThe deployment continues in ECS.`,
    );
    expect(play.annotation).toContain(
      "Raise wait-for-minutes above all that the deployment strategy takes",
    );
    expect(
      `${play.annotation}\n${play.summary}`,
      "nothing is wrong, so no cause is named",
    ).not.toMatch(/cause/i);
    expect(movesOf(play)).not.toContain("ecs:StopServiceDeployment");
    expect(revisionOf(stage)).toBe("clockko-backend:2");
    await expect(transcript(play)).toMatchFileSnapshot(
      `transcripts/timeout-during-the-bake-time-${name.replace(" ", "-")}.txt`,
    );
  },
);

test("a timeout before the bake time does not mention it", async () => {
  const stage = await setStage(behindLoadBalancer({ strategy: "LINEAR", bakeTimeInMinutes: 60 }));

  const play = await stage.play({ "wait-for-minutes": "15" });

  expect(play.outcome).toMatchObject({ outcome: "timed-out", reasonCode: "RolloutTimedOut" });
  expect(play.annotation).toContain("The deployment continues in ECS.");
  expect(play.annotation).not.toMatch(/100 %|bake/);
});

import { exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

describe.each([20, -20, 90, -90])("%d min fast", (minutesFast) => {
  test("is corrected from AWS's responses, once per service, and the deployment succeeds", async () => {
    const stage = await setStage({ minutesFast });

    const play = await stage.play();

    expect(play.outcome.outcome).toBe("succeeded");
    const refused = stage.simulator.calls.filter(({ error }) =>
      /^(SignatureDoesNotMatch|InvalidSignature)/.test(error ?? ""),
    );
    expect(new Set(refused.map(({ service }) => service))).toEqual(
      new Set(["sts", "ecs", "ecr", "logs"]),
    );
    // Concurrent calls are all rejected before the first response shows the time.
    expect(refused.length).toBeLessThan(15);
    expect(
      stage.simulator.calls.filter(({ operation }) => operation === "AssumeRoleWithWebIdentity"),
    ).toHaveLength(1);
  });

  test("a version that exits at start is rolled back and diagnosed as on any other runner", async () => {
    const behaviour = () => exitsWith(1, { logs: ["cannot start"] });
    const right = await (await setStage({ tasks: behaviour })).play();
    const wrong = await (await setStage({ tasks: behaviour, minutesFast })).play();

    expect(wrong.outcome.outcome).toBe("rolled-back");
    expect(wrong.annotation).toBe(right.annotation);
  });
});

test("the clock of the runner is wrong", async () => {
  const stage = await setStage({ minutesFast: 20 });
  // A proxy that caches hands out answers with an `age`: their date is not trusted, so that nothing can be corrected.
  const { handle } = stage.simulator;
  Object.assign(stage.simulator, {
    async handle(request: Parameters<typeof handle>[0]) {
      const outcome = await handle(request);
      if (!("response" in outcome)) return outcome;
      const { response } = outcome;
      return { ...outcome, response: { ...response, headers: { ...response.headers, age: "3" } } };
    },
  });

  const play = await stage.play();

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ClockSkewed" });
  expect(play.annotation).toContain("The clock of this runner is 20 min fast");
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/the-clock-of-the-runner-is-wrong.txt",
  );
});

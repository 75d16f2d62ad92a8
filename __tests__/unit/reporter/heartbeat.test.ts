import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import { withHeartbeat } from "../../../src/reporter/heartbeat.ts";
import type { Reporter } from "../../../src/reporter/reporter.ts";

function listen() {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const reporter: Reporter = {
    phase: (_title, work) => work(),
    info: say,
    notice: say,
    warning: say,
    debug: () => {},
    debugCauses: () => {},
    mask: () => {},
    output: () => {},
  };
  return { lines, reporter };
}

test("a silent wait says that it goes on, and no more once it is over", async () => {
  const clock = new VirtualClock();
  const { lines, reporter } = listen();
  await withHeartbeat(reporter, clock, async () => clock.sleep(160_000));
  await clock.sleep(600_000);
  expect(lines).toEqual([
    "still waiting after 1 min: no answer from AWS",
    "still waiting after 2 min: no answer from AWS",
  ]);
});

test("a wait that logs needs no heartbeat", async () => {
  const clock = new VirtualClock();
  const { lines, reporter } = listen();
  await withHeartbeat(reporter, clock, async ({ info, notice }) => {
    for (const tell of [info, notice, info]) {
      await clock.sleep(59_000);
      tell("news");
    }
  });
  expect(lines).toEqual(["news", "news", "news"]);
});

test("a silent wait whose polls are answered reports the current state", async () => {
  const clock = new VirtualClock();
  const { lines, reporter } = listen();
  await withHeartbeat(reporter, clock, async ({ polled }) => {
    for (let poll = 1; poll <= 45; poll++) {
      await clock.sleep(3_000);
      polled(() => `poll ${poll}`);
    }
    await clock.sleep(60_000);
  });
  expect(lines).toEqual(["poll 19", "poll 39", "still waiting after 3 min: no answer from AWS"]);
});

test("an error of the work is rethrown, and the heartbeat stops", async () => {
  const clock = new VirtualClock();
  const { lines, reporter } = listen();
  await expect(
    withHeartbeat(reporter, clock, () => Promise.reject(new Error("no"))),
  ).rejects.toThrow("no");
  await clock.sleep(600_000);
  expect(lines).toEqual([]);
});

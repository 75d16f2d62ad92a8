// Which events make no preview, and what the step says then.

import { expect, test } from "vitest";
import { setExpressStage } from "./support/express.ts";
import { changesOf } from "./support/no-changes.ts";
import { pattern, previewStep } from "./support/preview.ts";

test("a fork has no token: the step passes with one sentence and calls nothing", async () => {
  const stage = await setExpressStage();
  delete stage.environment["ACTIONS_ID_TOKEN_REQUEST_URL"];

  const play = await stage.play(pattern, previewStep({ from: "mallory/shop" }));

  expect(play.outcome.outcome).toBe("unchanged");
  expect(play.exitCode).toBe(0);
  expect(play.calls).toEqual([]);
  const sentence =
    "Pull request 12 comes from the fork mallory/shop: GitHub gives it no token for AWS, so it " +
    "has no preview.";
  expect(play.log).toContain(`  notice: ${sentence}`);
  expect(play.log.at(-1)).toContain(sentence);
  expect(play.summary).toContain(sentence);
});

test.each([["push"], ["workflow_dispatch"], ["pull_request_target"]])(
  "the event %s is refused before anything is read",
  async (name) => {
    const stage = await setExpressStage();

    const play = await stage.play(pattern, previewStep({ name }));

    expect(play.outcome.reasonCode).toBe("EventUnsupported");
    expect(play.exitCode).toBe(1);
    expect(play.calls).toEqual([]);
    expect(play.annotation).toContain(`The event ${name} is not supported`);
  },
);

test("a pattern that does not exist: nothing is changed", async () => {
  const stage = await setExpressStage();

  const play = await stage.play({ service: "store" }, previewStep());

  expect(play.outcome.reasonCode).toBe("ServiceNotFound");
  expect(changesOf(play)).toEqual([]);
});

test("wrong inputs are reported together", async () => {
  const stage = await setExpressStage();

  const play = await stage.play(
    {
      service: "shop\nstore",
      "pull-request": "#12",
      "preview-ttl-days": "0",
      express: "cluster: x",
    },
    previewStep(),
  );

  expect(play.outcome.reasonCode).toBe("InvalidInput");
  expect(play.calls).toEqual([]);
  for (const name of ["service", "pull-request", "preview-ttl-days", "express"])
    expect(play.annotation).toContain(`- ${name}: `);
});

// Listing and describing a service's tasks: every page, up to a bound, a hundred at a time.

import type { ECSClient } from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import type { Call } from "../../../src/aws/call.ts";
import { serviceTaskCalls } from "../../../src/aws/ecs-tasks.ts";

const call: Call = (_name, send) => send(new AbortController().signal);

/** A service with so many stopped tasks, in pages of a hundred. */
function clientWith(count: number) {
  const sizes: number[] = [];
  const client = {
    async send({
      input,
    }: {
      readonly input: { readonly nextToken?: string; readonly tasks?: readonly string[] };
    }) {
      if (input.tasks) {
        sizes.push(input.tasks.length);
        return {
          tasks: input.tasks.map((taskArn) => ({
            taskArn,
            startedBy: "ecs-svc/1",
            stoppingAt: new Date(5),
          })),
        };
      }
      const start = Number(input.nextToken ?? 0);
      const end = Math.min(count, start + 100);
      const taskArns = Array.from(
        { length: end - start },
        (_, index) => `arn:aws:ecs:x:1:task/prod/${start + index}`,
      );
      return { taskArns, ...(end < count && { nextToken: String(end) }) };
    },
  };
  return { sizes, ecs: serviceTaskCalls(client as unknown as ECSClient, call) };
}

test.each([
  [0, [], false],
  [1, [1], false],
  [250, [100, 100, 50], false],
  [500, [100, 100, 100, 100, 100], false],
  [700, [100, 100, 100, 100, 100], true],
])("%i tasks are described in pages of %j; more are left: %j", async (count, pages, cut) => {
  const { ecs, sizes } = clientWith(count);
  const found = await ecs.describeServiceTasks("prod", "shop", "STOPPED");
  expect(sizes).toEqual(pages);
  expect(found.truncated).toBe(cut);
  expect(found.tasks).toHaveLength(Math.min(count, 500));
});

test("a task that is still stopping has the time at which it began to", async () => {
  const { ecs } = clientWith(1);
  expect((await ecs.describeServiceTasks("prod", "shop", "STOPPED")).tasks[0]).toMatchObject({
    id: "0",
    stoppedAt: 5,
  });
});

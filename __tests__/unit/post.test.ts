// The post step without AWS: what it does with a state, or without one. With AWS: scenarios/post-*.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "ecs-simulator/clock";
import { expect, onTestFinished, test } from "vitest";
import { post } from "../../src/post.ts";
import { createPostStateWriter, type MainPostStateWriter } from "../../src/runtime/post-state.ts";

/** The post step after a main with this state, and its output. AWS does not respond. */
async function afterMain(
  handOverAll: (handOver: MainPostStateWriter, temp: string) => void,
  more: Record<string, string> = {},
) {
  const temp = mkdtempSync(join(tmpdir(), "deploy-ecs-post-"));
  onTestFinished(() => rmSync(temp, { recursive: true, force: true }));
  const state: Record<string, string> = {};
  const handOver = createPostStateWriter((name, value) => {
    state[`STATE_${name}`] = value;
    return true;
  });
  handOverAll(handOver, temp);
  const reported: string[] = [];
  let requests = 0;
  const refuse = async () => {
    requests++;
    throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
  };
  await post({
    clock: new VirtualClock(),
    signal: new AbortController().signal,
    random: () => 0.5,
    environment: {
      ...state,
      ...more,
      RUNNER_TEMP: temp,
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://x",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "t",
    },
    mask: () => {},
    debug: () => {},
    get: refuse,
    requestHandler: { handle: refuse },
    reporter: {
      info: (line) => void reported.push(line),
      warning: (line) => void reported.push(`warning: ${line}`),
    },
    inputText: (name) =>
      ({ "aws-region": "us-east-1", "role-to-assume": "arn:aws:iam::123456789012:role/deploy" })[
        name
      ] ?? "",
  });
  return { reported, temp, requests };
}

const rollout = {
  cluster: "demo",
  service: "app",
  startedAt: 1,
  taskDefinitionArn: "arn:aws:ecs:us-east-1:123456789012:task-definition/app:2",
  earlierIds: [],
  id: "ecs-svc/2",
};

test("without a state it does nothing, and says so in one line", async () => {
  const { reported, requests } = await afterMain(() => {});
  expect(reported).toEqual(["The main step has left no state, so the post step does nothing."]);
  expect(requests).toBe(0);
});

test("with a state that is not ours it does nothing, and says so", async () => {
  const { reported, requests } = await afterMain(() => {}, {
    STATE_main: "true",
    "STATE_docker-config": "/",
  });
  expect(reported).toEqual([
    "The main step has left no state that can be read (STATE_main, STATE_docker-config), so the post step does nothing.",
  ]);
  expect(requests).toBe(0);
});

test("after a main that reported its outcome it prints nothing and calls nothing", async () => {
  const { reported, requests } = await afterMain((main) => {
    main.started();
    main.rolloutInProgress(rollout);
    main.ended();
  });
  expect(reported).toEqual([]);
  expect(requests).toBe(0);
});

test("a main that was killed before it moved anything", async () => {
  const { reported, requests } = await afterMain((main) => main.started());
  expect(reported).toEqual([
    "The main step ended before it could report. It has left no word of a deployment that is under way.",
  ]);
  expect(requests).toBe(0);
});

test("the private folder is removed, and what is linked in it stays", async () => {
  const { temp } = await afterMain((main, folder) => {
    main.started();
    const own = join(folder, "deploy-ecs-docker-Ab12cd");
    mkdirSync(own);
    writeFileSync(join(own, "config.json"), "{}");
    writeFileSync(join(folder, "neighbour"), "");
    main.privateFolder(own);
    main.ended();
  });
  expect(existsSync(join(temp, "deploy-ecs-docker-Ab12cd"))).toBe(false);
  expect(existsSync(join(temp, "neighbour"))).toBe(true);
});

test("where ECS cannot be read, the rollout is still named", async () => {
  const { reported } = await afterMain((main) => {
    main.started();
    main.rolloutInProgress(rollout);
  });
  expect(reported).toHaveLength(1);
  expect(reported[0]).toMatch(
    /^warning: The main step ended before it could report\.\napp → app:2: deployment ecs-svc\/2 was in progress when the main step ended\. Its current state could not be read: /,
  );
  expect(reported[0]).toContain(
    "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/demo/services/app/deployments?region=us-east-1",
  );
});

test("a task that was running is named, without asking anybody", async () => {
  const task = { moment: "pre-deploy", cluster: "demo", service: "app" } as const;
  const arn = "arn:aws:ecs:us-east-1:123456789012:task/demo/0a1b";
  const { reported, requests } = await afterMain((main) => {
    main.started();
    main.taskInProgress({ ...task, arn });
    main.taskInProgress({ ...task, moment: "post-deploy" });
  });
  expect(reported).toEqual([
    [
      "warning: The main step ended before it could report.",
      `The pre-deploy task of app was running when the main step ended, and no step watches it: ${arn}. Do not run the job again before you know that it has ended. https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/demo/tasks/0a1b?region=us-east-1`,
      "The post-deploy task of app was being started when the main step ended, and may run. Do not run the job again before you know that it has ended. https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/demo/services/app/tasks?region=us-east-1",
    ].join("\n"),
  ]);
  expect(requests).toBe(0);
});

import { exitsWith, runs } from "ecs-simulator/tasks";
import { expect, test } from "vitest";
import { clockko, type InputTexts, type Stage, setStage } from "./support/stage.ts";

/** Slow enough that a post step meets it on its way. */
const slow = () => setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) });

const cancelled = '{"version":1}';

interface Killed {
  /** The call at which main is killed, before its response arrives. */
  readonly at: string;
  /** Milliseconds of the world after it. */
  readonly after?: number;
  readonly inputs?: InputTexts;
  /** The runner has cancelled the run before it killed it. */
  readonly cancelled?: boolean;
  /** Happens between main's end and the post step. */
  readonly meanwhile?: () => void;
}

/** Main is killed: what it left until then is what the post step gets. */
async function killed(
  stage: Stage,
  { at, after = 0, inputs = {}, cancelled: wasCancelled, meanwhile }: Killed,
) {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  let gone = false;
  stage.onCall = (call) => {
    if (call !== at || gone) return;
    gone = true;
    const rest = async () => {
      if (wasCancelled) stage.saveState("cancelled", cancelled);
      const before = stage.simulator.calls.length;
      meanwhile?.();
      const left = stage.playPost(inputs);
      stage.saveState = () => true; // whatever main does from here on, it does not do any more
      const reported = await left;
      const calls = stage.simulator.calls.slice(before).map(({ operation }) => operation);
      stage.controller.abort(new Error("killed"));
      if (calls.includes("RegisterTaskDefinition")) throw new Error("the post step deploys");
      resolve(reported);
    };
    void stage.clock.sleep(after).then(rest);
  };
  await Promise.all([promise, stage.play(inputs).catch(() => {})]);
  return promise;
}

const name = "clockko-backend → clockko-backend:2";
const url =
  "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/clockko/services/clockko-backend/deployments?region=us-east-1";
const stops = ({ simulator }: Stage) =>
  simulator.calls.filter(({ operation }) => operation === "StopServiceDeployment").length;

test("killed during the rollout: the deployment is reported with its link", async () => {
  const stage = await slow();
  const reported = await killed(stage, { at: "ecs:UpdateService", after: 30_000 });
  expect(reported).toEqual([
    expect.stringMatching(
      /^warning: The main step ended before it could report\.\nclockko-backend → clockko-backend:2: deployment ecs-svc\/\d+ continues in ECS \(IN_PROGRESS\), but is not watched\. https:/,
    ),
  ]);
  expect(reported[0]).toContain(url);
  expect(stops(stage)).toBe(0);
});

test("killed during the update request: the deployment is still found", async () => {
  const stage = await slow();
  stage.simulator.faults.add("ecs:UpdateService", { kind: "lost", operate: true });
  const reported = await killed(stage, { at: "ecs:UpdateService" });
  expect(reported.join("\n")).toMatch(
    /deployment ecs-svc\/\d+ continues in ECS \((PENDING|IN_PROGRESS)\), but is not watched/,
  );
});

test("killed during an update request that never arrives: ECS shows no deployment", async () => {
  const stage = await slow();
  stage.simulator.faults.add("ecs:UpdateService", { kind: "hang" });
  const reported = await killed(stage, { at: "ecs:UpdateService" });
  expect(reported).toEqual([
    `${name}: the update was being sent when the main step ended; ECS shows no deployment of it.`,
  ]);
});

test.each(["rollback", "rollback-and-stop-task"])(
  "cancelled and killed, on-cancel: %s: a rollback is requested",
  async (onCancel) => {
    const stage = await slow();
    const inputs = { "on-cancel": onCancel };
    const reported = await killed(stage, {
      at: "ecs:UpdateService",
      after: 30_000,
      inputs,
      cancelled: true,
    });
    expect(reported).toEqual([
      expect.stringMatching(/: ECS was asked to roll back arn:aws:ecs:.*service-deployment/),
    ]);
    expect(stops(stage)).toBe(1);
  },
);

test("cancelled and killed during the update request, on-cancel: rollback: a rollback is requested", async () => {
  const stage = await slow();
  stage.simulator.faults.add("ecs:UpdateService", { kind: "lost", operate: true });
  const inputs = { "on-cancel": "rollback" };
  const reported = await killed(stage, { at: "ecs:UpdateService", inputs, cancelled: true });
  expect(reported).toEqual([expect.stringMatching(/: ECS was asked to roll back arn:/)]);
});

test("killed, but not cancelled: on-cancel has no effect", async () => {
  const stage = await slow();
  const inputs = { "on-cancel": "rollback" };
  const reported = await killed(stage, { at: "ecs:UpdateService", after: 30_000, inputs });
  expect(reported[0]).toContain("continues in ECS");
  expect(stops(stage)).toBe(0);
});

test("cancelled and killed when ECS had rolled it out: reported, and no rollback is requested", async () => {
  const stage = await setStage();
  const inputs = { "on-cancel": "rollback" };
  const reported = await killedAfterTheEnd(stage, inputs);
  expect(reported).toEqual([
    expect.stringMatching(/: deployment ecs-svc\/\d+ was successful \(SUCCESSFUL\)\.$/),
  ]);
  expect(stops(stage)).toBe(0);
});

test("cancelled and killed when ECS had rolled it back: that is reported", async () => {
  const stage = await setStage({ tasks: () => exitsWith(1) });
  const reported = await killedAfterTheEnd(stage, { "on-cancel": "rollback" });
  expect(reported).toEqual([
    expect.stringMatching(
      /: deployment ecs-svc\/\d+ failed, and ECS rolled it back \(ROLLBACK_SUCCESSFUL\)\.$/,
    ),
  ]);
});

test("the deployment ends between the read and the request: its outcome is reported", async () => {
  const stage = await slow();
  stage.simulator.faults.add("ecs:StopServiceDeployment", {
    kind: "error",
    name: "ConflictException",
    message: "The service deployment cannot be stopped because its status is SUCCESSFUL.",
  });
  const reported = await killed(stage, {
    at: "ecs:UpdateService",
    after: 30_000,
    inputs: { "on-cancel": "rollback" },
    cancelled: true,
  });
  // Here ECS has not decided yet: then its refusal is reported.
  expect(reported[0]).toMatch(
    /continues in ECS \(IN_PROGRESS\).*The rollback that on-cancel asks for could not be requested: .*SUCCESSFUL/,
  );
});

test("no permission for the rollback: the running deployment and the missing permission are reported", async () => {
  const stage = await slow();
  stage.simulator.faults.add("ecs:StopServiceDeployment", {
    kind: "error",
    name: "AccessDeniedException",
    message: "User is not authorized to perform: ecs:StopServiceDeployment",
  });
  const reported = await killed(stage, {
    at: "ecs:UpdateService",
    after: 30_000,
    inputs: { "on-cancel": "rollback" },
    cancelled: true,
  });
  expect(reported[0]).toMatch(/^warning: /);
  expect(reported[0]).toContain('Allow the action "ecs:StopServiceDeployment"');
});

test("no permission to read service deployments: the state comes from DescribeServices", async () => {
  const stage = await slow();
  stage.changePolicy = (statements) =>
    statements.filter(({ Action }) => !JSON.stringify(Action).includes("ServiceDeployment"));
  const reported = await killed(stage, { at: "ecs:UpdateService", after: 30_000 });
  expect(reported[0]).toMatch(
    /deployment ecs-svc\/\d+ continues in ECS \(IN_PROGRESS\), but is not watched/,
  );
});

test("the service was deleted: reported", async () => {
  const stage = await slow();
  const meanwhile = () => stage.simulator.ecs.forgetService(clockko);
  const reported = await killed(stage, { at: "ecs:UpdateService", after: 30_000, meanwhile });
  expect(reported).toEqual([`${name}: the service no longer exists.`]);
});

test("cancelled, and main has reported it: the post step prints nothing", async () => {
  const stage = await slow();
  stage.saveState("main", '{"version":1,"is":"ended"}');
  expect(await stage.playPost()).toEqual([]);
});

/** What main left while the rollout was on, and a post step that comes late. */
async function killedAfterTheEnd(stage: Stage, inputs: InputTexts): Promise<readonly string[]> {
  const facts = new Map<string, string>();
  const save = stage.saveState;
  stage.saveState = (fact, value) => {
    if (value !== "") facts.set(fact, value); // the end is not heard of
    return true;
  };
  await stage.play(inputs);
  for (const [fact, value] of facts) save(fact, value);
  save("cancelled", cancelled);
  return stage.playPost(inputs);
}

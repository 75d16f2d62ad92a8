import { VirtualClock } from "ecs-simulator/clock";
import { describe, expect, test } from "vitest";
import { startDeployment } from "../../../src/deployment/update-service.ts";
import type { ClassicDeployment, ObservedService } from "../../../src/ecs/observed.ts";
import { DeployError } from "../../../src/errors.ts";
import type { ServicePlan } from "../../../src/plan/service-plan.ts";
import { arnOf, classic, earlier, service } from "./world.ts";

const before = earlier({ status: "PRIMARY" });
const running = service({ taskDefinitionArn: arnOf("api:1"), deployments: [before] });
const lost = new DeployError({
  code: "AwsUnavailable",
  message: "ecs:UpdateService still failed after several attempts: …",
});
const throttled = new DeployError(
  { code: "AwsUnavailable", message: "ecs:UpdateService still failed after several attempts: …" },
  { cause: Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" }) },
);
const ours = classic({ rolloutState: "IN_PROGRESS" });

interface Script {
  /** What UpdateService answers, one after the other; the last one again and again. */
  readonly updates: readonly (readonly ClassicDeployment[] | DeployError)[];
  /** What DescribeServices shows afterwards. */
  readonly shows?: readonly ClassicDeployment[] | DeployError;
  readonly revision?: string;
  readonly force?: boolean;
  readonly service?: ObservedService;
}

async function start({
  updates,
  shows = [before],
  revision = "api:2",
  force = false,
  ...script
}: Script) {
  const clock = new VirtualClock();
  let sent = 0;
  const handedOver: string[] = [];
  const answer = (of: readonly ClassicDeployment[] | DeployError) => {
    if (of instanceof DeployError) throw of;
    return service({ deployments: of });
  };
  const plan: ServicePlan = {
    ...{
      service: script.service ?? running,
      container: "app",
      previousTaskDefinitionArn: "",
      changes: [],
    },
    ...{
      reuseArn: arnOf(revision),
      upToDate: false,
      settings: {
        deploymentConfiguration: {},
        members: {},
        forceNewDeployment: force,
        changed: false,
      },
    },
  };
  const ecs = {
    updateService: async () => answer(updates[Math.min(sent++, updates.length - 1)] ?? []),
    describeServices: async () => [answer(shows)],
  };
  const ports = {
    ecs,
    clock,
    signal: new AbortController().signal,
    postState: {
      rolloutInProgress: () => handedOver.push("under way"),
      rolloutEnded: () => handedOver.push("over"),
    },
    until: clock.now() + 600_000,
  };
  const start = { plan, service: plan.service, taskDefinitionArn: arnOf(revision), rebuilt: false };
  const begun = await startDeployment(start, ports).catch((error: unknown) => error as DeployError);
  return { begun, sent, handedOver };
}

describe("our deployment is the PRIMARY one of the response, with the requested revision", () => {
  test("new", async () => {
    const { begun, sent } = await start({ updates: [[ours, earlier()]] });
    expect(begun).toMatchObject({
      kind: "new",
      deployment: { id: "ecs-svc/2", earlierIds: ["ecs-svc/1"] },
    });
    expect(sent).toBe(1);
  });

  test("under way already, or through", async () => {
    const joined = earlier({ status: "PRIMARY", rolloutState: "IN_PROGRESS" });
    const busy = service({ taskDefinitionArn: arnOf("api:1"), deployments: [joined] });
    const inputs = { revision: "api:1", service: busy };
    expect((await start({ ...inputs, updates: [[joined]] })).begun).toMatchObject({
      kind: "joined",
    });
    expect((await start({ ...inputs, updates: [[before]] })).begun).toMatchObject({
      kind: "settled",
    });
  });

  test.each<[string, Script]>([
    ["a deployment of another revision", { updates: [[before]] }],
    [
      "a new deployment of another revision",
      { updates: [[classic({ taskDefinitionArn: arnOf("api:7") }), before]] },
    ],
    ["no deployment at all", { updates: [[]] }],
    [
      "the old deployment, though a new one was forced",
      { updates: [[before]], revision: "api:1", force: true },
    ],
  ])(
    "the answer names %s: nothing is joined, and the update is not sent twice",
    async (_, script) => {
      const { begun, sent } = await start(script);
      expect(begun).toMatchObject({ name: "DeployError", code: "WatchInterrupted" });
      expect((begun as DeployError).message).toMatch(
        /^ECS accepted the update of api to api:[12], but its answer names/,
      );
      expect((begun as DeployError).message).toContain("It may have started nevertheless.");
      expect(sent).toBe(1);
    },
  );

  test("the answer is from before the update: what DescribeServices shows is joined", async () => {
    const { begun, sent } = await start({ updates: [[before]], shows: [ours, earlier()] });
    expect(begun).toMatchObject({ kind: "new", deployment: { id: "ecs-svc/2" } });
    expect(sent).toBe(1);
  });
});

describe("the state saved for the post step", () => {
  const refused = new DeployError({ code: "AwsRefused", message: "ecs:UpdateService: …" });

  test.each<[string, Script, readonly string[]]>([
    ["an update that ECS took", { updates: [[ours, earlier()]] }, ["under way", "under way"]],
    [
      "an update that ECS refused: nothing is under way",
      { updates: [refused] },
      ["under way", "over"],
    ],
    [
      "an update whose answer got lost: it may be under way",
      { updates: [lost], shows: lost },
      ["under way"],
    ],
  ])("%s", async (_, script, expected) => {
    expect((await start(script)).handedOver).toEqual(expected);
  });
});

describe("a lost response", () => {
  test("the update is sent again only where ECS shows that it has not begun", async () => {
    expect(await start({ updates: [lost, [ours, before]] })).toMatchObject({
      begun: { kind: "new" },
      sent: 2,
    });
    expect(await start({ updates: [lost], shows: [ours] })).toMatchObject({
      begun: { kind: "new" },
      sent: 1,
    });
  });

  test("without read access the update is not repeated, and it may have begun", async () => {
    const { begun, sent } = await start({ updates: [lost], shows: lost });
    expect(begun).toMatchObject({ code: "AwsUnavailable" });
    expect((begun as DeployError).message).toContain("a deployment may have started");
    expect(sent).toBe(1);
  });

  test("an update that is refused for its rate has changed nothing", async () => {
    const { begun, sent, handedOver } = await start({ updates: [throttled] });
    expect(begun).toBe(throttled);
    expect([sent, handedOver]).toEqual([1, ["under way", "over"]]);
  });

  test("refused for its rate after a lost response, it may have begun", async () => {
    const { begun, handedOver } = await start({ updates: [lost, throttled] });
    expect((begun as DeployError).message).toContain("a deployment may have started");
    expect(handedOver).toEqual(["under way"]);
  });
});

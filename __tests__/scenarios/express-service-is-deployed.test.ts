// A service in ECS Express Mode is deployed like any other, with no input of its own.

import { exitsWith, runs } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { byAnotherUser } from "./support/changes.ts";
import { setExpressStage, shop } from "./support/express.ts";
import { changesOf } from "./support/no-changes.ts";
import { cancelAfter, type Play, type Stage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const minute = 60_000;
const alarm = "clockko/shop/RollbackAlarm";

function updatesOf(stage: Stage): readonly Readonly<Record<string, unknown>>[] {
  return stage.simulator.calls
    .filter(({ operation, error }) => operation === "UpdateService" && error === undefined)
    .map(({ input }) => input as Readonly<Record<string, unknown>>);
}

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

test("a good commit: canary, one update without a configuration, and the URL first", async () => {
  const stage = await setExpressStage();

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(updatesOf(stage).map((update) => Object.keys(update).toSorted())).toEqual([
    ["cluster", "service", "taskDefinition"],
  ]);
  expect(play.outputs.url).toMatch(/^https:\/\/sh-[0-9a-f]{32}\.ecs\.us-east-1\.on\.aws$/);
  expect(play.summary.indexOf(play.outputs.url ?? "?")).toBeLessThan(
    play.summary.indexOf("| Service"),
  );
  await expect(transcript(play)).toMatchFileSnapshot("transcripts/express-service-is-deployed.txt");
});

test("the same commit again is unchanged, and the URL is an output nevertheless", async () => {
  const stage = await setExpressStage();
  const first = await stage.play(shop);

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("unchanged Unchanged");
  expect(play.outputs.url).toBe(first.outputs.url);
  expect(updatesOf(stage)).toHaveLength(1);
});

test("two services, one of them in Express Mode: both are reported", async () => {
  const stage = await setExpressStage();

  const play = await stage.play({ service: "clockko-backend\nshop" });

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.outcome.services.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
    "clockko-backend succeeded",
    "shop succeeded",
  ]);
  expect(JSON.parse(play.outputs.services ?? "[]")[1].url).toMatch(/^https:\/\/sh-/);
});

test("a container that exits: the circuit breaker rolls back, and the cause is named", async () => {
  const stage = await setExpressStage({
    tasks: ({ revision }) => (revision === 1 ? runs() : exitsWith(1)),
  });

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("rolled-back RolledBack");
  expect(play.annotation).toContain('Container "Main" exited with code 1');
});

test.each([
  ["in the canary", 2 * minute],
  ["in the bake time, with all of the traffic", 5 * minute],
])("404 answers %s: the rollback alarm is named", async (_, after) => {
  const stage = await setExpressStage();
  void stage.clock.sleep(after).then(() => stage.simulator.ecs.triggerAlarm(alarm));

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("rolled-back RolledBack");
  expect(play.annotation).toContain(
    `more than 1 % of the requests got a 4XX or 5XX answer: alarm "${alarm}"`,
  );
  expect(play.annotation).toContain("404 and 401 count too");
});

describe("another deployment is in progress", () => {
  const startOther = (stage: Stage) =>
    byAnotherUser(stage, "UpdateService", {
      cluster: "clockko",
      service: "shop",
      forceNewDeployment: true,
    });

  test("the step waits for its turn", async () => {
    const stage = await setExpressStage();
    startOther(stage);

    const play = await stage.play(shop);

    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(play.log.join("\n")).toContain(
      "Waiting for the active deployment: shop (clockko-shop:1",
    );
    expect(play.elapsedMilliseconds).toBeGreaterThan(12 * minute);
  });

  test("it starts while this run builds: the update waits for it", async () => {
    const stage = await setExpressStage();
    stage.onCall = (call) => {
      if (call === "ecs:RegisterTaskDefinition") startOther(stage);
    };

    const play = await stage.play(shop);

    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(play.elapsedMilliseconds).toBeGreaterThan(12 * minute);
  });

  test("it does not end in time: the service is not updated", async () => {
    const stage = await setExpressStage();
    stage.onCall = (call) => {
      if (call === "ecs:RegisterTaskDefinition") startOther(stage);
    };

    const play = await stage.play({ ...shop, "wait-for-minutes": "3" });

    expect(verdictOf(play)).toBe("failed DeploymentInProgress");
    expect(play.annotation).toContain("The service was not updated");
    expect(updatesOf(stage)).toEqual([]);
  });

  test("when-busy: proceed is refused with the reason, before the build", async () => {
    const stage = await setExpressStage();

    const play = await stage.play({ ...shop, "when-busy": "proceed" });

    expect(verdictOf(play)).toBe("failed InvalidInput");
    expect(play.annotation).toContain("can leave the traffic split between two target groups");
    expect(changesOf(play)).toEqual([]);
  });
});

test("the traffic is split already: the message has the commands that repair the rule", async () => {
  const stage = await setExpressStage();
  stage.simulator.ecs.splitTraffic({ cluster: "clockko", service: "shop" });

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("rolled-back RolledBack");
  expect(play.annotation).toContain("The listener rule sends traffic to two target groups");
  expect(play.annotation).toMatch(/aws elbv2 modify-rule[\s\S]*--rule-arn arn:aws:elasticloadbal/);
  expect(play.annotation).toMatch(/"TargetGroupArn":"arn:[^"]*","Weight":100/);
});

test("cancelled in the canary with on-cancel: rollback", async () => {
  const stage = await setExpressStage();
  cancelAfter(stage, 2 * minute);

  const play = await stage.play({ ...shop, "on-cancel": "rollback" });

  expect(verdictOf(play)).toBe("cancelled Cancelled");
  expect(play.calls).toContain("ecs:StopServiceDeployment");
});

test("the wait is over in the bake time: all of the traffic is on the new revision", async () => {
  const stage = await setExpressStage();

  const play = await stage.play({ ...shop, "wait-for-minutes": "5" });

  expect(verdictOf(play)).toBe("timed-out RolloutTimedOut");
  expect(play.annotation).toContain("has had 100 % of the traffic since");
});

test.each([
  ["desired-count", "2"],
  ["circuit-breaker-threshold", "3"],
  ["service-patch", "{deploymentConfiguration: {bakeTimeInMinutes: 0}}"],
])("%s is refused with a sentence, before the build", async (input, value) => {
  const stage = await setExpressStage();

  const play = await stage.play({ ...shop, [input]: value });

  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain(
    `Input ${input} cannot be used with shop, an Express Mode service`,
  );
  expect(changesOf(play)).toEqual([]);
});

interface DefinedMain {
  readonly name?: string;
  readonly portMappings?: readonly object[];
}
const withPorts = (...portMappings: readonly object[]) => ({ portMappings });
const definitions: readonly (readonly [string, DefinedMain, string])[] = [
  ["another name", { name: "web" }, 'has no container "Main" (it has "web")'],
  ["no port", withPorts(), 'container "Main" has 0 port mappings'],
  ["a port without a name", withPorts({ containerPort: 80 }), "lacks containerPort or name"],
  [
    "a UDP port",
    withPorts({ containerPort: 80, name: "main", protocol: "udp" }),
    "is udp, not tcp",
  ],
];

test.each(definitions)(
  "a definition whose container has %s is refused before the build",
  async (_, main, said) => {
    const stage = await setExpressStage();
    const file = JSON.stringify({
      family: "clockko-shop",
      cpu: "1024",
      memory: "2048",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
      containerDefinitions: [
        { name: "Main", image: "clockko-backend:v1", essential: true, ...main },
      ],
    });
    stage.surroundings.readText = () => file;

    const play = await stage.play({
      ...shop,
      "task-definition": "task.json",
      "container-name": main.name ?? "Main",
    });

    expect(play.annotation).toContain(said);
    expect(verdictOf(play)).toBe("failed TaskDefinitionInvalid");
    expect(changesOf(play)).toEqual([]);
  },
);

test("rollback deploys the revision before, with the same single update", async () => {
  const stage = await setExpressStage();
  await stage.play(shop);

  const play = await stage.play({ ...shop, rollback: "true" });

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(Object.keys(updatesOf(stage)[1] ?? {}).toSorted()).toEqual([
    "cluster",
    "service",
    "taskDefinition",
  ]);
});

test("a dry run changes nothing and names what Express Mode manages", async () => {
  const stage = await setExpressStage();

  const play = await stage.play({ ...shop, "dry-run": "true" });

  expect(verdictOf(play)).toBe("planned Planned");
  expect(play.log.join("\n")).toContain("managed by Express Mode, canary 5 %");
  expect(changesOf(play)).toEqual([]);
});

test("with Terraform it is refused before anything is applied", async () => {
  const stage = await setExpressStage({ terraform: {} });

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("failed ControllerUnsupported");
  expect(play.annotation).toContain("not of aws_ecs_express_gateway_service");
  expect(play.terraform?.commands.filter((command) => command.includes(" apply "))).toEqual([]);
});

test("the managed resources may not be read: green, a notice, and the URL from ECS's description", async () => {
  const stage = await setExpressStage();
  denyRevisions(stage);

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.log.join("\n")).toContain(
    "The resources that ECS manages for the service could not be read",
  );
  expect(play.outputs.url).toMatch(/^https:\/\/sh-/);
});

test("neither may be read: green, and the notice names the permission for the URL", async () => {
  const stage = await setExpressStage();
  denyRevisions(stage);
  stage.changePolicy = (statements) =>
    statements.filter(({ Action }) => !Action.includes("ecs:DescribeExpressGatewayService"));

  const play = await stage.play(shop);

  expect(verdictOf(play)).toBe("succeeded Succeeded");
  expect(play.outputs.url).toBeUndefined();
  expect(play.log.join("\n")).toContain('Allow the action "ecs:DescribeExpressGatewayService"');
});

function denyRevisions({ simulator }: Stage): void {
  simulator.faults.add(
    "ecs:DescribeServiceRevisions",
    { kind: "error", name: "AccessDeniedException", message: "Sorry.", status: 400 },
    100,
  );
}

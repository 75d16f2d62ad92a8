import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorCodes } from "../../../src/errors.ts";
import { failurePhrase } from "../../../src/report/failure-phrase.ts";
import { describeServiceOutcome, headlineOf } from "../../../src/report/headline.ts";
import {
  isPass,
  type Outcome,
  outcomeNames,
  type Progress,
  type ServiceOutcome,
} from "../../../src/run/outcome.ts";
import type { RolloutEnd } from "../../../src/run/rollout-end.ts";
import {
  describeRunningRevisions,
  type RunningRevision,
} from "../../../src/run/running-revisions.ts";
import { anEnd, anOutcome, aService } from "../run/outcomes.ts";

const arn = (revision: string) => `arn:aws:ecs:us-east-1:123456789012:task-definition/${revision}`;
const running = (revision: string, tasks = 2, desired = 2) => [
  { taskDefinitionArn: arn(revision), tasks, desired },
];
const [before, now] = [running("api:1"), running("api:2")];

const endOf = (verdict: RolloutEnd["verdict"], more: Partial<RolloutEnd> = {}) =>
  anEnd({ verdict, ...more });
const reason = "ECS gave no reason.";
type Rollback = NonNullable<RolloutEnd["gaveUp"]>["rollback"];
const timedOut = (rollback: Rollback) =>
  ({ reason: "timed-out", stage: "IN_PROGRESS", failedTasks: 0, rollback }) as const;
const undecided = { kind: "undecided", stage: "IN_PROGRESS" } as const;

/** A run of one service. */
function ended(service: Partial<ServiceOutcome>, run: Partial<Outcome> = {}): Outcome {
  const one = aService(service);
  return anOutcome({
    outcome: one.outcome,
    passes: isPass(one.outcome),
    reasonCode: one.reasonCode,
    services: [one],
    ...run,
  });
}

const failed = (reasonCode: ServiceOutcome["reasonCode"], more: Partial<ServiceOutcome>) =>
  ended({ outcome: "failed", reasonCode, ...more });
const untouched = {
  progress: "untouched",
  taskDefinitionArn: undefined,
  runningNow: before,
} as const;
const rollback = { rollback: true } as const;

function withAlarm(end: RolloutEnd): RolloutEnd {
  const serviceDeployment = {
    arn: "arn",
    createdAt: 0,
    status: "STOPPED",
    targetRevisionArn: "",
    requestedTasks: 2,
    runningTasks: 2,
    pendingTasks: 0,
    hooks: [],
    triggeredAlarms: ["5xx"],
  };
  return { ...end, snapshot: { ...end.snapshot, serviceDeployment } };
}

test.each<[string, Outcome, string]>([
  ["deployed", ended({}), "✅ Deployed api:2 to api in 1 min 1 s"],
  [
    "deployed, no tasks wanted",
    deployedWithoutTasks(),
    "✅ api is updated to api:2, but its desired count is 0: no task runs",
  ],
  [
    "rolled back, as asked",
    ended({}, rollback),
    "⏪ Rolled back api to api:2 (was api:1) in 1 min 1 s",
  ],
  [
    "not watched",
    ended({ reasonCode: "NotWatched", runningNow: undefined }),
    "⚠️ ECS accepted api:2 for api; the rollout was not watched",
  ],
  [
    "unchanged",
    ended({ outcome: "unchanged", reasonCode: "Unchanged", progress: "untouched" }),
    "✅ Nothing to do: api is up to date (api:2)",
  ],
  ["the build failed", failed("BuildFailed", untouched), "❌ Build failed; api still runs api:1"],
  [
    "the image is refused",
    failed("ScanFindings", untouched),
    "❌ Image refused: vulnerabilities found; api still runs api:1",
  ],
  [
    "too few tasks ran before",
    failed("BuildFailed", { ...untouched, runningNow: running("api:1", 1, 3) }),
    "❌ Build failed; api still runs api:1 (1 of 3 tasks)",
  ],
  [
    "nothing ran before",
    failed("BuildFailed", { ...untouched, runningNow: [] }),
    "❌ Build failed; no task of api runs",
  ],
  [
    "a rollout was under way before",
    failed("BuildFailed", { ...untouched, runningNow: [...before, ...now] }),
    "❌ Build failed; api still runs api:1 and api:2",
  ],
  [
    "registered, then UpdateService was refused",
    failed("PermissionMissing", { progress: "registered", runningNow: before }),
    "❌ Permission missing; api still runs api:1",
  ],
  [
    "cancelled before the update",
    ended({ outcome: "cancelled", reasonCode: "Cancelled", ...untouched }),
    "❌ Cancelled; api still runs api:1",
  ],
  [
    "cancelled while the update was sent",
    ended({
      outcome: "cancelled",
      reasonCode: "Cancelled",
      progress: "update-sent",
      runningNow: undefined,
    }),
    "❌ Cancelled: whether api was updated to api:2 is unknown",
  ],
  [
    "cancelled during the rollout",
    ended({ outcome: "cancelled", reasonCode: "Cancelled", runningNow: undefined }),
    "❌ Cancelled during the rollout of api:2 to api: its end is unknown",
  ],
  [
    "AWS out of reach during the rollout",
    failed("WatchInterrupted", { runningNow: undefined }),
    "❌ The watch was interrupted during the rollout of api:2 to api: its end is unknown",
  ],
  [
    "rolled back by the breaker",
    ended({ outcome: "rolled-back", reasonCode: "RolledBack", end: anEnd(), runningNow: before }),
    "❌ Rolled back: api:2 failed, api runs api:1",
  ],
  [
    "rolled back by an alarm",
    ended({
      outcome: "rolled-back",
      reasonCode: "RolledBack",
      end: withAlarm(anEnd()),
      runningNow: before,
    }),
    "❌ Rolled back after an alarm: api runs api:1, not api:2",
  ],
  [
    "a rollback that failed",
    ended(
      { outcome: "rolled-back", reasonCode: "RolledBack", end: anEnd(), runningNow: before },
      rollback,
    ),
    "❌ The rollback to api:2 failed and was undone: api runs api:1",
  ],
  [
    "the breaker could not roll back",
    failed("RollbackFailed", { end: endOf({ kind: "rollback-failed", reason }), runningNow: [] }),
    "❌ The rollback from api:2 failed: no task of api runs",
  ],
  [
    "failed, rollback off",
    failed("RolloutFailed", { end: endOf({ kind: "failed", reason }), runningNow: before }),
    "❌ Deployment of api:2 failed, not rolled back: api runs api:1",
  ],
  [
    "an alarm, rollback off",
    failed("RolloutFailed", { end: withAlarm(endOf({ kind: "failed", reason })) }),
    "❌ Alarm during the rollout of api:2, not rolled back: api runs api:2",
  ],
  [
    "stopped",
    failed("RolloutStopped", { end: endOf({ kind: "stopped", reason }), runningNow: before }),
    "❌ The deployment of api:2 was stopped: api runs api:1",
  ],
  [
    "superseded",
    ended({
      outcome: "superseded",
      reasonCode: "RolloutSuperseded",
      end: endOf({ kind: "superseded", by: "x" }),
    }),
    "❌ Superseded: a newer deployment of api started before api:2 finished",
  ],
  [
    "deleted",
    failed("ServiceNotActive", { end: endOf({ kind: "gone" }), runningNow: undefined }),
    "❌ api was deleted during the rollout of api:2",
  ],
  [
    "timed out, left alone",
    ended({
      outcome: "timed-out",
      reasonCode: "RolloutTimedOut",
      end: endOf(undecided, { gaveUp: timedOut("left") }),
    }),
    "❌ Timed out; the rollout of api:2 to api continues",
  ],
  [
    "timed out, rollback refused",
    ended({
      outcome: "timed-out",
      reasonCode: "RolloutTimedOut",
      end: endOf(undecided, { gaveUp: timedOut({ refused: "no" }) }),
    }),
    "❌ Timed out; the rollout of api:2 to api continues",
  ],
  [
    "timed out, rollback not finished",
    ended({
      outcome: "timed-out",
      reasonCode: "RolloutTimedOut",
      end: endOf(undecided, { gaveUp: timedOut("asked") }),
    }),
    "❌ Timed out; ECS is rolling api back from api:2",
  ],
  [
    "timed out and rolled back",
    ended({
      outcome: "timed-out",
      reasonCode: "RolloutTimedOut",
      end: anEnd({ gaveUp: timedOut("asked") }),
      runningNow: before,
    }),
    "❌ Timed out, api:2 was rolled back: api runs api:1",
  ],
  [
    "too many failed tasks",
    failed("TasksFailing", {
      end: endOf(undecided, { gaveUp: { ...timedOut("left"), reason: "tasks-failing" } }),
    }),
    "❌ Too many failed tasks; the rollout of api:2 to api continues",
  ],
  [
    "what runs cannot be said",
    ended({
      outcome: "rolled-back",
      reasonCode: "RolledBack",
      end: anEnd(),
      runningNow: undefined,
    }),
    "❌ Rolled back: api:2 failed, what api runs is unknown",
  ],
  [
    "rolled back with the others",
    ended({
      outcome: "rolled-back",
      reasonCode: "RolledBack",
      rollbackState: "succeeded",
      runningNow: before,
    }),
    "❌ Rolled back from api:2, because another service failed: api runs api:1",
  ],
  [
    "good, but the task after it failed",
    ended({}, { passes: false, outcome: "failed", reasonCode: "TaskFailed" }),
    "❌ Deployed api:2 to api, but: post-deploy task failed",
  ],
  [
    "good, but Terraform failed elsewhere",
    ended({}, { passes: false, outcome: "failed", reasonCode: "TerraformFailed" }),
    "❌ Deployed api:2 to api, but: Terraform failed",
  ],
  [
    "no service was seen",
    anOutcome({
      services: [],
      image: undefined,
      outcome: "failed",
      passes: false,
      reasonCode: "InvalidInput",
    }),
    "❌ Invalid input; nothing was changed",
  ],
  [
    "no service was seen, an image was pushed",
    anOutcome({ services: [], outcome: "failed", passes: false, reasonCode: "TerraformLocked" }),
    "❌ Terraform state is locked; nothing was deployed",
  ],
])("%s", (_, outcome, headline) => {
  expect(headlineOf(outcome)).toBe(headline);
});

function deployedWithoutTasks(): Outcome {
  const end = endOf({ kind: "succeeded" });
  const { service } = end.snapshot;
  const snapshot = {
    ...end.snapshot,
    ...(service && { service: { ...service, desiredCount: 0 } }),
  };
  return ended({ end: { ...end, snapshot }, runningNow: [] });
}

describe("several services", () => {
  const several = (services: readonly ServiceOutcome[], run: Partial<Outcome> = {}) => {
    const worst = services.find(({ outcome }) => !isPass(outcome));
    const { outcome, reasonCode } = worst ?? services[0]!;
    return headlineOf(anOutcome({ services, outcome, reasonCode, passes: !worst, ...run }));
  };
  const bad = aService({
    service: "bad",
    outcome: "rolled-back",
    reasonCode: "RolledBack",
    end: anEnd(),
  });
  const notBuilt = { outcome: "failed", reasonCode: "BuildFailed", ...untouched } as const;

  test("that ended alike are reported together", () => {
    expect(several([aService(), aService({ service: "web" })])).toBe(
      "✅ Deployed 2 services in 1 min 1 s",
    );
    expect(several([aService(), aService({ service: "web" })], rollback)).toBe(
      "⏪ Rolled back 2 services in 1 min 1 s",
    );
    expect(several([aService(notBuilt), aService({ service: "web", ...notBuilt })])).toBe(
      "❌ Build failed; 2 services still run what they ran before",
    );
  });

  test("that ended differently are reported by name, the failed ones first", () => {
    expect(several([aService(), bad, aService({ service: "web" })])).toBe(
      "❌ 1 of 3 services failed: bad rolled back, api and web deployed",
    );
  });

  test("that are many are counted", () => {
    const good = Array.from({ length: 49 }, (_, index) => aService({ service: `s${index}` }));
    expect(several([...good, bad])).toBe(
      "❌ 1 of 50 services failed: bad rolled back, 49 services deployed",
    );
  });
});

describe("a dry run reports what would happen", () => {
  const change = (path: string, from: string, to: string) => ({ path, from, to });
  const sha = "7c2d1f0a9b8e7d6c5b4a39281706f5e4d3c2b1a0";
  const planned = (service: Partial<ServiceOutcome>, run: Partial<Outcome> = {}) =>
    headlineOf(
      ended(
        {
          outcome: "planned",
          reasonCode: "Planned",
          progress: "untouched",
          taskDefinitionArn: undefined,
          ...service,
        },
        run,
      ),
    );

  test.each<[string, string, string]>([
    [
      "image and size",
      planned({
        changes: [
          change("memory", "512", "1024"),
          change("containerDefinitions[app].image", "x.dkr/api:v1", `x.dkr/api:${sha}`),
        ],
      }),
      "📋 Would deploy api: memory 512 → 1024, image v1 → 7c2d1f0",
    ],
    [
      "no value that is hidden",
      planned({
        changes: [change("containerDefinitions[app].environment[A]", "(hidden)", "(hidden)")],
      }),
      "📋 Would deploy api: 1 change",
    ],
    [
      "no change in the revision",
      planned({}),
      "📋 Would deploy api: same revision, new deployment",
    ],
    [
      "a rollback",
      planned(
        { changes: [change("containerDefinitions[app].image", "x/api:v2", "x/api:v1")] },
        rollback,
      ),
      "📋 Would roll back api: image v2 → v1",
    ],
    [
      "nothing",
      planned({ taskDefinitionArn: arn("api:1") }),
      "📋 Would change nothing: api is up to date",
    ],
    [
      "Terraform",
      planned(
        {},
        {
          terraform: {
            directory: "infra",
            changes: [{ address: "a", action: "update" }],
            text: "",
            applyState: "not",
          },
        },
      ),
      "📋 Would apply 1 change with Terraform",
    ],
    [
      "a service that does not exist yet",
      planned({ previousTaskDefinitionArn: "" }),
      "📋 Would create api",
    ],
    [
      "nothing for Terraform",
      planned({}, { terraform: { directory: "infra", changes: [], text: "", applyState: "not" } }),
      "📋 Would change nothing: Terraform plans no change",
    ],
    [
      "the same change of several services once",
      severalPlanned("v2", "v2"),
      "📋 Would deploy 2 services: image v1 → v2",
    ],
    [
      "different changes of several services",
      severalPlanned("v2", "v3"),
      "📋 Would deploy 2 services",
    ],
  ])("%s", (_, headline, expected) => {
    expect(headline).toBe(expected);
  });

  function severalPlanned(...tags: readonly string[]): string {
    const services = tags.map((tag, index) =>
      aService({
        service: `s${index}`,
        outcome: "planned",
        taskDefinitionArn: undefined,
        changes: [change("containerDefinitions[app].image", "x/api:v1", `x/api:${tag}`)],
      }),
    );
    return headlineOf(anOutcome({ outcome: "planned", reasonCode: "Planned", services }));
  }
});

test("each code has a phrase that can begin a headline", () => {
  for (const reasonCode of errorCodes) {
    const phrase = failurePhrase({ reasonCode }, { services: [] });
    expect(phrase).toMatch(/^[A-Z]/);
    expect(phrase.length).toBeLessThan(50);
  }
});

describe("no headline contradicts the facts", () => {
  const revisions = ["api:1", "api:2", "api:3"].map(arn);
  const runningRevision: fc.Arbitrary<RunningRevision> = fc.record({
    taskDefinitionArn: fc.constantFrom(...revisions),
    tasks: fc.integer({ min: 1, max: 4 }),
    desired: fc.integer({ min: 0, max: 4 }),
  });
  const runningNow = fc.option(
    fc.uniqueArray(runningRevision, {
      maxLength: 3,
      selector: ({ taskDefinitionArn }) => taskDefinitionArn,
    }),
    { nil: undefined },
  );
  const verdict = fc.constantFrom<RolloutEnd["verdict"]>(
    { kind: "succeeded" },
    { kind: "rolled-back", reason },
    { kind: "rollback-failed", reason },
    { kind: "failed", reason },
    { kind: "stopped", reason },
    { kind: "superseded", by: "x" },
    { kind: "gone" },
    undecided,
  );
  const gaveUp = fc.option(
    fc.constantFrom<Rollback>("left", "asked", { refused: "no" }).map(timedOut),
    {
      nil: undefined,
    },
  );
  const end = fc
    .record({ verdict, gaveUp })
    .map(({ verdict: one, gaveUp: given }) => endOf(one, given ? { gaveUp: given } : {}));
  const service = fc.record({
    service: fc.constantFrom("api", "web", "worker"),
    outcome: fc.constantFrom(...outcomeNames),
    reasonCode: fc.constantFrom(...errorCodes),
    progress: fc.constantFrom<Progress>("untouched", "registered", "update-sent", "updated"),
    taskDefinitionArn: fc.constantFrom(...revisions),
    runningNow,
    end: fc.option(end, { nil: undefined }),
    takenBack: fc.constantFrom(undefined, undefined, "in-progress", "succeeded", "failed"),
  });
  const run = fc.record({ services: fc.array(service, { maxLength: 3 }), rollback: fc.boolean() });

  test("in any combination of progress, ECS's verdict and what runs", () => {
    fc.assert(
      fc.property(run, ({ services, rollback: asked }) => {
        const outcome = anOutcome({
          services: services.map(({ end: one, ...service }) =>
            aService({ ...service, ...(one && { end: one }) }),
          ),
          outcome: services[0]?.outcome ?? "failed",
          reasonCode: services[0]?.reasonCode ?? "Bug",
          passes: services.every((one) => isPass(one.outcome)),
          ...(asked && rollback),
        });
        const reported = [
          headlineOf(outcome),
          ...outcome.services.map((one) => describeServiceOutcome(one, outcome)),
        ];
        for (const text of reported) expect(text).not.toMatch(/not deployed|undefined|\n/i);
        for (const [index, one] of outcome.services.entries())
          expectTrue(reported[index + 1] ?? "", one);
      }),
      { numRuns: 2_000 },
    );
  });

  function expectTrue(
    text: string,
    { service: name, runningNow: seen, progress }: ServiceOutcome,
  ): void {
    const claim = text.match(new RegExp(`\\b${name} (?:still )?runs (.*?)(?:, not .*)?$`))?.[1];
    if (claim !== undefined && claim !== "is unknown")
      expect(claim).toBe(describeRunningRevisions(seen ?? []));
    if (/runs is unknown/.test(text)) expect(seen).toBeUndefined();
    if (/no task/.test(text)) expect(seen).toEqual([]);
    if (/still runs/.test(text)) expect(["untouched", "registered"]).toContain(progress);
  }
});

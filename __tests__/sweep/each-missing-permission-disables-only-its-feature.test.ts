// Every permission of every feature, removed one at a time: what is needed fails the step before the service is touched, with the action
// and the resource in the error; what is optional costs that feature and a notice, not the deployment. An action that is never missed
// is one too many in the table.

import type { ScanStep } from "ecs-simulator";
import { exitsWith, runs, sidecarExits } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import {
  type Feature,
  type FeatureName,
  featureNames,
  features,
} from "../../src/permissions/permissions.ts";
import type { PolicyStatement } from "../../tools/docs/deploy-policy.ts";
import { setExpressStage, shop } from "../scenarios/support/express.ts";
import { alembic, migrating } from "../scenarios/support/migration.ts";
import { answering, pausing, startPausedDeployment } from "../scenarios/support/paused.ts";
import type { ChangePolicy } from "../scenarios/support/permissions.ts";
import {
  cancelAfter,
  type InputTexts,
  type Play,
  registry,
  type Stage,
  setStage,
} from "../scenarios/support/stage.ts";

interface Run {
  /** Features whose every action this run makes use of. */
  readonly proves: readonly FeatureName[];
  readonly inputs: InputTexts;
  readonly stage: () => Promise<Stage>;
  readonly outcome: string;
  /** `Sid resource` of what the policy allows for other services of the stage, or for other features. */
  readonly unrelated?: RegExp;
}

const scanned: readonly ScanStep[] = [
  { afterMilliseconds: 2_000, scan: { status: "COMPLETE", findings: [] } },
];
const tagged = {
  tags: [{ key: "team", value: "clock" }],
  taskRoleArn: "arn:aws:iam::123456789012:role/clockko-task",
};

const migration = JSON.stringify({
  ...tagged,
  family: "clockko-migrate",
  cpu: "256",
  memory: "512",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
  containerDefinitions: [{ name: "migrate", image: "<IMAGE>" }],
});

const worlds: Readonly<Record<string, Run>> = {
  "the default path": {
    proves: [
      "service",
      "repository",
      "push",
      "platformCheck",
      "latestTag",
      "taskDefinition",
      "update",
      "verdict",
      "preflight",
    ],
    inputs: {},
    stage: () => setStage({ docker: { uploadsLayers: true }, taskDefinition: tagged }),
    outcome: "succeeded",
  },
  "a repository that does not exist": {
    proves: ["createRepository"],
    inputs: {
      "ecr-repository": "fresh",
      "if-repository-missing": "create",
      "container-name": "app",
    },
    stage: () => setStage({ docker: { uploadsLayers: true } }),
    outcome: "succeeded",
  },
  "a version that exits at start": {
    proves: ["diagnosis"],
    inputs: {},
    stage: () => setStage({ tasks: () => exitsWith(1, { logs: ["cannot start"] }) }),
    outcome: "rolled-back",
  },
  "no good deployment is in the classic list": {
    proves: ["preflight"],
    inputs: { "wait-for-service-stability": "false" },
    stage: () => setStage({ firstTasks: () => runs({ pullsFor: 60 * 60_000 }) }),
    outcome: "succeeded",
  },
  "an image that is there already": {
    proves: ["imageOrigin"],
    inputs: { "image-tag": "v1", "dry-run": "true" },
    stage: () => setStage(),
    outcome: "planned",
  },
  "several tags": {
    proves: ["additionalTags"],
    inputs: { "image-tag": "v1\nstable", "latest-tag": "none" },
    stage: () => setStage(),
    outcome: "unchanged",
  },
  "a migration, with tags and a companion": {
    proves: ["task", "taskLog", "tags", "taskTags", "stopTask"],
    inputs: alembic,
    stage: () =>
      migrating(sidecarExits("app", 0, { after: 5_000, logs: ["migrated"] }), {
        taskDefinition: {
          ...tagged,
          containerDefinitions: [
            { name: "proxy", image: "envoy:1", essential: true },
            {
              name: "app",
              image: `${registry}/clockko-backend:v1`,
              essential: false,
              logConfiguration,
            },
          ],
        },
      }),
    outcome: "succeeded",
  },
  "a rollout that is taken back": {
    proves: ["rollback"],
    inputs: { "on-timeout": "rollback", "wait-for-minutes": "1" },
    stage: () => setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) }),
    outcome: "timed-out",
  },
  "a cancelled run": {
    proves: ["rollback"],
    inputs: { "on-cancel": "rollback" },
    async stage() {
      const stage = await setStage({ tasks: () => runs({ pullsFor: 5 * 60_000 }) });
      stage.onCall = (call) => call === "ecs:UpdateService" && cancelAfter(stage, 30_000);
      return stage;
    },
    outcome: "cancelled",
  },
  "going back": {
    proves: ["rollbackTarget"],
    inputs: { rollback: "true" },
    async stage() {
      const stage = await setStage();
      await stage.play({ "image-tag": "one" });
      await stage.play({ "image-tag": "two" });
      return stage;
    },
    outcome: "succeeded",
  },
  "a pause that is answered": {
    proves: ["pausedDeployment", "answerHook"],
    inputs: answering("continue"),
    async stage() {
      const stage = await setStage(pausing());
      await startPausedDeployment(stage);
      return stage;
    },
    outcome: "succeeded",
  },
  "a ready image": {
    proves: ["externalImage"],
    inputs: { image: `${registry}/promoted:good`, "ecr-repository": "" },
    async stage() {
      const stage = await setStage();
      stage.simulator.ecr.repositories.createRepository("promoted");
      stage.simulator.ecr.repositories.putImage("promoted", { tags: ["good"] });
      return stage;
    },
    outcome: "succeeded",
  },
  "a migration with a tagged definition of its own": {
    proves: ["preDeployTask", "preDeployTaskTags"],
    inputs: { "pre-deploy-task-definition": "deploy/migrate.json" },
    async stage() {
      const stage = await migrating(exitsWith(0, { after: 5_000 }), {
        taskDefinition: tagged,
        files: { "deploy/migrate.json": migration },
      });
      // On a stage the tasks of a family's first revision run on and on.
      stage.simulator.ecs.registerTaskDefinition(JSON.parse(migration));
      return stage;
    },
    outcome: "succeeded",
  },
  "the scan of a ready image": {
    proves: ["externalImage", "externalImageScan"],
    inputs: { image: `${registry}/promoted:good`, "ecr-repository": "", scan: "critical" },
    async stage() {
      const stage = await setStage();
      const { repositories } = stage.simulator.ecr;
      repositories.createRepository("promoted", { scanOnPush: true, scans: scanned });
      repositories.putImage("promoted", { tags: ["good"] });
      return stage;
    },
    outcome: "succeeded",
  },
  "an Express Mode service whose resources ECS does not report": {
    proves: ["express"],
    inputs: shop,
    async stage() {
      const stage = await setExpressStage();
      hideRevisions(stage);
      return stage;
    },
    outcome: "succeeded",
  },
  "an Express Mode service is created": {
    proves: ["expressCreate", "express"],
    inputs: {
      service: "fresh",
      cluster: "",
      tags: "team=clock",
      express: JSON.stringify({
        infrastructureRoleArn: "arn:aws:iam::123456789012:role/clockko-infrastructure",
        executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
        taskRoleArn: "arn:aws:iam::123456789012:role/clockko-task",
      }),
    },
    async stage() {
      const stage = await setStage();
      hideRevisions(stage);
      return stage;
    },
    outcome: "succeeded",
    unrelated: /^Tags |\/clockko-backend:/,
  },
  "a secret and a parameter": {
    proves: ["secrets"],
    inputs: {
      secrets: "A=arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf\nB=token",
      "dry-run": "true",
    },
    stage: () =>
      setStage({
        secrets: { "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf": "x" },
        parameters: { token: "y" },
      }),
    outcome: "planned",
  },
  "a repository that the push creates": {
    proves: ["createOnPush"],
    inputs: { "ecr-repository": "team/api" },
    async stage() {
      const stage = await setStage({ docker: { uploadsLayers: true } });
      stage.simulator.ecr.repositories.putCreationTemplate("team");
      return stage;
    },
    outcome: "succeeded",
  },
  "a scan": {
    proves: ["scan"],
    inputs: { scan: "high" },
    async stage() {
      const stage = await setStage();
      const { repositories } = stage.simulator.ecr;
      repositories.deleteRepository("clockko-backend");
      repositories.createRepository("clockko-backend", { scanOnPush: true, scans: scanned });
      repositories.putImage("clockko-backend", { tags: ["v1"] });
      return stage;
    },
    outcome: "succeeded",
  },
};

/** An account where ECS does not report `ecsManagedResources`: the answer has nothing of the revision. */
function hideRevisions({ simulator }: Stage): void {
  simulator.faults.add(
    "ecs:DescribeServiceRevisions",
    { kind: "error", name: "ServerException", message: "Internal", status: 500 },
    1_000,
  );
}

const logConfiguration = {
  logDriver: "awslogs" as const,
  options: {
    "awslogs-group": "/ecs/clockko-backend",
    "awslogs-region": "us-east-1",
    "awslogs-stream-prefix": "app",
  },
};

/** What only real clients do: the end-to-end tests of the image run under a policy with these. Terraform mode has tests of its own. */
const provedElsewhere = new Set<FeatureName>([
  "cache",
  "baseImage",
  "terraformPlan",
  "terraformApply",
  "terraformCreate",
  // The simulator does not ask for the service-linked role.
  "expressFirst",
  "preview",
  // The scenarios of the actions that deploy nothing: verb-register, verb-run-task.
  "revision",
  "revisionChecks",
  "taskService",
  "taskCluster",
]);

test("every feature of the table is covered here, or by real clients", () => {
  const proved = new Set([
    ...Object.values(worlds).flatMap(({ proves }) => proves),
    ...provedElsewhere,
  ]);
  expect(featureNames().filter((name) => !proved.has(name))).toEqual([]);
});

for (const [world, run] of Object.entries(worlds)) {
  describe(world, () => {
    test("succeeds with exactly its policy", async () => {
      const { play, refused } = await playWith(run, (statements) => statements);
      expect(play.outcome.outcome).toBe(run.outcome);
      expect(refused).toEqual([]);
    });

    test("without any one action", async () => {
      const statements = await statementsOf(run);
      for (const { Sid, Action } of statements.filter(({ Sid }) => !run.unrelated?.test(`${Sid} `)))
        for (const action of [Action].flat().filter((one) => isProvedBy(run, one))) {
          const others = [Action].flat().filter((one) => one !== action);
          judge(run, action, await playWith(run, replacing(Sid, { Action: others })));
        }
    });

    test("without any one resource", async () => {
      for (const { Sid, Action, Resource } of await statementsOf(run)) {
        const actions = [Action].flat();
        if (!isProvedBy(run, actions[0] ?? "") || [Resource].flat().length < 2) continue;
        for (const resource of [Resource].flat()) {
          if (run.unrelated?.test(`${Sid} ${resource}`)) continue;
          const others = [Resource].flat().filter((one) => one !== resource);
          const tried = await playWith(run, replacing(Sid, { Resource: others }));
          const [first] = tried.refused.filter(({ action }) => actions.includes(action));
          expect(first, `no feature needs ${Sid} on ${resource}`).toBeDefined();
          judge(run, first?.action ?? "", tried);
        }
      }
    });
  });
}

/** One statement with other members. */
function replacing(sid: string, members: Partial<PolicyStatement>): ChangePolicy {
  return (statements) => statements.map((one) => (one.Sid === sid ? { ...one, ...members } : one));
}

function isProvedBy({ proves }: Run, action: string): boolean {
  return proves.some((name) => actionsOf(name).includes(action));
}

function actionsOf(name: FeatureName): readonly string[] {
  return (features[name] as Feature).permissions.flatMap(({ actions }) => actions);
}

interface Tried {
  readonly play: Play;
  readonly refused: readonly { readonly action: string; readonly resource: string }[];
}

async function playWith(run: Run, change: ChangePolicy): Promise<Tried> {
  const stage = await run.stage();
  stage.changePolicy = change;
  const from = stage.simulator.iam.decisions.length;
  const play = await stage.play(run.inputs);
  return {
    play,
    refused: stage.simulator.iam.decisions.slice(from).filter(({ allowed }) => !allowed),
  };
}

async function statementsOf(run: Run): Promise<readonly PolicyStatement[]> {
  let exact: readonly PolicyStatement[] = [];
  await playWith(run, (statements) => {
    exact = statements;
    return statements;
  });
  return exact;
}

function judge({ outcome, proves }: Run, action: string, { play, refused }: Tried): void {
  const resource = refused.find((one) => one.action === action)?.resource ?? "";
  expect(resource, `no call needs ${action}`).not.toBe("");
  const needing = featureNames().filter(
    (name) => proves.includes(name) && actionsOf(name).includes(action),
  );
  const reported = [...play.log, play.annotation, play.summary].join("\n");
  expect(reported, `${action} is not reported`).toContain(action);
  if (needing.every((name) => "optional" in features[name])) {
    expect(play.outcome.outcome, `${action} is optional`).toBe(outcome);
    return;
  }
  expect(play.outcome.outcome, `${action} is needed`).toBe("failed");
  expect(play.annotation).toContain(action);
  expect(play.annotation).toContain(resource);
  expect(
    play.calls.filter((call) => call === "ecs:UpdateService"),
    "the service is untouched",
  ).toEqual([]);
}

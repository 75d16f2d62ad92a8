// The policies of docs/iam.md, as they stand there: enough, and what a missing permission leads to. Every permission, taken away once, is in
// the sweep.

import { readFileSync } from "node:fs";
import { exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import type { PolicyStatement } from "../../tools/docs/deploy-policy.ts";
import { revisionOf } from "./support/changes.ts";
import { alembic, migrating } from "./support/migration.ts";
import type { ChangePolicy } from "./support/permissions.ts";
import {
  account,
  region,
  registry,
  type Stage,
  type StageOptions,
  setStage,
} from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";
import { buildStep, registerStep, runTaskStep } from "./support/verbs.ts";

/** Where a user would put the names. */
const names: Readonly<Record<string, string>> = {
  // Before REGION and ACCOUNT, which are a part of them.
  IMAGE_REGION: region,
  IMAGE_ACCOUNT: account,
  IMAGE_REPOSITORY: "clockko-backend",
  REGION: region,
  ACCOUNT: account,
  CLUSTER: "clockko",
  SERVICE: "clockko-backend",
  FAMILY: "clockko-backend",
  REPOSITORY: "clockko-backend",
  LOG_GROUP: "/ecs/clockko-backend",
  TASK_ROLE: "clockko-task",
  EXECUTION_ROLE: "clockko-execution",
};

function documented(section: string): readonly PolicyStatement[] {
  const [, json = ""] =
    readFileSync("docs/iam.md", "utf8").match(
      new RegExp(`begin ${section}:[^\\n]*\\n\\n\`\`\`json\\n([\\s\\S]*?)\`\`\``),
    ) ?? [];
  const filled = Object.entries(names).reduce(
    (text, [word, name]) => text.replaceAll(word, name),
    json,
  );
  const parsed = JSON.parse(filled);
  return parsed.Statement ?? parsed;
}

async function stageWith(policy: ChangePolicy, options: StageOptions = {}): Promise<Stage> {
  const stage = await setStage({ docker: { uploadsLayers: true }, ...options });
  stage.changePolicy = policy;
  return stage;
}

function refused({ simulator }: Stage): readonly string[] {
  return simulator.iam.decisions.filter(({ allowed }) => !allowed).map(({ action }) => action);
}

test("the default deployment succeeds with the default policy of docs/iam.md", async () => {
  const stage = await stageWith(() => documented("default-policy"), {
    taskDefinition: { taskRoleArn: `arn:aws:iam::${account}:role/clockko-task` },
  });
  const play = await stage.play();
  expect(play.outcome).toMatchObject({ outcome: "succeeded" });
  expect(play.log.filter((line) => line.includes("notice"))).toEqual([]);
  expect(refused(stage)).toEqual([]);
});

test("… and a version that does not start is diagnosed with it", async () => {
  const stage = await stageWith(() => documented("default-policy"), {
    tasks: () => exitsWith(1, { logs: ["KeyError: 'PORT'"] }),
  });
  const play = await stage.play();
  expect(play.outcome).toMatchObject({ outcome: "rolled-back" });
  expect(play.annotation).toContain("KeyError: 'PORT'");
  expect(refused(stage)).toEqual([]);
});

test("a migration, task tags and a second image tag, with what docs/iam.md adds for them", async () => {
  const stage = await migrating(exitsWith(0, { logs: ["migrated"] }), {
    taskDefinition: { tags: [{ key: "team", value: "clock" }] },
  });
  stage.changePolicy = () => [...documented("default-policy"), ...documented("more-statements")];
  const play = await stage.play({
    ...alembic,
    tags: "stage=production",
    "image-tag": "1.2\n1.2.3",
  });
  expect(play.outcome).toMatchObject({ outcome: "succeeded", tasks: [{ exitCode: 0 }] });
  expect(refused(stage)).toEqual([]);
});

describe("the policies of the actions that deploy nothing are sufficient:", () => {
  const service = { "ecr-repository": "", "task-definition": "clockko-backend" };

  test("build", async () => {
    const stage = await stageWith(() => documented("build-policy"));
    const play = await stage.play({}, buildStep);
    expect(play.outcome).toMatchObject({ outcome: "succeeded" });
    expect(refused(stage)).toEqual([]);
  });

  test("register with an image", async () => {
    const stage = await stageWith(() => documented("register-policy"));
    stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: ["v2"] });
    const image = `${registry}/clockko-backend:v2`;
    const play = await stage.play({ ...service, image }, registerStep);
    expect(play.outcome).toMatchObject({ outcome: "succeeded" });
    expect(refused(stage)).toEqual([]);
  });

  test("run-task with the network of a service", async () => {
    const stage = await migrating(exitsWith(0, { logs: ["migrated"] }));
    stage.changePolicy = () => documented("run-task-policy");
    const play = await stage.play({ ...service, command: "migrate" }, runTaskStep);
    expect(play.outcome).toMatchObject({ outcome: "succeeded", tasks: [{ exitCode: 0 }] });
    expect(refused(stage)).toEqual([]);
  });
});

test("only the default policy: a migration is refused before the service is changed", async () => {
  const stage = await migrating(exitsWith(0));
  stage.changePolicy = () => documented("default-policy");
  const play = await stage.play(alembic);
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "PermissionMissing" });
  expect(revisionOf(stage)).toBe("clockko-backend:1");
  expect(play.annotation).toContain(
    'Allow the action "ecs:RunTask" on arn:aws:ecs:us-east-1:123456789012:task-definition/clockko-backend:2',
  );
});

test("a policy without optional permissions is enough to deploy", async () => {
  const optional = /^(PlatformCheck|Verdict|Preflight|Diagnosis)/;
  const stage = await stageWith((statements) =>
    statements.filter(({ Sid }) => !optional.test(Sid)),
  );
  const play = await stage.play();
  expect(play.outcome).toMatchObject({ outcome: "succeeded" });
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/permissions-without-the-optional-ones.txt",
  );
});

test("no permission to move latest: the image is deployed, and latest stays", async () => {
  const stage = await setStage();
  stage.simulator.ecr.repositories.putImage("clockko-backend", { tags: ["v2"] });
  stage.changePolicy = (statements) => statements.filter(({ Sid }) => !/^Push/.test(Sid));
  const play = await stage.play({ "image-tag": "v2" });
  expect(play.outcome).toMatchObject({ outcome: "succeeded" });
  expect(play.log.join("\n")).toMatch(
    /notice: Tag "latest" was not moved\. AWS refused ecr:BatchGetImage[\s\S]*latest-tag: none/,
  );
});

test("a session policy restricts the role and is named as the policy to change", async () => {
  const stage = await setStage();
  const Statement = [
    { Effect: "Allow", Action: ["ecr:*", "ecs:Describe*", "logs:*"], Resource: "*" },
  ];
  stage.changePolicy = (statements) => statements;
  const play = await stage.play({
    "inline-session-policy": JSON.stringify({ Version: "2012-10-17", Statement }),
  });
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "PermissionMissing" });
  expect(play.annotation).toContain(
    "because no session policy allows the ecs:RegisterTaskDefinition action",
  );
  expect(play.annotation).toContain(
    "in inline-session-policy or managed-session-policies, which narrow this run",
  );
});

test("an explicit deny is reported as not fixable by an Allow", async () => {
  const stage = await setStage();
  const deny = {
    Sid: "NoUpdates",
    Effect: "Deny",
    Action: "ecs:UpdateService",
    Resource: "*",
  } as const;
  stage.changePolicy = (statements) => [...statements, deny as unknown as PolicyStatement];
  const play = await stage.play();
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "PermissionMissing" });
  expect(play.annotation).toMatch(
    /A statement of an identity-based policy denies the action "ecs:UpdateService".*no Allow can outvote it/,
  );
});

// China, GovCloud, the European Sovereign Cloud and an isolated partition: nothing of one run may bear the name of another partition.

import { exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { alembic, migrating } from "./support/migration.ts";
import { account, type Play, type Stage, setStage } from "./support/stage.ts";

const partitions = [
  { name: "aws", region: "eu-central-1", suffix: "amazonaws.com", host: "console.aws.amazon.com" },
  {
    name: "aws-cn",
    region: "cn-north-1",
    suffix: "amazonaws.com.cn",
    host: "console.amazonaws.cn",
  },
  {
    name: "aws-us-gov",
    region: "us-gov-west-1",
    suffix: "amazonaws.com",
    host: "console.amazonaws-us-gov.com",
  },
  {
    name: "aws-eusc",
    region: "eusc-de-east-1",
    suffix: "amazonaws.eu",
    host: "console.amazonaws-eusc.eu",
  },
  { name: "aws-iso", region: "us-iso-east-1", suffix: "c2s.ic.gov", host: undefined },
] as const;

type Partition = (typeof partitions)[number];

describe.each(partitions)("$name ($region)", (partition) => {
  const { name, region, suffix, host } = partition;

  test("a good version: role, audience, registry, ARNs and links are the partition's", async () => {
    const stage = await setStage({ region });
    const play = await stage.play();

    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.outputs.image).toMatch(
      new RegExp(`^${account}\\.dkr\\.ecr\\.${region}\\.${suffix}/clockko-backend`),
    );
    expect(play.outputs["task-definition-arn"]).toBe(
      `arn:${name}:ecs:${region}:${account}:task-definition/clockko-backend:2`,
    );
    expect(audiencesOf(stage)).toEqual([`sts.${suffix}`]);
    const page = "/ecs/v2/clusters/clockko/services/clockko-backend/deployments?region=";
    expect(play.outputs["console-url"]).toBe(
      host === undefined ? "" : `https://${region}.${host}${page}${region}`,
    );
    expectOnly(partition, stage, play);
  });

  test("a version that exits at start is rolled back, and the summary links to the right console or to none", async () => {
    const stage = await setStage({ region, tasks: () => exitsWith(1, { logs: ["no"] }) });
    const play = await stage.play();

    expect(play.outcome.outcome).toBe("rolled-back");
    const links = [...play.summary.matchAll(/https:\/\/([^/)]*console[^/)]*)/g)].map(
      ([, one]) => one,
    );
    expect([...new Set(links)]).toEqual(host === undefined ? [] : [`${region}.${host}`]);
    expectOnly(partition, stage, play);
  });

  test("a migration runs, and a failed one is reported with its task", async () => {
    const migrated = await migrating(exitsWith(0), { region });
    expect((await migrated.play(alembic)).outcome.outcome).toBe("succeeded");

    const stage = await migrating(exitsWith(1), { region });
    const play = await stage.play(alembic);
    expect(play.outcome.reasonCode).toBe("TaskFailed");
    expect(play.annotation.includes("in the console")).toBe(host !== undefined);
    expectOnly(partition, stage, play);
  });

  test("a denied read is reported with the ARN of the partition", async () => {
    const stage = await setStage({ region, tasks: () => exitsWith(1) });
    stage.changePolicy = (statements) =>
      statements.filter(({ Action }) => ![Action].flat().includes("ecr:DescribeRepositories"));
    const play = await stage.play();

    expect(play.outcome.reasonCode).toBe("PermissionMissing");
    expect(play.annotation).toContain(
      `arn:${name}:ecr:${region}:${account}:repository/clockko-backend`,
    );
    expectOnly(partition, stage, play);
  });

  test("denied log access: the statement to add has the ARN of the partition", async () => {
    const stage = await setStage({ region, tasks: () => exitsWith(1) });
    stage.changePolicy = (statements) =>
      statements.map((one) => ({
        ...one,
        Action: [one.Action].flat().filter((action) => action !== "logs:GetLogEvents"),
      }));
    const play = await stage.play();

    expect(play.summary).toContain(`arn:${name}:logs:${region}:*:log-group:/ecs/clockko-backend:*`);
    expectOnly(partition, stage, play);
  });
});

describe("a task definition that was copied from another partition", () => {
  const region = "cn-north-1";

  test("its role is refused before the build", async () => {
    const stage = await setStage({ region });
    const patch = "executionRoleArn: arn:aws:iam::123456789012:role/clockko-execution";
    const play = await stage.play({ "task-definition-patch": patch });

    expect(play.outcome.reasonCode).toBe("TaskDefinitionInvalid");
    expect(play.annotation).toContain(
      "executionRoleArn is a role of the partition aws, but this deployment is in aws-cn (cn-north-1)",
    );
    expect(play.dockerCommands).toEqual([]);
  });

  test("its secret is refused, too, because it could never be read", async () => {
    const stage = await setStage({ region });
    const secrets = "DB=arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
    const play = await stage.play({ secrets });

    expect(play.outcome.reasonCode).toBe("TaskDefinitionInvalid");
    expect(play.annotation).toContain(
      "secrets[DB].valueFrom is of the partition aws, but the tasks run in aws-cn",
    );
    expect(play.dockerCommands).toEqual([]);
  });
});

function audiencesOf({ simulator }: Stage): readonly unknown[] {
  const asked = simulator.calls.filter(({ service }) => service === "oidc");
  return asked.map(({ input }) => (input as { readonly audience?: string }).audience);
}

/** Every ARN and every host of AWS in what the user sees and in what AWS was asked. */
function expectOnly({ name, suffix, host }: Partition, { simulator }: Stage, play: Play): void {
  const seen = JSON.stringify([
    play.log,
    play.outputs,
    play.annotation,
    play.summary,
    simulator.calls,
    play.outcome,
  ]);
  const named = new Set([...seen.matchAll(/\barn:(aws[a-z-]*):/g)].map(([, one]) => one));
  expect([...named]).toEqual([name]);
  const hosts = [
    ...seen.matchAll(
      /[\w.-]+\.(?:amazonaws|amazonaws-us-gov|amazonaws-eusc|amazon|c2s\.ic)\.[a-z.]+[a-z]/g,
    ),
  ];
  const foreign = hosts
    .map(([one]) => one)
    .filter(
      (one) =>
        !one.endsWith(suffix) &&
        !(host && one.endsWith(host)) &&
        !one.endsWith("docs.aws.amazon.com"),
    )
    // Service principals are the same in every partition.
    .filter((one) => one !== "ecs-tasks.amazonaws.com" && one !== "ecs.amazonaws.com");
  expect([...new Set(foreign)]).toEqual([]);
}

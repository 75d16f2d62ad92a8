// Secrets that the tasks could not read are reported before anything is built, and no value is read for it.

import { describe, expect, test } from "vitest";
import { changesOf } from "./support/no-changes.ts";
import type { ChangePolicy } from "./support/permissions.ts";
import { type Play, type Stage, type StageOptions, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const arn = (name: string, region = "us-east-1", account = "123456789012") =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
const database = arn("clockko/db-AbCdEf");

/** Secrets of every region and account, as the user writes it for secrets elsewhere. */
const everywhere: ChangePolicy = (statements) =>
  statements.map((one) => ({
    ...one,
    Resource: [one.Resource]
      .flat()
      .map((resource) =>
        resource.replace(/:secretsmanager:us-east-1:\d+:/, ":secretsmanager:*:*:"),
      ),
  }));

function expectRefused(play: Play, ...texts: readonly string[]): void {
  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "SecretMissing" });
  for (const text of texts) expect(play.annotation).toContain(text);
  expect(play.annotation).toContain("execution role clockko-execution");
  expect(changesOf(play)).toEqual([]);
}

describe("missing", () => {
  test("a secret, a parameter and repository credentials, all in one run", async () => {
    const stage = await setStage({
      container: { repositoryCredentials: { credentialsParameter: arn("hub-AbCdEf") } },
    });
    const play = await stage.play({
      secrets: `DATABASE_URL=${database}:url::\nTOKEN=/clockko/token`,
    });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "SecretMissing" });
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/secrets-missing.txt");
  });

  const cases: Readonly<Record<string, readonly [StageOptions, string, string]>> = {
    "a secret": [{}, `A=${database}:url::`, `no Secrets Manager secret ${database} in us-east-1`],
    "a parameter": [
      {},
      "A=/clockko/token",
      "no Parameter Store parameter /clockko/token in us-east-1",
    ],
    "a parameter by ARN": [
      {},
      "A=arn:aws:ssm:us-east-1:123456789012:parameter/clockko/token",
      "no Parameter Store parameter /clockko/token",
    ],
    "a parameter in another region": [
      { parameters: { token: "only in us-east-1" } },
      "A=arn:aws:ssm:eu-west-1:123456789012:parameter/token",
      "no Parameter Store parameter token in eu-west-1",
    ],
    "a secret of another account": [
      {},
      `A=${arn("theirs-AbCdEf", "us-east-1", "999999999999")}`,
      `no Secrets Manager secret ${arn("theirs-AbCdEf", "us-east-1", "999999999999")}`,
    ],
    "the repository's credentials": [
      { container: { repositoryCredentials: { credentialsParameter: arn("hub-AbCdEf") } } },
      "",
      "containerDefinitions[app].repositoryCredentials.credentialsParameter",
    ],
    "a log driver's secret": [
      {
        container: {
          logConfiguration: {
            logDriver: "splunk",
            secretOptions: [{ name: "splunk-token", valueFrom: "splunk" }],
          },
        },
      },
      "",
      "logConfiguration.secretOptions[splunk-token].valueFrom",
    ],
    "a secret in another region": [
      {},
      `A=${arn("far-AbCdEf", "eu-west-1")}`,
      `no Secrets Manager secret ${arn("far-AbCdEf", "eu-west-1")} in eu-west-1`,
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [options, secrets, text]) => {
    const stage = await setStage(options);
    stage.changePolicy = everywhere;
    expectRefused(await stage.play(secrets === "" ? {} : { secrets }), text);
  });

  test("a secret that is scheduled for deletion", async () => {
    const stage = await setStage({ secrets: { [database]: "postgres://" } });
    const context = {
      principal: { accountId: "123456789012", arn: "root", accessKeyId: "test" },
      host: "localhost",
      requestId: "test",
    };
    stage.simulator.secretsManager.service.operations["DeleteSecret"]?.(
      { SecretId: database },
      context,
    );
    const play = await stage.play({ secrets: `A=${database}` });
    expectRefused(play, "scheduled for deletion", "restore-secret");
  });
});

describe("there", () => {
  test("each is looked up once, without its value, in its own region", async () => {
    const far = arn("far-AbCdEf", "eu-west-1");
    const theirs = arn("theirs-AbCdEf", "us-east-1", "999999999999");
    const shared = "arn:aws:ssm:us-east-1:999999999999:parameter/shared/token";
    const farToken = "arn:aws:ssm:eu-west-1:123456789012:parameter/far-token";
    const parameters = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`token-${at}`, "value"]),
    );
    const stage = await setStage({
      secrets: { [database]: '{"url":"postgres://"}', [far]: "x", [theirs]: "y" },
      parameters: { ...parameters, "/one": "1", [shared]: "s", [farToken]: "f" },
      services: ["worker"],
    });
    stage.changePolicy = everywhere;
    const play = await stage.play({
      service: "clockko-backend\nworker",
      "dry-run": "true",
      secrets: [
        `A=${database}:url::`,
        `B=${database}`,
        `C=${far}`,
        ...Object.keys(parameters).map((name) => `${name.replace("-", "_").toUpperCase()}=${name}`),
        "ONE=arn:aws:ssm:us-east-1:123456789012:parameter/one",
        `FAR_TOKEN=${farToken}`,
        `OTHER=${theirs}`,
        `SHARED=${shared}`,
        "AMI=/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
      ].join("\n"),
    });
    expect(play.outcome.outcome).toBe("planned");
    const reads = stage.simulator.calls.filter(({ service }) =>
      ["secretsmanager", "ssm"].includes(service),
    );
    const counted = Map.groupBy(reads, ({ service, operation }) => `${service}:${operation}`);
    expect([...counted.keys()].toSorted()).toEqual([
      "secretsmanager:DescribeSecret",
      "ssm:DescribeParameters",
    ]);
    expect(counted.get("secretsmanager:DescribeSecret")).toHaveLength(3);
    expect(play.log.join("\n")).not.toContain("Not checked");
  });

  test("a service that ECS Express Mode creates", async () => {
    const stage = await setStage();
    const express = {
      infrastructureRoleArn: "arn:aws:iam::123456789012:role/clockko-infrastructure",
      executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
      primaryContainer: { secrets: [{ name: "TOKEN", valueFrom: "/fresh/token" }] },
    };
    const play = await stage.play({
      service: "fresh",
      cluster: "",
      express: JSON.stringify(express),
    });
    expectRefused(play, "fresh: containerDefinitions[Main].secrets[TOKEN].valueFrom");
  });
});

test("a task definition without secrets makes no such call", async () => {
  const stage = await setStage();
  await stage.play({ "dry-run": "true" });
  expect(stage.simulator.calls.map(({ service }) => service)).not.toContain("secretsmanager");
  expect(stage.simulator.calls.map(({ service }) => service)).not.toContain("ssm");
});

/** What the one notice says. */
async function noticeOf(stage: Stage, secrets: string): Promise<string> {
  const play = await stage.play({ secrets, "dry-run": "true" });
  expect(play.outcome.outcome).toBe("planned");
  const notices = play.log.filter((line) => line.includes("Not checked"));
  expect(notices).toHaveLength(1);
  return notices[0] ?? "";
}

describe("not looked up: one notice, and the run continues", () => {
  const known = { secrets: { [database]: "x" }, parameters: { token: "y" } };

  test("not permitted: it names both permissions", async () => {
    const stage = await setStage({ ...known, services: ["worker"] });
    stage.changePolicy = (statements) => statements.filter(({ Sid }) => !/^Secrets/.test(Sid));
    const notice = await noticeOf(stage, `A=${database}\nB=token\nC=other`);
    expect(notice).toContain(`whether these exist: ${database}, token, other`);
    expect(notice).toContain("AWS refused secretsmanager:DescribeSecret");
    expect(notice).toContain("AWS refused ssm:DescribeParameters");
  });

  test("a secret of another account that does not let this role describe it", async () => {
    const stage = await setStage(known);
    // The policy of docs/iam.md is for secrets of the own account.
    stage.changePolicy = (statements) => statements;
    const notice = await noticeOf(stage, `A=${arn("theirs-AbCdEf", "us-east-1", "999999999999")}`);
    expect(notice).toContain("AWS refused secretsmanager:DescribeSecret");
  });

  test("a parameter of another account that is not in the list of shared ones", async () => {
    const shared = "arn:aws:ssm:us-east-1:999999999999:parameter/shared/token";
    const notice = await noticeOf(await setStage(known), `A=${shared}:3`);
    expect(notice).toContain(`whether these exist: ${shared}. `);
    expect(notice).toContain("not in the list of parameters that other accounts share");
  });

  test("throttled for longer than a check is worth", async () => {
    const stage = await setStage(known);
    const throttled = {
      kind: "error",
      name: "ThrottlingException",
      message: "Rate exceeded",
      status: 400,
    } as const;
    stage.simulator.faults.add("ssm:DescribeParameters", throttled, 100);
    const from = stage.clock.now();
    expect(await noticeOf(stage, "A=token")).toContain("Rate exceeded");
    expect(stage.clock.now() - from).toBeLessThan(10_000);
  });

  test("unreachable", async () => {
    const stage = await setStage(known);
    stage.simulator.faults.add("secretsmanager:*", { kind: "reset" }, 100);
    expect(await noticeOf(stage, `A=${database}`)).toContain("secretsmanager:DescribeSecret");
  });

  test("more pages of parameters than are read", async () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 1001 }, (_, at) => [`token-${at}`, "value"]),
    );
    const stage = await setStage({ parameters });
    expect(await noticeOf(stage, "A=token-1000")).toContain("more pages of parameters");
    const reads = stage.simulator.calls.filter(({ service }) => service === "ssm");
    expect(reads).toHaveLength(20);
  });
});

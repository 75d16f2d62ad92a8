// The action `rehearse` before it runs anything: what it refuses, and that nothing was started.
// Rehearsals with real containers: __tests__/e2e/rehearse.test.ts.

import { expect, test } from "vitest";
import { partitionOf } from "../../src/aws/partitions.ts";
import { systemClock } from "../../src/clock.ts";
import type { InputSource } from "../../src/inputs/read.ts";
import { rehearseInputs } from "../../src/inputs/rehearse-inputs.ts";
import type { ProcessRequest } from "../../src/process/run-process.ts";
import type { Reporter } from "../../src/reporter/reporter.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { runRehearse } from "../../src/verbs/rehearse.ts";

const secret = "arn:aws:secretsmanager:eu-central-1:210987654321:secret:shop/db-AbCdEf";
const definition = {
  family: "shop",
  cpu: "256",
  memory: "512",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  executionRoleArn: "arn:aws:iam::210987654321:role/shop-execution",
  containerDefinitions: [
    {
      name: "shop",
      image: "210987654321.dkr.ecr.eu-central-1.amazonaws.com/shop:1",
      secrets: [{ name: "DATABASE_URL", valueFrom: `${secret}:url::` }],
    },
  ],
};

interface Rehearsed {
  readonly code: string;
  readonly message: string;
  readonly processes: readonly string[];
}

/** @param engine what `docker version` answers; "" if no engine does */
async function rehearse(
  inputs: Readonly<Record<string, string>>,
  engine = "linux/amd64",
): Promise<Rehearsed> {
  const processes: string[] = [];
  const run = async ({ command, arguments: args }: ProcessRequest) => {
    processes.push([command, args[0]].join(" "));
    return { exitCode: engine === "" ? 1 : 0, stdout: engine, stderrTail: [] };
  };
  const unreachable = () => Promise.reject(new Error("something left this machine"));
  const given: Readonly<Record<string, string>> = {
    "ecr-repository": "shop",
    "task-definition": "task.json",
    ...inputs,
  };
  const source: InputSource<string> = {
    environment: {},
    get: (name) => given[name] ?? "",
    kindOf: (path) => (path.endsWith("Dockerfile") ? "file" : "folder"),
    readText: () => JSON.stringify(definition),
    hostExists: unreachable,
    partitionOf,
  };
  const runtime = { ...silentRuntime, run, get: unreachable, requestHandler: {} };
  const { problem } = await runRehearse(source, runtime as unknown as Runtime);
  return { code: problem?.code ?? "", message: problem?.message ?? "", processes };
}

const reporter: Reporter = {
  phase: (_, work) => work(),
  info() {},
  notice() {},
  warning() {},
  debug() {},
  debugCauses() {},
  mask() {},
  output() {},
};

const silentRuntime = {
  clock: systemClock,
  signal: new AbortController().signal,
  reporter,
  environment: {},
  random: Math.random,
  mask() {},
  debug() {},
  commit: "",
  temporaryFolder: "/nowhere",
};

test("a secret without a stand-in is named before anything starts", async () => {
  const { code, message, processes } = await rehearse({});
  expect(code).toBe("InvalidInput");
  expect(message).toContain("rehearsal-secrets: no value for DATABASE_URL");
  expect(processes).toEqual([]);
});

test("without an engine nothing is built", async () => {
  const { code, message, processes } = await rehearse({ "rehearsal-secrets": "dummy" }, "");
  expect(code).toBe("RehearsalImpossible");
  expect(message).toContain("No Docker engine answers");
  expect(processes).toEqual(["docker version"]);
});

test("an engine with another CPU than the task is named, with the runner to take", async () => {
  const { code, message, processes } = await rehearse(
    { "rehearsal-secrets": "DATABASE_URL=postgres://db/shop" },
    "linux/arm64",
  );
  expect(code).toBe("RehearsalImpossible");
  expect(message).toBe(
    "The tasks run on linux/amd64, and the Docker engine of this runner on linux/arm64.",
  );
  expect(processes).toEqual(["docker version"]);
});

test("a family is refused: there is no account to read it from", async () => {
  const { code, message } = await rehearse({ "task-definition": "shop" });
  expect(code).toBe("InvalidInput");
  expect(message).toContain("expected a file of the workspace");
  expect(message).toContain("aws ecs describe-task-definition --task-definition shop");
});

test("stand-ins have no lines that remove", () => {
  expect(() => rehearseInputs["rehearsal-secrets"].parse("-NAME")).toThrow(
    "only NAME=value and the line dummy",
  );
  expect(rehearseInputs["rehearsal-secrets"].parse("A=1\ndummy")).toEqual({
    values: { A: "1" },
    dummies: true,
  });
});

test("a host needs a name and a container", () => {
  const { parse } = rehearseInputs["rehearsal-hosts"];
  expect(parse("db=postgres\ncache = redis")).toEqual([
    { name: "db", container: "postgres" },
    { name: "cache", container: "redis" },
  ]);
  expect(() => parse("postgres")).toThrow("NAME=CONTAINER");
});

// Migrations with real containers on a real PostgreSQL: what counts is what stands in the database afterwards, and what runs.

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { copyPsql, type Postgres, postgresInstalled, startPostgres } from "../rig/postgres.ts";
import { engineAnswers } from "./busybox-image.ts";
import { type Deployed, deploy, errorsOf } from "./deployment.ts";

const services = ["good", "wrong", "killed", "slow"] as const;
type Service = (typeof services)[number];

const psql = (file: string) => [
  "psql",
  "--echo-queries",
  "--set=ON_ERROR_STOP=1",
  "--single-transaction",
  `--file=/migrations/${file}`,
];

const migrations = {
  "good.sql":
    "CREATE TABLE entries (id serial PRIMARY KEY, minutes integer NOT NULL);\nINSERT INTO entries (minutes) VALUES (25);\n",
  "wrong.sql": "CREATE TABLE half (id integer);\nALTER TABLE nowhere ADD COLUMN owner text;\n",
  "killed.sql": "CREATE TABLE cut_off (id integer);\nSELECT pg_sleep(120);\n",
  "slow.sql": "CREATE TABLE late (id integer);\nSELECT pg_sleep(121);\n",
};

describe.skipIf(!engineAnswers() || !postgresInstalled())("a migration before the update", () => {
  let account: HelloAccount;
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
    const environment = Object.entries(postgres.environment).map(([name, value]) => ({
      name,
      value,
    }));
    const container = { environment, stopTimeout: 2 };
    account = await openHelloAccount({
      speed: 20,
      services: Object.fromEntries(services.map((name) => [name, { container }])),
    });
    addMigrations(join(account.workspace, "hello"));
  });
  afterAll(async () => {
    await account?.close();
    await postgres?.stop();
  });

  const migrate = (
    service: Service,
    inputs = {},
    onLine?: (line: string) => void,
  ): Promise<Deployed> =>
    deploy(account, {
      version: `2-${service}`,
      inputs: {
        service,
        "latest-tag": "none",
        "pre-deploy-command": JSON.stringify(psql(`${service}.sql`)),
        ...inputs,
      },
      ...(onLine && { onLine }),
    });
  const runningTask = ({ log }: Pick<Deployed, "log">) =>
    log.flatMap((line) => line.match(/^task (arn:aws:ecs:\S+)$/)?.[1] ?? [])[0] ?? "";
  const callsOf = (service: Service, operation: string) =>
    account.simulator.calls.filter(
      ({ operation: called, input }) =>
        called === operation && (input as { service?: string }).service === service,
    );

  async function expectUntouched(service: Service): Promise<void> {
    expect(callsOf(service, "UpdateService")).toEqual([]);
    const { taskDefinition } = account.simulator.ecs.describeService({ cluster: "demo", service });
    expect(taskDefinition).toMatch(new RegExp(`${service}:1$`));
    expect(await account.ask(service)).toBe("hello from version 1");
  }

  test.concurrent("the table exists before the new version runs", async () => {
    const step = await migrate("good");
    expect(step).toMatchObject({ exitCode: 0, postExitCode: 0 });
    expect(step.outputs).toMatchObject({
      outcome: "succeeded",
      "pre-deploy-task-arn": expect.stringMatching(/^arn:aws:ecs:.*:task\/demo\//),
    });
    expect(postgres.query("SELECT minutes FROM entries")).toBe("25");
    expect(step.log).toContainEqual(expect.stringContaining("| CREATE TABLE"));
    expect(step.log).toContainEqual(expect.stringContaining("ended with exit code 0 after"));
    expect(step.rawLog).not.toContain(postgres.environment["PGPASSWORD"]);
    expect(await account.ask("good")).toBe("hello from version 2-good");
  });

  test.concurrent("an SQL error: exit code and error are in the annotation, the service and the database are unchanged", async () => {
    const step = await migrate("wrong");
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "TaskFailed" });
    const [error, ...others] = errorsOf(step);
    expect(others).toEqual([]);
    expect(error).toMatch(/^TaskFailed: .* failed with exit code 3\./);
    expect(error).toContain('ERROR:  relation "nowhere" does not exist');
    expect(error).toContain("The service was not touched: wrong runs wrong:1.");
    expect(step.summary).toContain('relation "nowhere" does not exist');
    expect(postgres.query("SELECT to_regclass('half') IS NULL")).toBe("t");
    await expectUntouched("wrong");
  });

  test.concurrent("it is killed: exit code 137, and its changes are rolled back", async () => {
    let killed = false;
    const log: string[] = [];
    const step = await migrate("killed", {}, (line) => {
      log.push(line);
      if (killed || !line.includes("pg_sleep")) return;
      killed = true;
      const task = `label=com.amazonaws.ecs.task-arn=${runningTask({ log })}`;
      const id = execFileSync("docker", ["ps", "--quiet", "--filter", task], {
        encoding: "utf8",
      }).trim();
      execFileSync("docker", ["kill", id]);
    });
    expect(killed).toBe(true);
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "TaskFailed" });
    expect(errorsOf(step)).toEqual([
      expect.stringMatching(/failed with exit code 137\.\nContainer "hello" was killed/),
    ]);
    expect(postgres.query("SELECT to_regclass('cut_off') IS NULL")).toBe("t");
    await expectUntouched("killed");
  });

  test.concurrent("it times out: it is left running, and the step says so", {
    timeout: 150_000,
  }, async () => {
    const step = await migrate("slow", { "pre-deploy-timeout-minutes": "1" });
    expect(step.outputs).toMatchObject({ outcome: "failed", "reason-code": "TaskTimedOut" });
    const [error] = errorsOf(step);
    expect(error).toMatch(/did not finish within 1 min\. It is RUNNING and was not stopped/);
    expect(error).toContain(`aws ecs stop-task --cluster demo --task ${runningTask(step)}`);
    const active =
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(121)%' AND pid <> pg_backend_pid()";
    expect(postgres.query(active)).toBe("1");
    expect(account.simulator.calls.filter(({ operation }) => operation === "StopTask")).toEqual([]);
    await expectUntouched("slow");
  });
});

/** The image of examples/hello with psql and the migrations beside it. */
function addMigrations(folder: string): void {
  copyPsql(folder);
  mkdirSync(join(folder, "migrations"));
  for (const [name, sql] of Object.entries(migrations))
    writeFileSync(join(folder, "migrations", name), sql);
  appendFileSync(join(folder, "Dockerfile"), "\nADD psql.tar /\nCOPY migrations /migrations\n");
  appendFileSync(join(folder, ".dockerignore"), "\n!psql.tar\n!migrations\n");
}

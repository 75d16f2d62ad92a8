// The script of Clockko's bootstrap that makes the application's database user, on a real PostgreSQL as its superuser.

import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Postgres, postgresInstalled, startPostgres } from "../rig/postgres.ts";

const infra = resolve(import.meta.dirname, "../../examples/clockko/backend/infra");
const script = readFileSync(join(infra, "bootstrap/database-user.sh"), "utf8");
const name = "clockko_app";

describe.skipIf(!postgresInstalled())("the database user of Clockko", () => {
  let postgres: Postgres;

  beforeAll(async () => {
    postgres = await startPostgres();
    postgres.query("CREATE DATABASE clockko");
  });

  afterAll(() => postgres?.stop());

  test("is created with the password of DATABASE_URL, and may create tables", async () => {
    await expect(run("first")).resolves.toContain(`The database user ${name} is ready.`);
    expect(asApp("first", "CREATE TABLE entries (id int); SELECT count(*) FROM entries")).toBe("0");
  });

  test("gets another password when the script runs again; the old one is no longer valid", async () => {
    await run("second");
    expect(asApp("second", "SELECT count(*) FROM entries")).toBe("0");
    expect(() => asApp("first", "SELECT 1")).toThrow("password authentication failed");
  });

  test("may not create other users or databases", () => {
    expect(() => asApp("second", "CREATE ROLE other")).toThrow("permission denied");
    expect(() => asApp("second", "CREATE DATABASE other")).toThrow("permission denied");
  });

  test("the script fails if the database fails", async () => {
    await expect(run("third", { PGPASSWORD: "wrong" })).rejects.toMatchObject({ code: 2 });
  });

  /** As the container of database_user.tf runs it: the same variables, the same shell. */
  async function run(
    password: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const url = `postgresql://${name}:${password}@database.internal:5432/clockko?sslmode=require`;
    const variables = { ...onThisMachine("clockko"), APP_USER: name, DATABASE_URL: url, ...more };
    const { stdout } = await promisify(execFile)("sh", ["-c", script], { env: variables });
    return stdout;
  }

  function asApp(password: string, sql: string): string {
    const variables = { ...onThisMachine("clockko"), PGUSER: name, PGPASSWORD: password };
    const quietly = [
      "--no-psqlrc",
      "--quiet",
      "--tuples-only",
      "--no-align",
      "--set=ON_ERROR_STOP=1",
    ];
    return execFileSync("psql", quietly, {
      encoding: "utf8",
      input: sql,
      env: variables,
      stdio: "pipe",
    }).trim();
  }

  function onThisMachine(database: string): Readonly<Record<string, string>> {
    return {
      PATH: process.env["PATH"] ?? "",
      ...postgres.environment,
      PGHOST: "127.0.0.1",
      PGDATABASE: database,
    };
  }
});

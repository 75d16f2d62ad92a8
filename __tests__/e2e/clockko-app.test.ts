// Clockko's backend by itself, in a container and on a real PostgreSQL: what examples/clockko promises of its image, its migrations and
// its service, before anything deploys it.

import { execFile, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  backendFolder,
  baseImagePossible,
  localBase,
  makeBaseImage,
} from "../rig/clockko-image.ts";
import { type Postgres, postgresInstalled, startPostgres } from "../rig/postgres.ts";
import { engineAnswers, removeImages } from "./busybox-image.ts";

const image = "deploy-ecs-e2e-clockko";
const run = promisify(execFile);

describe.skipIf(!engineAnswers() || !postgresInstalled() || !baseImagePossible())(
  "the backend of Clockko",
  () => {
    let postgres: Postgres;
    beforeAll(async () => {
      postgres = await startPostgres();
      await makeBaseImage();
      const args = Object.entries({ ...localBase, APP_VERSION: "1.2.3" }).flatMap(
        ([name, value]) => ["--build-arg", `${name}=${value}`],
      );
      await run("docker", ["build", "--tag", image, ...args, backendFolder], { timeout: 120_000 });
    }, 300_000);
    afterAll(async () => {
      const left = docker(["ps", "--all", "--quiet", "--filter", `ancestor=${image}`])
        .stdout.split("\n")
        .filter(Boolean);
      if (left.length > 0) docker(["rm", "--force", ...left]);
      removeImages(image);
      await postgres?.stop();
    });

    test("migrated, it keeps time entries in PostgreSQL, is healthy, is not root, and ends on SIGTERM", async () => {
      const url = postgres.createDatabase("clockko");
      const migration = docker(
        ["run", "--rm", "--env", "DATABASE_URL", image, "alembic", "upgrade", "head"],
        url,
      );
      expect(migration).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("Running upgrade  -> 0001"),
      });
      const container = docker(
        ["run", "--detach", "--read-only", "--env", "DATABASE_URL", image],
        url,
      ).stdout.trim();
      await expect
        .poll(() => inspect(container, "{{.State.Health.Status}}"), { timeout: 60_000 })
        .toBe("healthy");
      const base = `http://${inspect(container, "{{.NetworkSettings.IPAddress}}")}:8000`;
      const body = JSON.stringify({ person: "ada", task: "write the paper" });
      const headers = { "content-type": "application/json" };
      const started = await fetch(`${base}/entries`, { method: "POST", headers, body });
      expect(started.status).toBe(201);
      const { id } = (await started.json()) as { id: number };
      expect((await fetch(`${base}/entries/${id}/stop`, { method: "POST" })).status).toBe(200);
      const answer = { app: "clockko", version: "1.2.3", entries: 1 };
      expect(await (await fetch(base)).json()).toEqual(answer);
      const rows = "SELECT person, task, ended_at >= started_at FROM time_entries";
      expect(postgres.query(rows, "clockko")).toBe("ada|write the paper|t");
      expect(docker(["exec", container, "id", "--user"]).stdout.trim()).toBe("10001");
      expect(docker(["stop", "--time=20", container]).status).toBe(0);
      expect(inspect(container, "{{.State.ExitCode}}")).toBe("0");
      expect(docker(["logs", container]).stderr).toContain("Finished server process");
    });

    test("its own tests pass in the image and on PostgreSQL, none of them skipped", () => {
      const url = postgres.createDatabase("clockko-tests");
      const mounts = ["tests", "pytest.ini"].map(
        (name) => `--volume=${join(backendFolder, name)}:/app/${name}:ro`,
      );
      const pytest = ["python", "-m", "pytest", "-p", "no:cacheprovider"];
      const tests = docker(
        ["run", "--rm", "--env", "TEST_DATABASE_URL", ...mounts, image, ...pytest],
        url,
      );
      expect(tests.stdout).toMatch(/^=+ \d+ passed in/m);
      expect(tests.status).toBe(0);
    });

    test.each([
      ["the service", []],
      ["a migration", ["alembic", "upgrade", "head"]],
    ])("without DATABASE_URL %s ends with one line that reports it", (_, command) => {
      const ended = docker(["run", "--rm", image, ...command]);
      expect(ended).toMatchObject({ status: 1, stdout: "" });
      expect(ended.stderr).toMatch(/^DATABASE_URL is not set: .*\n$/);
    });
  },
);

/** The URL is in docker's environment, from where `--env NAME` takes it, and on no command line. */
function docker(args: readonly string[], url?: string): SpawnSyncReturns<string> {
  const secrets = url === undefined ? {} : { DATABASE_URL: url, TEST_DATABASE_URL: url };
  return spawnSync("docker", args, {
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
    env: { ...process.env, ...secrets },
  });
}

function inspect(container: string, format: string): string {
  return docker(["inspect", "--format", format, container]).stdout.trim();
}

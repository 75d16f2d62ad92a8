// A real PostgreSQL for one test file: Debian's binaries, a folder and a port of its own, reachable from this machine and from the
// containers of its Docker engine. Nothing of the machine's own PostgreSQL is used or touched.

import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const versions = "/usr/lib/postgresql";

/** PostgreSQL refuses to run as root; its package makes this user. */
const unprivileged = "postgres";

export interface Postgres {
  /** Variables with which psql finds it, from a container. */
  readonly environment: Readonly<Record<string, string>>;
  /** What a query answers, a row a line; asked as anybody would, from this machine. */
  query(sql: string): string;
  stop(): void;
}

export function postgresInstalled(): boolean {
  return binaries() !== undefined;
}

export async function startPostgres(): Promise<Postgres> {
  const bin = binaries() ?? "";
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-postgres-"));
  const [data, passwordFile, log] = [join(folder, "data"), join(folder, "password"), join(folder, "log")];
  const password = randomBytes(12).toString("hex");
  const host = gateway();
  const port = await freePort();
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveAway(folder, passwordFile);
  const access = ["--auth=scram-sha-256", "--username=clockko", `--pwfile=${passwordFile}`];
  asUnprivileged([`${bin}/initdb`, `--pgdata=${data}`, ...access, "--encoding=UTF8", "--no-locale", "--no-sync"]);
  appendFileSync(join(data, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1,${host} -c fsync=off`;
  asUnprivileged([`${bin}/pg_ctl`, `--pgdata=${data}`, `--log=${log}`, `--options=${settings}`, "--wait", "start"]);
  const environment = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: "clockko",
    PGDATABASE: "postgres",
    PGPASSWORD: password,
    PGSSLMODE: "disable",
  };
  return {
    environment,
    query: (sql) =>
      execFileSync(`${bin}/psql`, ["--no-psqlrc", "--tuples-only", "--no-align", "--command", sql], {
        encoding: "utf8",
        env: { ...environment, PGHOST: "127.0.0.1" },
      }).trim(),
    stop() {
      asUnprivileged([`${bin}/pg_ctl`, `--pgdata=${data}`, "--mode=immediate", "--wait", "stop"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Puts an archive into a folder: psql as /bin/psql, and the libraries that it is linked with at their paths. That is all that it needs to run. */
export function copyPsql(into: string): void {
  const program = `${binaries()}/psql`;
  const linked = execFileSync("ldd", [program], { encoding: "utf8" });
  const files = [...linked.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  const archive = ["--create", "--dereference", "--absolute-names", "--file", join(into, "psql.tar")];
  execFileSync("tar", [...archive, `--transform=s,^${program}$,/bin/psql,`, program, ...files]);
}

/** The newest version that is installed. */
function binaries(): string | undefined {
  if (!existsSync(versions)) return undefined;
  const [newest] = readdirSync(versions).sort((one, other) => Number(other) - Number(one));
  const bin = join(versions, newest ?? "", "bin");
  return ["initdb", "pg_ctl", "psql"].every((name) => existsSync(join(bin, name))) ? bin : undefined;
}

/** Where a container on the engine's bridge reaches this machine. */
function gateway(): string {
  const config = "{{range .IPAM.Config}}{{.Gateway}}{{end}}";
  return execFileSync("docker", ["network", "inspect", "bridge", "--format", config], { encoding: "utf8" }).trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function giveAway(...paths: readonly string[]): void {
  if (!isRoot()) return;
  const id = (flag: string) => Number(execFileSync("id", [flag, unprivileged], { encoding: "utf8" }));
  for (const path of paths) chownSync(path, id("-u"), id("-g"));
  chmodSync(paths[0] ?? "", 0o755);
}

function asUnprivileged(words: readonly string[]): void {
  const [command = "", ...args] = isRoot() ? ["runuser", "-u", unprivileged, "--", ...words] : words;
  // The server keeps what it inherits: no pipe of ours, or this call would never end.
  const { status } = spawnSync(command, args, { stdio: "ignore", cwd: "/" });
  if (status !== 0) throw new Error(`${words[0]} failed (${status})`);
}

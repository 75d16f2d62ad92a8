// A real PostgreSQL for the demo or one test file: Debian's binaries, a folder and a port of its own, reachable from this machine and
// from the containers of its Docker engine. Nothing of the machine's own PostgreSQL is used or touched.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
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
  /** What a query answers, a row a line; asked as the superuser, from this machine. */
  query(sql: string, database?: string): string;
  /** Makes a database and a user of the same name, whose it is and who may do nothing else; answers its URL, password and all. */
  createDatabase(name: string): string;
  stop(): Promise<void>;
}

export function postgresInstalled(): boolean {
  return binaries() !== undefined;
}

function makeCluster(bin: string, data: string, passwordFile: string): void {
  const access = ["--auth=scram-sha-256", "--username=owner", `--pwfile=${passwordFile}`];
  const made = ["--encoding=UTF8", "--no-locale", "--no-sync"];
  execFileSync(...unprivilegedly(`${bin}/initdb`, `--pgdata=${data}`, ...access, ...made), {
    cwd: "/",
    stdio: "pipe",
  });
  appendFileSync(join(data, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
}

export async function startPostgres(): Promise<Postgres> {
  const bin = binaries() ?? "";
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-postgres-"));
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  const log = join(folder, "log");
  const password = randomBytes(12).toString("hex");
  const host = gateway();
  const port = await freePort();
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveAway(folder, passwordFile);
  makeCluster(bin, data, passwordFile);
  const addresses = ["-c", `listen_addresses=127.0.0.1,${host}`, "-p", String(port), "-k", folder];
  const output = openSync(log, "w");
  const server = spawn(
    ...unprivilegedly(`${bin}/postgres`, "-D", data, "-c", "fsync=off", ...addresses),
    {
      stdio: ["ignore", output, output],
      cwd: "/",
    },
  );
  closeSync(output);
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  await untilReady(
    () => spawnSync(`${bin}/pg_isready`, ["--host=127.0.0.1", `--port=${port}`]).status === 0,
    log,
  );
  const environment = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: "owner",
    PGDATABASE: "postgres",
    PGPASSWORD: password,
    PGSSLMODE: "disable",
  };
  // The statements come over stdin: one may hold a password, and every user of the machine sees a command line.
  const layout = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"];
  const quietly = [...layout, "--set=ON_ERROR_STOP=1"];
  const query = (sql: string, database = "postgres") =>
    execFileSync(`${bin}/psql`, [...quietly, database], {
      encoding: "utf8",
      input: sql,
      env: { ...environment, PGHOST: "127.0.0.1" },
    }).trim();
  return {
    environment,
    query,
    createDatabase(name) {
      const secret = randomBytes(12).toString("hex");
      query(
        `CREATE ROLE "${name}" LOGIN PASSWORD '${secret}';\nCREATE DATABASE "${name}" OWNER "${name}";`,
      );
      return `postgresql://${name}:${secret}@${host}:${port}/${name}`;
    },
    async stop() {
      server.kill("SIGQUIT"); // at once, whoever is connected
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Puts an archive into a folder: psql as /bin/psql, and the libraries that it is linked with at their paths. That is all that it needs to run. */
export function copyPsql(into: string): void {
  const program = `${binaries()}/psql`;
  const linked = execFileSync("ldd", [program], { encoding: "utf8" });
  const files = [...linked.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  const archive = [
    "--create",
    "--dereference",
    "--absolute-names",
    "--file",
    join(into, "psql.tar"),
  ];
  execFileSync("tar", [...archive, `--transform=s,^${program}$,/bin/psql,`, program, ...files]);
}

/** The newest version that is installed. */
function binaries(): string | undefined {
  if (!existsSync(versions)) return undefined;
  const [newest] = readdirSync(versions).sort((one, other) => Number(other) - Number(one));
  const bin = join(versions, newest ?? "", "bin");
  return ["initdb", "postgres", "psql"].every((name) => existsSync(join(bin, name)))
    ? bin
    : undefined;
}

/** Where a container on the engine's bridge reaches this machine. */
function gateway(): string {
  const config = "{{range .IPAM.Config}}{{.Gateway}}{{end}}";
  return execFileSync("docker", ["network", "inspect", "bridge", "--format", config], {
    encoding: "utf8",
  }).trim();
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
  const id = (flag: string) =>
    Number(execFileSync("id", [flag, unprivileged], { encoding: "utf8" }));
  for (const path of paths) chownSync(path, id("-u"), id("-g"));
  chmodSync(paths[0] ?? "", 0o755);
}

/** Runs as another user than root, and ends when this process ends in any way. */
function unprivilegedly(...words: readonly string[]): [command: string, args: string[]] {
  const user = isRoot()
    ? [`--reuid=${unprivileged}`, `--regid=${unprivileged}`, "--clear-groups"]
    : [];
  return ["setpriv", [...user, "--pdeathsig=QUIT", "--", ...words]];
}

async function untilReady(isReady: () => boolean, log: string): Promise<void> {
  for (let tries = 0; !isReady(); tries++) {
    if (tries > 300) throw new Error(`PostgreSQL does not come up:\n${readFileSync(log, "utf8")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

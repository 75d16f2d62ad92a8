// ministack as a process: an AWS emulator of another project.

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";

export interface Ministack {
  readonly url: string;
  close(): Promise<void>;
}

/** @param packages folder of `script/python-packages emulator` */
export async function startMinistack(packages: string): Promise<Ministack> {
  const port = await freePort();
  const child = spawn("python3", ["-m", "ministack"], {
    env: {
      ...process.env,
      PYTHONPATH: packages,
      GATEWAY_PORT: String(port),
      BIND_HOST: "127.0.0.1",
      LOG_LEVEL: "WARNING",
    },
    stdio: "ignore",
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const url = `http://127.0.0.1:${port}`;
  const close = () => end(child);
  await untilItAnswers(url).catch(async (error) => {
    await close();
    throw error;
  });
  return { url, close };
}

async function untilItAnswers(url: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    const answers = await fetch(`${url}/_ministack/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error("ministack does not answer");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
  });
}

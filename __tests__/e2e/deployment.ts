// One step of the bundled action on the account of examples/hello, as a runner starts it; what it leaves on disk is removed at the
// end of the test file.

import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { runStep, type Step, type StepResult } from "../rig/actions-runner.ts";
import type { HelloAccount } from "../rig/hello-account.ts";

export interface Deployment
  extends Partial<Pick<Step, "onLine" | "onStart" | "inputs" | "environment">> {
  /** Passed to the container as its VERSION; the commit's sha is derived from it. */
  readonly version: string;
}

export interface Deployed extends StepResult {
  /** The step's own home folder, which was empty at first. */
  readonly home: string;
}

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

export async function deploy(
  account: Pick<HelloAccount, "inputs" | "url" | "workspace"> & {
    readonly simulator: Pick<HelloAccount["simulator"], "environment">;
  },
  { version, inputs, environment, ...hooks }: Deployment,
): Promise<Deployed> {
  const home = await temporaryFolder("deploy-ecs-home-");
  const result = await runStep({
    inputs: { ...account.inputs, "build-args": `VERSION=${version}`, ...inputs },
    workspace: account.workspace,
    environment: {
      HOME: home,
      ...account.simulator.environment(account.url),
      ...engine(),
      ...environment,
    },
    commit: commitOf(version),
    ...hooks,
  });
  folders.push(result.folder);
  return { ...result, home };
}

export function commitOf(version: string): string {
  return createHash("sha1").update(version).digest("hex");
}

/** A `docker` to put first on a PATH that notes how it is called; what it notes, one line for each call. */
export async function notingDocker(): Promise<{
  readonly path: string;
  readonly calls: () => Promise<readonly string[]>;
}> {
  const folder = await temporaryFolder();
  const notes = join(folder, "notes");
  await writeFile(notes, "");
  const script = `#!/bin/sh\necho "docker $*" >>${notes}\nPATH=\${PATH#*:}\nexec docker "$@"\n`;
  await writeFile(join(folder, "docker"), script, { mode: 0o755 });
  return {
    path: `${folder}:${process.env["PATH"]}`,
    calls: async () => (await readFile(notes, "utf8")).split("\n").filter(Boolean),
  };
}

/** Lives as long as the test file. */
export async function temporaryFolder(prefix = "deploy-ecs-e2e-"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  folders.push(folder);
  return folder;
}

/** Where the Docker engine is: a runner's job would have it in its environment, too. */
function engine(): Record<string, string> {
  const host = process.env["DOCKER_HOST"];
  return host === undefined ? {} : { DOCKER_HOST: host };
}

/** Everything that the runner shows as an error of the step. */
export function errorsOf({ annotations }: Pick<StepResult, "annotations">): readonly string[] {
  return annotations.flatMap(({ level, title, message }) =>
    level === "error" ? `${title}: ${message}` : [],
  );
}

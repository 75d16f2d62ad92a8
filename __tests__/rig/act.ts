// Runs workflow files as GitHub does, with act (https://github.com/nektos/act) on this machine, without containers for jobs and
// without the Internet: actions of ours are this repository, actions/checkout is act's own.

import { execFile, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { pythonPackages } from "./python-packages.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

export interface WorkflowRun {
  /** What the repository contains besides workflows: a folder that is copied. */
  readonly content: string;
  /** Where it is in the repository. Default: `.` */
  readonly place?: string;
  /** Name of the file in `.github/workflows/` → its text. The first one is started. */
  readonly workflows: Readonly<Record<string, string>>;
  /** Default: `push` */
  readonly event?: string;
  /** Of `workflow_dispatch`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** For every step: endpoints, DOCKER_HOST … */
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface ActStep {
  /** `Deploy/deploy`; of a matrix `Deploy/deploy-1`, of a called workflow `deploy/called.yml/job`. */
  readonly job: string;
  /** Its `id`, or else its place in the job, from 0. */
  readonly id: string;
  /** Of the main step: `success` or `failure`. A step that is skipped is not listed. */
  readonly result: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly errors: readonly string[];
  /** What it printed, workflow commands aside. */
  readonly log: string;
}

export interface ActResult {
  readonly exitCode: number;
  /** Job → `success` or `failure`. */
  readonly jobs: Readonly<Record<string, string>>;
  readonly steps: readonly ActStep[];
  /** github.sha */
  readonly commit: string;
}

/** One line of `act --json`, as far as it is read here. */
interface Event {
  readonly job?: string;
  readonly jobResult?: string;
  readonly stepID?: readonly string[];
  readonly stage?: string;
  readonly stepResult?: string;
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly msg?: string;
  readonly raw_output?: boolean;
}

/** undefined: there is no pip here, or it cannot install act. */
export function actProgram(): string | undefined {
  const folder = pythonPackages("github");
  return folder === undefined ? undefined : join(folder, "bin/act");
}

export async function runWorkflow(program: string, workflow: WorkflowRun): Promise<ActResult> {
  const folder = await mkdtemp(join(tmpdir(), "deploy-ecs-act-"));
  try {
    const commit = await createRepository(join(folder, "repository"), workflow);
    await copyActions(join(folder, "action"));
    const { exitCode, events } = await act(program, folder, workflow);
    const steps = stepsOf(events);
    return { exitCode, jobs: jobResults(events), steps, commit };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the commit's sha */
async function createRepository(
  folder: string,
  { content, place = ".", workflows }: WorkflowRun,
): Promise<string> {
  await cp(content, join(folder, place), { recursive: true });
  for (const [name, text] of Object.entries(workflows)) {
    const file = join(folder, ".github/workflows", name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const author = ["-c", "user.name=octo", "-c", "user.email=octo@example.com"];
  const git = (...args: string[]) => run("git", [...author, ...args], { cwd: folder });
  await git("init", "--quiet", "--initial-branch=main");
  await git("remote", "add", "origin", "https://github.com/octo/app.git");
  await git("add", "--all", "--force");
  await git("commit", "--quiet", "--message=A version");
  return (await git("rev-parse", "HEAD")).stdout.trim();
}

/** What a runner downloads: act copies the whole folder for each step. */
async function copyActions(folder: string): Promise<void> {
  const files = globSync(["action.yml", "*/action.yml", "dist"], {
    cwd: root,
    exclude: ["node_modules"],
  });
  for (const file of files) await cp(join(root, file), join(folder, file), { recursive: true });
}

async function act(program: string, folder: string, workflow: WorkflowRun) {
  const { event = "push", inputs = {}, environment, secrets = {}, variables = {} } = workflow;
  const [first = ""] = Object.keys(workflow.workflows);
  const home = join(folder, "home");
  await mkdir(home);
  const child = spawn(
    program,
    [
      event,
      "--json",
      "--action-offline-mode",
      "--use-gitignore=false", // else the checkout lacks files that are ignored and committed
      "--platform=ubuntu-latest=-self-hosted",
      "--platform=self-hosted=-self-hosted",
      `--workflows=.github/workflows/${first}`,
      `--local-repository=OWNER/deploy-ecs@v1=${join(folder, "action")}`,
      ...flags("--input", inputs),
      ...flags("--secret", secrets),
      ...flags("--var", variables),
    ],
    {
      cwd: join(folder, "repository"),
      // Not by --env, which overrides the `env:` of jobs and steps.
      env: {
        HOME: home,
        PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const events: Event[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => events.push(JSON.parse(line)));
  let said = "";
  child.stderr.on("data", (part) => {
    said += part;
  });
  const exitCode = await new Promise<number>((ended, failed) => {
    child.once("error", failed);
    child.once("close", (code) => ended(code ?? 1));
  });
  if (events.length === 0) throw new Error(`act ran no job: ${said}`);
  return { exitCode, events };
}

function flags(flag: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `${flag}=${name}=${value}`);
}

function jobResults(events: readonly Event[]): Readonly<Record<string, string>> {
  const results = events.flatMap(({ job, jobResult }) =>
    job !== undefined && jobResult !== undefined ? [[job.trim(), jobResult] as const] : [],
  );
  return Object.fromEntries(results);
}

function stepsOf(events: readonly Event[]): readonly ActStep[] {
  const main = events.filter(({ stage, stepID }) => stage === "Main" && stepID !== undefined);
  const key = ({ job, stepID = [] }: Event) => `${job}\n${stepID.join("/")}`;
  return Object.values(Object.groupBy(main, key)).flatMap((own = []) => {
    const [{ job = "", stepID = [] } = {}] = own;
    const outputs = own.flatMap(({ command, name = "", arg = "" }) =>
      command === "set-output" ? [[name, arg] as const] : [],
    );
    return {
      job: job.trim(),
      id: stepID.join("/"),
      result: own.findLast(({ stepResult }) => stepResult !== undefined)?.stepResult ?? "none",
      outputs: Object.fromEntries(outputs),
      errors: own.flatMap(({ command, arg = "" }) => (command === "error" ? arg : [])),
      log: own.map(({ raw_output: isRaw, msg = "" }) => (isRaw ? msg : "")).join(""),
    };
  });
}

// Plays GitHub's runner for one `uses:` step: defaults from action.yml, INPUT_* and the file commands, main, then post.
// Only what a runner sets reaches the action (and what the caller adds); what it prints is shown as GitHub shows it.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";

const root = resolve(import.meta.dirname, "../..");
const node = join(root, "node_modules/.bin/node");

export interface Step {
  /** Folder of its action.yml, absolute or from the repository's root. Default: that root. */
  readonly action?: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** The checkout: the step's working folder. */
  readonly workspace: string;
  /** Beside what the runner itself sets: endpoints, DOCKER_HOST, PATH … */
  readonly environment: Readonly<Record<string, string>>;
  readonly commit: string;
  /** Called for every line as the user sees it. */
  readonly onLine?: (line: string) => void;
  /** Called with main's process when it has started, to observe it or to cancel the step; `send` does nothing after its end. */
  readonly onStart?: (pid: number, send: (signal: NodeJS.Signals) => void) => void;
}

export interface StepResult {
  readonly exitCode: number;
  /** When main ended, in milliseconds since the Unix epoch. */
  readonly endedAt: number;
  readonly postExitCode: number;
  /** As printed by the action, workflow commands and all. */
  readonly rawLog: string;
  readonly log: readonly string[];
  readonly annotations: readonly {
    readonly level: string;
    readonly title: string;
    readonly message: string;
  }[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** RUNNER_TEMP and the file commands: to search for what was left behind. */
  readonly folder: string;
}

export async function runStep(step: Step): Promise<StepResult> {
  const folder = await mkdtemp(join(tmpdir(), "deploy-ecs-runner-"));
  const files = {
    GITHUB_OUTPUT: "output",
    GITHUB_STATE: "state",
    GITHUB_STEP_SUMMARY: "summary",
    GITHUB_ENV: "env",
    GITHUB_PATH: "path",
  };
  const commands = Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, join(folder, file)]),
  );
  for (const file of Object.values(commands)) await writeFile(file, "");
  await mkdir(join(folder, "temp"));
  const action = await readAction(step.action ?? "");
  const environment = {
    ...inputVariables(step.inputs, action),
    ...runnerVariables(step.commit, folder),
    ...commands,
    ...step.environment,
  };
  const screen = createScreen(step.onLine);
  const exitCode = await start(action.main, environment, step, screen);
  const endedAt = Date.now();
  const state = Object.entries(await readFileCommands(commands["GITHUB_STATE"] ?? "")).map(
    ([name, value]) => [`STATE_${name}`, value],
  );
  const postExitCode = await start(
    action.post,
    { ...environment, ...Object.fromEntries(state) },
    { workspace: step.workspace },
    screen,
  );
  return {
    exitCode,
    endedAt,
    postExitCode,
    rawLog: screen.raw.join("\n"),
    log: screen.log,
    annotations: screen.annotations,
    outputs: await readFileCommands(commands["GITHUB_OUTPUT"] ?? ""),
    summary: await readFile(commands["GITHUB_STEP_SUMMARY"] ?? "", "utf8"),
    folder,
  };
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  /** Files of the two steps. */
  readonly main: string;
  readonly post: string;
}

async function readAction(folder: string): Promise<Action> {
  const home = resolve(root, folder);
  const { inputs, runs } = parse(await readFile(join(home, "action.yml"), "utf8"));
  return { inputs, main: join(home, runs.main), post: join(home, runs.post) };
}

/** Every input of action.yml has a variable, as the runner sets it: given, default, or empty. */
function inputVariables(
  given: Readonly<Record<string, string>>,
  { inputs }: Action,
): Record<string, string> {
  const unknown = Object.keys(given).filter((name) => !(name in inputs));
  if (unknown.length > 0) throw new Error(`action.yml has no input ${unknown.join(", ")}`);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { default: normal = "" }]) => [
      `INPUT_${name.toUpperCase().replaceAll(" ", "_")}`,
      given[name] ?? normal,
    ]),
  );
}

function runnerVariables(commit: string, folder: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: process.env["HOME"] ?? "",
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_SHA: commit,
    GITHUB_REPOSITORY: "octo/app",
    GITHUB_RUN_ID: "42",
    GITHUB_SERVER_URL: "https://github.com",
    RUNNER_TEMP: join(folder, "temp"),
    RUNNER_OS: "Linux",
  };
}

interface Screen {
  readonly raw: string[];
  readonly log: string[];
  readonly annotations: { level: string; title: string; message: string }[];
  readonly show: (line: string) => void;
}

async function start(
  file: string,
  environment: Readonly<Record<string, string>>,
  step: Pick<Step, "workspace" | "onStart">,
  screen: Screen,
): Promise<number> {
  const child = spawn(node, [file], {
    cwd: step.workspace,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) step.onStart?.(child.pid, (signal) => void child.kill(signal));
  const ended = new Promise<number>((resolveEnd, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolveEnd(code ?? (signal ? 128 : 1)));
  });
  const lines = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream })) screen.show(line);
  });
  await Promise.all(lines);
  return ended;
}

/** Workflow commands become what GitHub makes of them; masks are applied to all that follows. */
function createScreen(onLine: Step["onLine"]): Screen {
  const secrets = new Set<string>();
  const screen: Screen = { raw: [], log: [], annotations: [], show };
  return screen;

  function show(line: string): void {
    screen.raw.push(line);
    const [, command = "", properties = "", data = ""] =
      line.match(/^::([a-z-]+)(?: ([^:]*))?::(.*)$/) ?? [];
    const message = decoded(data);
    if (command === "add-mask") return void secrets.add(message);
    if (command === "debug" || command === "endgroup") return;
    if (command === "group") return print(`▸ ${message}`);
    if (command === "") return print(line);
    const title = decoded(properties.match(/title=([^,]*)/)?.[1] ?? "");
    screen.annotations.push({ level: command, title, message });
    print(`${command}${title === "" ? "" : ` [${title}]`}: ${message}`);
  }

  function print(text: string): void {
    const masked = [...secrets]
      .filter(Boolean)
      .reduce((left, secret) => left.replaceAll(secret, "***"), text);
    screen.log.push(masked);
    onLine?.(masked);
  }
}

function decoded(text: string): string {
  return text
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");
}

/** `name<<DELIMITER … DELIMITER`, as the toolkit writes them. */
async function readFileCommands(file: string): Promise<Record<string, string>> {
  const text = await readFile(file, "utf8");
  return Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)].map(
      ([, name = "", , value = ""]) => [name, value],
    ),
  );
}

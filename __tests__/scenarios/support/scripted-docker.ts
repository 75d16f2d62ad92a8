// Builders without an engine: they answer what the action asks of them, and push over the wire to the simulator's own registry,
// rules, faults and password included.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "ecs-simulator";
import type {
  ProcessRequest,
  ProcessResult,
  RunProcess,
} from "../../../src/process/run-process.ts";
import { pushWhole } from "./registry-push.ts";

export interface DockerScript {
  /** What is in the image: other content, other digest. Default: made of the tag. */
  readonly content?: string;
  /** `none`: the command is not installed; `no-engine`: the client answers, the engine does not. */
  readonly presence?: "none" | "no-engine";
  /** Version of docker's client; up to 22 it builds with BuildKit, without buildx. */
  readonly client?: string;
  /** Commands (`docker version`) whose engine takes the connection and never answers. */
  readonly hangs?: readonly string[];
  /** Default: plain docker alone. */
  readonly buildx?: true | { readonly driver?: string; readonly platforms?: string };
  readonly buildah?: true;
  readonly buildFails?: readonly string[];
  readonly buildPrints?: readonly string[];
  /** Called during a build: for a clock that goes on. */
  readonly duringBuild?: () => void;
  /** CPU that the image is for, whatever was asked; default amd64, or what `--platform` says. */
  readonly architecture?: string;
  /** Called between build and push: a race with another run. */
  readonly beforePush?: () => void;
  readonly afterPush?: () => void;
  /** The layers are uploaded as a real client does it, instead of going in by the back door. */
  readonly uploadsLayers?: true;
  /** What the registry answers to a push, instead of what it would. */
  readonly pushFails?: string;
  /** The commit's time from git; default: there is no git. */
  readonly commitTime?: number;
}

/** Every command that ran, as `docker …`, with the stdin left out; and each with the environment of its process. */
export interface ScriptedDocker {
  readonly run: RunProcess;
  readonly commands: readonly string[];
  readonly requests: readonly ProcessRequest[];
}

type Step = (request: ProcessRequest) => ProcessResult | Promise<ProcessResult>;

export function scriptedDocker(simulator: Simulator, script: DockerScript): ScriptedDocker {
  const commands: string[] = [];
  const requests: ProcessRequest[] = [];
  const steps = {
    ...dockerSteps(simulator, script),
    ...buildxSteps(simulator, script),
    ...otherSteps(simulator, script),
  };
  return {
    commands,
    requests,
    async run(request) {
      const { command, arguments: args } = request;
      if (command === "docker" && script.presence === "none") return absent;
      if (command === "buildah" && !script.buildah) return absent;
      if (command === "git" && script.commitTime === undefined) return absent;
      if (command === "git") return done(`${script.commitTime}\n`);
      requests.push(request);
      commands.push(
        `${command} ${args.join(" ")}`.replaceAll(
          /\S*\/deploy-ecs-docker-\w+/g,
          "<private folder>",
        ),
      );
      if (script.hangs?.some((start) => `${command} ${args.join(" ")}`.startsWith(start)))
        return unanswered(request);
      const step =
        steps[`${command} ${args.slice(0, 2).join(" ")}`] ?? steps[`${command} ${args[0] ?? ""}`];
      return step ? step(request) : failed(`${command}: '${args[0]}' is not a ${command} command.`);
    },
  };
}

function dockerSteps(simulator: Simulator, script: DockerScript): Readonly<Record<string, Step>> {
  let built: Built | undefined;
  return {
    "docker version": () => versions(script),
    "docker login": (request) =>
      login(simulator, request, join(request.environment["DOCKER_CONFIG"] ?? "", "config.json")),
    "docker build"(request) {
      const result = build(request, script);
      built = result.exitCode === 0 ? builtBy(request, script) : undefined;
      return result;
    },
    async "docker push"({ arguments: args, environment, onLine }) {
      script.beforePush?.();
      const login = loginIn(join(environment["DOCKER_CONFIG"] ?? "", "config.json"));
      const pushed = await push(simulator, args[1] ?? "", login, built as Built, script);
      for (const line of pushed.stderrTail) onLine?.(line);
      return pushed;
    },
  };
}

function buildxSteps(simulator: Simulator, script: DockerScript): Readonly<Record<string, Step>> {
  const { driver = "docker", platforms = "linux/amd64*, linux/arm64" } =
    typeof script.buildx === "object" ? script.buildx : {};
  if (!script.buildx)
    return { "docker buildx version": () => failed("docker: 'buildx' is not a docker command.") };
  return {
    "docker buildx version": () => done("github.com/docker/buildx v0.29.1 abc\n"),
    "docker buildx inspect": ({ arguments: args }) =>
      done(
        `Name:   ${args[2] ?? "default"}\nDriver: ${driver}\n\nNodes:\nName: node\nStatus: running\nPlatforms: ${platforms}\n`,
      ),
    "docker info": () => done("[]"),
    async "docker buildx build"(request) {
      const result = build(request, script);
      if (result.exitCode !== 0) return result;
      script.beforePush?.();
      const login = loginIn(join(request.environment["DOCKER_CONFIG"] ?? "", "config.json"));
      const pushed = await push(
        simulator,
        after(request, "--tag"),
        login,
        builtBy(request, script),
        script,
      );
      const digest = pushed.stdout.match(/sha256:\S+/)?.[0];
      if (pushed.exitCode === 0)
        writeFileSync(
          after(request, "--metadata-file"),
          JSON.stringify({ "containerimage.digest": digest }),
        );
      const lines = pushed.stderrTail.map(
        (line) => `ERROR: failed to solve: failed to push: ${line}`,
      );
      for (const line of lines) request.onLine?.(line);
      return { ...pushed, stderrTail: lines };
    },
  };
}

function otherSteps(simulator: Simulator, script: DockerScript): Readonly<Record<string, Step>> {
  let built: Built | undefined;
  return {
    "buildah --version": () => done("buildah version 1.28.2 (image-spec 1.1.0-rc2)\n"),
    "buildah login": (request) => login(simulator, request, after(request, "--authfile")),
    "buildah build"(request) {
      built = builtBy(request, script);
      return build(request, script);
    },
    async "buildah push"(request) {
      script.beforePush?.();
      const reference = request.arguments.at(-2) ?? "";
      const pushed = await push(
        simulator,
        reference,
        loginIn(after(request, "--authfile")),
        built as Built,
        script,
      );
      const digest = pushed.stdout.match(/sha256:\S+/)?.[0];
      if (digest !== undefined) writeFileSync(after(request, "--digestfile"), digest);
      for (const line of pushed.stderrTail) request.onLine?.(line);
      return pushed;
    },
  };
}

interface Built {
  readonly content: string;
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
}

function builtBy(request: ProcessRequest, { content, architecture }: DockerScript): Built {
  const [, asked] = after(request, "--platform").split(/[/,]/);
  const labels = request.arguments.flatMap((flag, at) =>
    flag === "--label" ? [request.arguments[at + 1] ?? ""] : [],
  );
  return {
    content: content ?? after(request, "--tag"),
    architecture: architecture ?? asked ?? "amd64",
    labels: Object.fromEntries(
      labels.map((label) => [label.split("=", 1)[0], label.slice(label.indexOf("=") + 1)]),
    ),
  };
}

function build({ arguments: args, onLine }: ProcessRequest, script: DockerScript): ProcessResult {
  script.duringBuild?.();
  for (const line of [...(script.buildPrints ?? []), ...(script.buildFails ?? [])]) onLine?.(line);
  if (script.buildFails) return { exitCode: 1, stdout: "", stderrTail: script.buildFails };
  onLine?.(`Successfully tagged ${args[args.indexOf("--tag") + 1] ?? ""}`);
  return done("");
}

function after({ arguments: args }: ProcessRequest, flag: string): string {
  return args.includes(flag) ? (args[args.indexOf(flag) + 1] ?? "") : "";
}

/** Asks the registry, and keeps the password where the engine would: in the file, for our registry's helper is empty. */
async function login(
  simulator: Simulator,
  { arguments: args, input = "" }: ProcessRequest,
  file: string,
) {
  const host = args.at(-1) ?? "";
  const auth = Buffer.from(`${args[args.indexOf("--username") + 1]}:${input}`).toString("base64");
  const headers = { host, authorization: `Basic ${auth}` };
  const outcome = await simulator.handle({
    method: "GET",
    path: "/v2/",
    headers,
    body: oneChunk(""),
  });
  if (outcome.kind !== "answer")
    return failed(`Get "https://${host}/v2/": read: connection reset by peer`);
  if (outcome.response.status !== 200)
    return failed(
      `Error response from daemon: login attempt to https://${host}/v2/ failed with status: 401 Unauthorized`,
    );
  const config = JSON.parse(readFileSync(file, "utf8")) as { auths?: Record<string, unknown> };
  writeFileSync(file, JSON.stringify({ ...config, auths: { ...config.auths, [host]: { auth } } }));
  return done("Login Succeeded\n");
}

/** `AWS:password` of the only registry that the action has signed in to. */
function loginIn(file: string): string {
  const { auths = {} } = JSON.parse(readFileSync(file, "utf8")) as {
    auths?: Record<string, { auth?: string }>;
  };
  return Object.entries(auths).find(([host]) => host.includes("dkr.ecr"))?.[1]?.auth ?? "";
}

/** The layers go in by the back door (or not), the manifest under its tag over the registry's own door. */
async function push(
  simulator: Simulator,
  reference: string,
  auth: string,
  built: Built,
  script: DockerScript,
): Promise<ProcessResult> {
  if (script.pushFails !== undefined) return failed(script.pushFails);
  const [, host = "", repository = "", tag = ""] = reference.match(/^([^/]+)\/(.+):([^:]+)$/) ?? [];
  if (script.uploadsLayers) {
    const pushed = await pushWhole(simulator, { host, repository, tag, auth }, built);
    return "digest" in pushed
      ? done(`${tag}: digest: ${pushed.digest} size: 527\n`)
      : failed(wordsOf(pushed.status, pushed.body));
  }
  const { content, architecture, labels } = built;
  const digest = simulator.ecr.repositories.putImage(repository, {
    layers: [content],
    architecture,
    config: { config: { Labels: labels } },
  });
  const image = simulator.ecr.repositories.images(repository).find((one) => one.digest === digest);
  const outcome = await simulator.handle({
    method: "PUT",
    path: `/v2/${repository}/manifests/${tag}`,
    headers: { host, authorization: `Basic ${auth}`, "content-type": image?.mediaType ?? "" },
    body: oneChunk(simulator.ecr.repositories.manifest(repository, digest)),
  });
  if (outcome.kind !== "answer") return failed("write tcp 10.0.0.1:443: connection reset by peer");
  const { status, body } = outcome.response;
  script.afterPush?.();
  if (status < 300) return done(`${tag}: digest: ${digest} size: 527\n`);
  return failed(wordsOf(status, String(body)));
}

/** As the Docker engine says it. */
function wordsOf(status: number, body: string): string {
  if (status === 401) return "unauthorized: authentication required";
  try {
    const { errors = [] } = JSON.parse(body) as { errors?: { code: string; message: string }[] };
    return `${errors[0]?.code.toLowerCase().replaceAll("_", " ")}: ${errors[0]?.message}`;
  } catch {
    return `received unexpected HTTP status: ${status}`;
  }
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function versions({ presence, client: version = "28.2.2" }: DockerScript): ProcessResult {
  const client = { Version: version };
  if (presence !== "no-engine")
    return done(JSON.stringify({ Client: client, Server: { Version: "28.2.2" } }));
  return {
    exitCode: 1,
    stdout: JSON.stringify({ Client: client, Server: null }),
    stderrTail: [
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ],
  };
}

/** Until the caller gives up. */
function unanswered({ signal }: ProcessRequest): Promise<ProcessResult> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

const absent: ProcessResult = { exitCode: undefined, stdout: "", stderrTail: [] };

function done(stdout: string): ProcessResult {
  return { exitCode: 0, stdout, stderrTail: [] };
}

function failed(reason: string): ProcessResult {
  return { exitCode: 1, stdout: "", stderrTail: [reason] };
}

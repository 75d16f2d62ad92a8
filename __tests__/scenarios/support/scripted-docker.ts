// A docker without an engine: answers what the action asks of it, and pushes through the simulator's own registry, rules and password included.

import { writeFileSync } from "node:fs";
import type { Simulator } from "../../../simulator/simulator.ts";
import type { ProcessRequest, ProcessResult, RunProcess } from "../../../src/process.ts";

export interface DockerScript {
  /** What is in the image: other content, other digest. Default: made of the tag. */
  readonly content?: string;
  /** `none`: the command is not there; `no-engine`: the client answers, the engine does not. */
  readonly presence?: "none" | "no-engine";
  /** The buildx plugin answers, and does build and push in one. */
  readonly buildx?: true;
  readonly buildFails?: readonly string[];
  /** What `docker login` says when it does not come through. */
  readonly loginFails?: string;
  /** Called around the push: a race with another run. */
  readonly beforePush?: () => void;
  readonly afterPush?: () => void;
}

/** Has another name in every run. */
const privateFolder = /\S*\/deploy-ecs-docker-\w+/;

/** Every command that ran, as `docker …`, with the stdin left out. */
export interface ScriptedDocker {
  readonly run: RunProcess;
  readonly commands: readonly string[];
}

export function scriptedDocker(simulator: Simulator, script: DockerScript): ScriptedDocker {
  const commands: string[] = [];
  let password = "";
  let built = "";
  const steps: Readonly<Record<string, (request: ProcessRequest) => ProcessResult | Promise<ProcessResult>>> = {
    "buildx version": () =>
      script.buildx
        ? done("github.com/docker/buildx v0.29.1 a32761aeb3debd39be1eca514af3693af0db334b")
        : failed("docker: 'buildx' is not a docker command."),
    async "buildx build"({ arguments: args, onLine }) {
      const reference = optionOf("--tag", args);
      onLine?.(`#8 pushing manifest for ${reference}`);
      const pushed = await push(simulator, reference, password, script.content ?? reference);
      const metadata = { "containerimage.digest": pushed.stdout.match(/sha256:\w+/)?.[0] };
      writeFileSync(optionOf("--metadata-file", args), JSON.stringify(metadata));
      return pushed;
    },
    version: () => versions(script),
    login({ input = "" }) {
      password = input;
      if (script.loginFails !== undefined) return failed(script.loginFails);
      return simulator.ecr.repositories.passwords().includes(input)
        ? done("Login Succeeded")
        : failed("Error response from daemon: login attempt failed with status: 401 Unauthorized");
    },
    build({ arguments: args, onLine }) {
      if (script.buildFails) {
        for (const line of script.buildFails) onLine?.(line);
        return { exitCode: 1, stdout: "", stderrTail: script.buildFails };
      }
      built = optionOf("--tag", args);
      onLine?.(`Successfully tagged ${built}`);
      return done("");
    },
    async push({ arguments: args }) {
      script.beforePush?.();
      const pushed = await push(simulator, args[1] ?? "", password, script.content ?? built);
      script.afterPush?.();
      return pushed;
    },
  };
  return {
    commands,
    async run(request) {
      if (script.presence === "none") return { exitCode: undefined, stdout: "", stderrTail: [] };
      commands.push(`${request.command} ${request.arguments.join(" ")}`.replace(privateFolder, "<private folder>"));
      const step = steps[request.arguments.slice(0, 2).join(" ")] ?? steps[request.arguments[0] ?? ""];
      return step ? step(request) : failed(`docker: '${request.arguments[0]}' is not a docker command.`);
    },
  };
}

function optionOf(option: string, args: readonly string[]): string {
  return args[args.indexOf(option) + 1] ?? "";
}

/** The layers go in by the back door, the manifest under its tag over the registry's own door. */
async function push(
  simulator: Simulator,
  reference: string,
  password: string,
  content: string,
): Promise<ProcessResult> {
  const [, host = "", repository = "", tag = ""] = reference.match(/^([^/]+)\/(.+):([^:]+)$/) ?? [];
  const digest = simulator.ecr.repositories.putImage(repository, { layers: [content] });
  const image = simulator.ecr.repositories.images(repository).find((one) => one.digest === digest);
  const answer = await simulator.ecr.registry(
    {
      method: "PUT",
      path: `/v2/${repository}/manifests/${tag}`,
      headers: {
        host,
        authorization: `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}`,
        "content-type": image?.mediaType ?? "",
      },
      body: oneChunk(simulator.ecr.repositories.manifest(repository, digest)),
    },
    host,
  );
  if (answer.status < 300) return done(`${tag}: digest: ${digest} size: 527\n`);
  const { errors = [] } = JSON.parse(String(answer.body)) as { errors?: { code: string; message: string }[] };
  return failed(`${errors[0]?.code.toLowerCase().replaceAll("_", " ")}: ${errors[0]?.message}`);
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function versions({ presence }: DockerScript): ProcessResult {
  const client = { Version: "28.2.2" };
  if (presence !== "no-engine") return done(JSON.stringify({ Client: client, Server: { Version: "28.2.2" } }));
  return {
    exitCode: 1,
    stdout: JSON.stringify({ Client: client, Server: null }),
    stderrTail: ["Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"],
  };
}

function done(stdout: string): ProcessResult {
  return { exitCode: 0, stdout, stderrTail: [] };
}

function failed(reason: string): ProcessResult {
  return { exitCode: 1, stdout: "", stderrTail: [reason] };
}

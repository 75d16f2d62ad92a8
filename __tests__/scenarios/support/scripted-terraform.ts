// Terraform without its binary: it plans and applies one task definition and one service, with the calls and the credentials of its child
// process, over the simulator's wire. What it prints and the shape of its plan are Terraform 1.11's.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { type Simulator, sdkRequestHandler, type Wire } from "ecs-simulator";
import type { VirtualClock } from "ecs-simulator/clock";
import type { JsonObject } from "../../../src/json.ts";
import type { DetachedRequest, StartDetached } from "../../../src/process/detached.ts";
import type {
  ProcessRequest,
  ProcessResult,
  RunProcess,
} from "../../../src/process/run-process.ts";

export interface TerraformScript {
  /** The root's main.tf. Default: it declares image_tag. */
  readonly root?: string;
  /** A `.terraform.lock.hcl` is committed with it. */
  readonly lockFile?: true;
  /** Default: `terraform`. */
  readonly binary?: "terraform" | "tofu" | "terraform-bin" | "none";
  /** What it says instead of its version, and ends with exit code 1. */
  readonly versionPrints?: readonly string[];
  readonly initPrints?: readonly string[];
  readonly planPrints?: readonly string[];
  /** In milliseconds. Default: 0. */
  readonly planTakes?: number;
  /** Changes the plan before anybody reads it. */
  readonly plan?: (document: PlanDocument) => object;
  /** The service's task definition is not in the plan: lifecycle ignore_changes. */
  readonly ignoresTaskDefinition?: true;
  /** Nothing is other than in the state. */
  readonly nothingToChange?: true;
  /** How long the apply continues after its last call, in milliseconds. Default: 0. */
  readonly waits?: number;
  /** What it says before it ends with exit code 1. */
  readonly applyPrints?: readonly string[];
  /** The root's outputs, as `terraform output -json` has them. Default: none yet. */
  readonly outputs?: Readonly<
    Record<string, { readonly value: string; readonly sensitive: boolean }>
  >;
  /** What its state has for the service in the end. Default: what was applied. */
  readonly stateForgets?: true;
}

export interface PlanDocument {
  readonly variables: Readonly<Record<string, { readonly value: string }>>;
  readonly resource_changes: readonly ResourceChange[];
}

interface ResourceChange {
  readonly address: string;
  readonly mode: "managed";
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before?: object;
    readonly after?: object;
    readonly after_unknown?: object;
  };
}

export interface TerraformWorld {
  readonly simulator: Simulator;
  /** The simulator's, possibly with a listener. */
  readonly wire: Wire;
  readonly clock: VirtualClock;
}

export interface ScriptedTerraform {
  readonly run: RunProcess;
  readonly startDetached: StartDetached;
  /** `terraform -chdir=… plan …`, in order. */
  readonly commands: readonly string[];
  readonly requests: readonly ProcessRequest[];
  /** How often it was asked to stop. */
  readonly interrupts: () => number;
}

/** The folder that `terraform-directory` names. */
export function putRoot(
  folder: string,
  { root = 'variable "image_tag" {\n  type = string\n}\n', lockFile }: TerraformScript,
): string {
  const directory = join(folder, "infra");
  mkdirSync(directory);
  writeFileSync(join(directory, "main.tf"), root);
  if (lockFile) writeFileSync(join(directory, ".terraform.lock.hcl"), "");
  return directory;
}

const absent: ProcessResult = { exitCode: undefined, stdout: "", stderrTail: [] };

export function scriptedTerraform(
  world: TerraformWorld,
  script: TerraformScript,
): ScriptedTerraform {
  const { simulator } = world;
  const { binary = "terraform" } = script;
  const commands: string[] = [];
  const requests: ProcessRequest[] = [];
  const plans = new Map<string, string>();
  /** Plans of the task definition alone, by their file. */
  const ofTargets = new Set<string>();
  let applied = "";
  let interrupts = 0;
  const heard = (request: ProcessRequest) => {
    requests.push(request);
    const line = `${request.command.split("/").at(-1)} ${request.arguments.join(" ")}`;
    commands.push(
      line
        .replaceAll(/\S*\/deploy-ecs-terraform-\w+/g, "<private folder>")
        .replace(/-chdir=\S+/, "-chdir=infra"),
    );
  };
  const steps: Readonly<Record<string, (request: ProcessRequest) => ProcessResult>> = {
    version: () =>
      script.versionPrints ? failed(script.versionPrints) : done('{"terraform_version": "1.11.4"}'),
    init: () =>
      script.initPrints
        ? failed(script.initPrints)
        : done("Terraform has been successfully initialized!\n"),
    plan({ arguments: args, environment }) {
      if (script.planPrints) return failed(script.planPrints);
      const tag = environment["TF_VAR_image_tag"] ?? "";
      const file = args.find((one) => one.startsWith("-out="))?.slice("-out=".length) ?? "";
      plans.set(file, tag);
      if (args.some((one) => one.startsWith("-target="))) ofTargets.add(file);
      const nothing = script.nothingToChange;
      return {
        ...done(
          nothing ? "No changes. Your infrastructure matches the configuration.\n" : planText(tag),
        ),
        exitCode: nothing ? 0 : 2,
      };
    },
    output: () => done(JSON.stringify(script.outputs ?? {})),
    show({ arguments: args }) {
      const file = args.find((argument) => argument.endsWith(".tfplan"));
      const shown = file
        ? planOf(plans.get(file) ?? "", simulator, script)
        : stateOf(applied, script);
      return done(JSON.stringify(shown));
    },
  };
  async function planned(request: ProcessRequest): Promise<ProcessResult> {
    await world.clock.sleep(script.planTakes ?? 0);
    return steps["plan"]?.(request) ?? absent;
  }
  return {
    commands,
    requests,
    interrupts: () => interrupts,
    async run(request) {
      if (request.command.split("/").at(-1) !== binary) return absent;
      heard(request);
      return (
        steps[request.arguments.find((argument) => !argument.startsWith("-")) ?? ""]?.(request) ??
        failed(["?"])
      );
    },
    startDetached(request) {
      heard(request);
      const interrupt = () => void interrupts++;
      if (request.arguments.includes("plan"))
        return { pid: 4710, ended: planned(request), interrupt };
      const file = request.arguments.at(-1) ?? "";
      const ports = { ...world, script, registered: applied, onlyRegisters: ofTargets.has(file) };
      const ended = apply(plans.get(file) ?? "", request, ports).then(({ revision, result }) => {
        applied = revision;
        return result;
      });
      return { pid: 4711, ended, interrupt };
    },
  };
}

interface ApplyPorts extends TerraformWorld {
  readonly script: TerraformScript;
  /** The revision that an earlier apply has registered, or "". */
  readonly registered: string;
  readonly onlyRegisters: boolean;
}

async function apply(
  tag: string,
  { environment, onLine }: DetachedRequest,
  { simulator, clock, wire, script, registered: before, onlyRegisters }: ApplyPorts,
): Promise<{ readonly revision: string; readonly result: ProcessResult }> {
  const ecs = new ECSClient({
    region: environment["AWS_REGION"] ?? "",
    requestHandler: sdkRequestHandler(wire),
    maxAttempts: 1,
    credentials: {
      accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
      sessionToken: environment["AWS_SESSION_TOKEN"] ?? "",
    },
  });
  const tell = (lines: readonly string[]) => {
    for (const line of lines) onLine?.(line);
  };
  const revision = before || (await register(imageOf(tag, simulator), ecs, tell));
  if (!script.ignoresTaskDefinition && !onlyRegisters) {
    tell(["aws_ecs_service.backend: Modifying..."]);
    await ecs.send(
      new UpdateServiceCommand({
        cluster: "clockko",
        service: "clockko-backend",
        taskDefinition: revision,
      }),
    );
  }
  await clock.sleep(script.waits ?? 0);
  if (script.applyPrints) {
    tell(script.applyPrints);
    return { revision, result: failed(script.applyPrints) };
  }
  tell(["Apply complete! Resources: 1 added, 1 changed, 1 destroyed."]);
  return { revision, result: done("Apply complete!") };
}

async function register(
  image: string,
  ecs: ECSClient,
  tell: (lines: readonly string[]) => void,
): Promise<string> {
  tell(["aws_ecs_task_definition.backend: Creating..."]);
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: "clockko-backend" }),
  );
  const { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn } =
    taskDefinition ?? {};
  const containerDefinitions = taskDefinition?.containerDefinitions?.map((container) => ({
    ...container,
    image: image,
  }));
  const known = {
    family,
    cpu,
    memory,
    networkMode,
    requiresCompatibilities,
    executionRoleArn,
    containerDefinitions,
  };
  const { taskDefinition: registered } = await ecs.send(new RegisterTaskDefinitionCommand(known));
  tell([`aws_ecs_task_definition.backend: Creation complete after 1s [id=clockko-backend]`]);
  return registered?.taskDefinitionArn ?? "";
}

function imageOf(tag: string, { accountId, region }: Simulator): string {
  return `${accountId}.dkr.ecr.${region}.amazonaws.com/clockko-backend:${tag}`;
}

/** https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
function planOf(tag: string, simulator: Simulator, script: TerraformScript): object {
  const containers = [
    {
      name: "app",
      image: imageOf(tag, simulator),
      environment: [{ name: "API_TOKEN", value: "not-to-be-shown" }],
    },
  ];
  const unchanged = script.nothingToChange;
  const document: PlanDocument = {
    variables: { image_tag: { value: tag } },
    resource_changes: [
      {
        ...{
          address: "aws_ecs_task_definition.backend",
          mode: "managed",
          type: "aws_ecs_task_definition",
        },
        change: {
          actions: unchanged ? ["no-op"] : ["delete", "create"],
          before: { skip_destroy: true },
          after: { family: "clockko-backend", container_definitions: JSON.stringify(containers) },
        },
      },
      {
        ...{ address: "aws_ecs_service.backend", mode: "managed", type: "aws_ecs_service" },
        change: {
          actions: [unchanged || script.ignoresTaskDefinition ? "no-op" : "update"],
          after: { name: "clockko-backend" },
        },
      },
    ],
  };
  return script.plan?.(document) ?? document;
}

function planText(tag: string): string {
  return [
    "aws_ecs_service.backend: Refreshing state...",
    "",
    "Terraform used the selected providers to generate the following execution plan.",
    "  # aws_ecs_task_definition.backend must be replaced",
    '  ~ name  = "API_TOKEN"',
    '  ~ value = "not-to-be-shown"',
    `  ~ image = "clockko-backend:v1" -> "clockko-backend:${tag}"`,
    "",
    "Plan: 1 to add, 1 to change, 1 to destroy.",
    "",
  ].join("\n");
}

function stateOf(revision: string, script: TerraformScript): JsonObject {
  const service = {
    type: "aws_ecs_service",
    values: { name: "clockko-backend", task_definition: revision },
  };
  return {
    values: {
      root_module: {
        resources: [],
        child_modules: [{ resources: script.stateForgets ? [] : [service] }],
      },
    },
  };
}

function done(stdout: string): ProcessResult {
  return { exitCode: 0, stdout, stderrTail: [] };
}

function failed(lines: readonly string[]): ProcessResult {
  return { exitCode: 1, stdout: "", stderrTail: lines };
}

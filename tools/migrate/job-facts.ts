// The steps of a job → its images, task definitions and deployments, PURE.

import { carryInputs, type ReportLine } from "./carry.ts";
import { canonical, soleExpression, stepOutputOf } from "./expressions.ts";
import type {
  Build,
  ContainerImage,
  DefinitionSource,
  Deployment,
  JobFacts,
  Role,
  ScriptFacts,
} from "./facts.ts";
import { ImageState } from "./image-state.ts";
import { attestations, ebsVolume, familyOf, setPatch } from "./joined-inputs.ts";
import { metadataOutput, readMetadata } from "./metadata.ts";
import type { Scope } from "./scope.ts";
import { interpretScript, type ScriptResult } from "./script.ts";
import type { Step } from "./source.ts";

const roleOfAction: Readonly<Record<string, Role>> = {
  "aws-actions/configure-aws-credentials": "sign-in",
  "aws-actions/amazon-ecr-login": "login",
  "docker/setup-buildx-action": "buildx",
  "docker/metadata-action": "metadata",
  "docker/build-push-action": "build",
  "aws-actions/amazon-ecs-render-task-definition": "render",
  "aws-actions/amazon-ecs-deploy-task-definition": "deploy",
};

export const loginAction = "aws-actions/amazon-ecr-login";
const deployAction = "aws-actions/amazon-ecs-deploy-task-definition";
export const renderAction = "aws-actions/amazon-ecs-render-task-definition";

export function readJob(scope: Scope): JobFacts & { readonly report: readonly ReportLine[] } {
  return new JobReader(scope).read();
}

class JobReader {
  private readonly scope: Scope;
  private readonly roles = new Map<Step, Role>();
  private readonly scripts = new Map<Step, ScriptFacts>();
  private readonly images = new ImageState();
  private readonly deployments: Deployment[] = [];
  private readonly report: ReportLine[] = [];

  constructor(scope: Scope) {
    this.scope = scope;
  }

  read() {
    for (const step of this.scope.job.steps) {
      const role = roleOf(step, this.scope);
      this.roles.set(step, role);
      if (role === "script") this.script(step);
      if (role === "build") this.build(step);
      if (role === "deploy") this.deploy(step);
    }
    const { roles, scripts, deployments, report } = this;
    return { roles, scripts, builds: this.images.builds, deployments, report };
  }

  private script(step: Step): void {
    const facts = interpretScript(step, this.scope, this.images);
    this.scripts.set(step, facts);
    const isChain = facts.lines.some(({ meaning }) =>
      ["docker", "login", "deploy"].includes(meaning),
    );
    for (const [name, value] of facts.outputs)
      if (isChain && value !== undefined && step.id !== undefined)
        this.scope.outputs.set(`${step.id}.${name}`, value);
    for (const [name, value] of facts.variables)
      if (!isChain) this.scope.written.add(name);
      else if (value !== undefined) this.scope.variables.set(name, value);
    this.updates(step, facts);
  }

  private updates(step: Step, { updates, waits }: ScriptResult): void {
    const last = this.deployments.at(-1);
    if (waits && updates.length === 0 && last?.isScript) {
      last.waits = true;
      return;
    }
    for (const { options, definition, obstacles } of updates) {
      const inputs = new Map<string, string>();
      const desired = options.get("desired-count");
      if (desired !== undefined) inputs.set("desired-count", desired);
      this.deployments.push({
        step,
        isScript: true,
        definition,
        cluster: options.get("cluster"),
        service: options.get("service"),
        region: options.get("region"),
        runsTask: false,
        waits,
        inputs,
        obstacles: [...obstacles],
        remarks: [],
      });
    }
  }

  private build(step: Step): void {
    const textOf = (value: string) => this.scope.atJob(value, step);
    const carried = carryInputs(step, "docker/build-push-action", textOf);
    this.report.push(...carried.report);
    const obstacles = [...carried.stays];
    const push = step.with.get("push");
    if (push === undefined && !/type=registry|push=true/.test(step.with.get("outputs") ?? ""))
      obstacles.push("it does not push (`push: true` is missing)");
    attestations(step, carried);
    const build: Build = {
      steps: new Set([step]),
      action: step,
      inputs: carried.inputs,
      pushed: [],
      metadata: undefined,
      obstacles,
      remarks: [...carried.remarks],
    };
    this.tags(step, build, textOf);
    this.images.add(build);
  }

  private tags(step: Step, build: Build, textOf: (value: string) => string): void {
    const { steps } = this.scope.job;
    const given = (step.with.get("tags") ?? "").split(/[\r\n,]+/).map((tag) => tag.trim());
    for (const tag of given.filter(Boolean)) {
      const metadata = metadataOutput(tag, steps);
      if (metadata) {
        build.metadata = metadata.step;
        const { references } = readMetadata(metadata.step, textOf);
        build.pushed.push(...(references ?? []));
      } else build.pushed.push(canonical(textOf(tag)));
    }
    if (build.pushed.length === 0 && !build.metadata) build.obstacles.push("it has no tag");
  }

  private deploy(step: Step): void {
    const textOf = (value: string) => this.scope.atJob(value, step);
    const carried = carryInputs(step, deployAction, textOf);
    this.report.push(...carried.report);
    const value = (name: string) => {
      const given = step.with.get(name);
      return given === undefined || given.trim() === "" ? undefined : textOf(given).trim();
    };
    const runTask = value("run-task");
    const obstacles = [...carried.stays];
    if (runTask !== undefined && runTask !== "true" && runTask !== "false")
      obstacles.push("whether a task is run is known only when the workflow runs (`run-task`)");
    ebsVolume(
      value("service-managed-ebs-volume-name"),
      value("service-managed-ebs-volume"),
      carried,
    );
    setPatch(carried.inputs, "service-patch", carried.servicePatch);
    this.deployments.push({
      step,
      isScript: false,
      definition: this.definition(step),
      cluster: value("cluster"),
      service: value("service"),
      region: undefined,
      runsTask: runTask === "true",
      waits: value("wait-for-service-stability") !== undefined,
      inputs: carried.inputs,
      obstacles,
      remarks: [...carried.remarks],
    });
  }

  /** Through the render steps to the file, the family or the ARN where it begins. */
  private definition(step: Step): DefinitionSource {
    const renders: Step[] = [];
    let from = step;
    for (;;) {
      const given = this.scope.atJob(from.with.get("task-definition") ?? "", from).trim();
      const output = stepOutputOf(soleExpression(given) ?? "");
      const render =
        output &&
        this.scope.job.steps.find(({ id, index }) => id === output.id && index < from.index);
      if (render && this.roles.get(render) === "render") {
        renders.unshift(render);
        from = render;
        continue;
      }
      const images = renders.flatMap((each) => this.containerImage(each));
      return { base: given || familyOf(from), renders, images };
    }
  }

  private containerImage(render: Step): readonly ContainerImage[] {
    const image = render.with.get("image")?.trim();
    if (!image) return [];
    const names = this.scope.atJob(render.with.get("container-name") ?? "", render);
    const containers = names.split(/[\s,]+(?![^{]*\}\})/).filter(Boolean);
    return [{ containers, image: this.withoutStep(image, render), step: render }];
  }

  /** Only the step's own variables are replaced: outputs stay, because their steps may stay. */
  private withoutStep(text: string, step: Step): string {
    let result = canonical(text);
    for (const [name, value] of step.env)
      result = result.replaceAll(`\${{ env.${name} }}`, canonical(value));
    return result;
  }
}

function roleOf(step: Step, scope: Scope): Role {
  if (step.irregular !== undefined) return "other";
  if (step.run !== undefined) return "script";
  if (step.action === "docker/login-action")
    return /\.dkr\.ecr\./.test(scope.resolved(step.with.get("registry") ?? "", step))
      ? "login"
      : "other";
  return roleOfAction[step.action ?? ""] ?? "other";
}

// The one table of inputs. action.yml and the README are written from it (script/docs), and Inputs is derived from it.

import {
  buildArguments,
  buildSecrets,
  externalImage,
  imageTags,
  labels,
  parseAttestation,
  platforms,
  stageName,
} from "./image-parsers.ts";
import type { InputSpec } from "./input-spec.ts";
import {
  boolean,
  imageTag,
  lines,
  nameValues,
  oneOf,
  optional,
  repositoryName,
  text,
  wholeNumber,
} from "./parsers.ts";
import { cancelInput, credentialInputs } from "./post-inputs.ts";
import { clusterName, serviceNames } from "./service-names.ts";
import { planInputs, serviceInputs, taskDefinitionInputs } from "./task-definition-inputs.ts";
import { taskInputs } from "./task-inputs.ts";
import { terraformInputs } from "./terraform-inputs.ts";

/** A job on a runner of GitHub's own lasts six hours at most. */
export const maxWaitMinutes = 360;
export const inputSpecs = {
  ...credentialInputs,
  "ecr-repository": {
    group: "Image",
    description:
      "Name of the ECR repository (not its URI). It must exist. Needed unless `image` is given.",
    parse: optional(repositoryName),
  },
  "image-tag": {
    group: "Image",
    description:
      "Tag of the image, best one that never moves. Several: one a line; the first one is deployed, the others name the same image. Default: the commit's sha.",
    parse: imageTags,
  },
  "latest-tag": {
    group: "Image",
    description: "One more tag, which moves to the same image. `none`: no such tag.",
    default: "latest",
    parse: (given: string) => (given === "none" || given === "" ? undefined : imageTag(given)),
  },
  "latest-when": {
    group: "Image",
    description:
      "When `latest-tag` moves: once the image is `pushed`, or only when the rollout has `succeeded`.",
    default: "pushed",
    parse: oneOf("pushed", "succeeded"),
  },
  "if-image-exists": {
    group: "Image",
    description:
      "What to do when the repository has an image under the tag already. `auto`: reuse it if its labels say that it was built from this commit with the same build inputs; another image is replaced, or refused if the tag is immutable ([how](docs/image-tags.md#whose-image-is-it)). `reuse`: deploy it, whatever it is. `rebuild`: build anyway. `fail`: stop.",
    default: "auto",
    parse: oneOf("auto", "reuse", "rebuild", "fail"),
  },
  image: {
    group: "Image",
    description:
      "Deploy this image and build nothing: `registry/name:tag` or `registry/name@sha256:…`, from another job, account or registry, or an old tag to go back to. That it exists and fits the tasks' CPU is checked.",
    parse: optional(externalImage),
  },
  "pin-digest": {
    group: "Image",
    description:
      "Write `repository:tag@sha256:…` into the task definition instead of `repository:tag`.",
    default: "false",
    parse: boolean,
  },
  scan: {
    group: "Image",
    description:
      "`off`, or the lowest severity that stops the deployment: `critical`, `high`, `medium` or `low`. Waits for the repository's own scan (basic or enhanced) and stops before the service is touched.",
    default: "off",
    parse: oneOf("off", "critical", "high", "medium", "low"),
  },
  context: {
    group: "Build",
    description: "Folder that is sent to the builder, from the workspace.",
    default: ".",
    allowsDollar: true,
    parse: text,
  },
  file: {
    group: "Build",
    description:
      "Path of the Dockerfile, from the workspace. Default: `Dockerfile` in the context.",
    allowsDollar: true,
    parse: optional(text),
  },
  target: {
    group: "Build",
    description: "Stage of the Dockerfile to build. Default: the last one.",
    parse: optional(stageName),
  },
  platforms: {
    group: "Build",
    description:
      "Platforms to build for, like `linux/arm64`, one a line or with commas. Default: what the task definition's `runtimePlatform` says.",
    parse: platforms,
  },
  "build-args": {
    group: "Build",
    description:
      "Build arguments, `NAME=value`, one per line; `NAME` alone takes the value that the job's environment has. Not for secrets: they stay readable in the image's history.",
    allowsDollar: true,
    parse: buildArguments,
  },
  "build-contexts": {
    group: "Build",
    description: "More contexts, `name=path` or `name=docker-image://…`, one a line.",
    allowsDollar: true,
    parse: nameValues,
  },
  "build-secrets": {
    group: "Build",
    description:
      "Secrets for `RUN --mount=type=secret,id=NAME`, `NAME=value`, one a line (a value of several lines: the whole entry in double quotes). In no image, no log and no argument list.",
    allowsDollar: true,
    parse: buildSecrets,
  },
  ssh: {
    group: "Build",
    description:
      "SSH agents or keys for `RUN --mount=type=ssh`: `default` or `id=path`, one a line.",
    parse: lines,
  },
  labels: {
    group: "Build",
    description:
      "Labels of the image, `name=value`, one a line, beside `org.opencontainers.image.revision`, `source`, `created` and `version`, and `io.github.deploy-ecs.build-inputs` ([what for](docs/image-tags.md#whose-image-is-it)).",
    allowsDollar: true,
    parse: labels,
  },
  "cache-from": {
    group: "Build",
    description:
      "Where layers are taken from, one a line: `type=gha`, `type=registry,ref=…`; `registry` is the tag `buildcache` of `ecr-repository`.",
    parse: lines,
  },
  "cache-to": {
    group: "Build",
    description:
      "Where layers are kept for the next build, in the same words. A tag of `ecr-repository` must be allowed to move.",
    parse: lines,
  },
  "no-cache": {
    group: "Build",
    description: "Build every layer anew.",
    default: "false",
    parse: boolean,
  },
  pull: {
    group: "Build",
    description: "Ask the registries for newer base images.",
    default: "false",
    parse: boolean,
  },
  provenance: {
    group: "Build",
    description:
      "`false`, `true` or `mode=min|max`: an attestation of how the image was built. Off by default: with it the image becomes an index ([why](docs/build.md#provenance)).",
    default: "false",
    parse: parseAttestation,
  },
  sbom: {
    group: "Build",
    description: "`false`, `true` or `generator=…`: an attestation of what is in the image.",
    default: "false",
    parse: parseAttestation,
  },
  builder: {
    group: "Build",
    description:
      "`buildx`, `docker` (plain `docker build`), `buildah`, or the name of a buildx builder. Default: the first of the three that answers.",
    parse: optional(text),
  },
  ...taskDefinitionInputs,
  cluster: {
    group: "Service",
    description:
      "Name or ARN of the ECS cluster. Not needed where `service` names it, or the Terraform root has an output `cluster_name`.",
    parse: (given: string) => (given === "" ? "" : clusterName(given)),
  },
  service: {
    group: "Service",
    description:
      "Name of the ECS service, `cluster/name` or its ARN (of this account and region); several services that run the same image: one per line. Needed, unless the Terraform root has an output `service_name`.",
    parse: serviceNames,
  },
  ...serviceInputs,
  ...taskInputs,
  "wait-for-service-stability": {
    group: "Rollout",
    description:
      "Wait for the verdict on our deployment. `false`: end as soon as ECS has accepted the update; the outcome then says nothing about health.",
    default: "true",
    parse: boolean,
  },
  "wait-for-minutes": {
    group: "Rollout",
    description: "How long to wait for the verdict. The rollout itself goes on after that.",
    default: "30",
    parse: wholeNumber("minutes", { min: 1, max: maxWaitMinutes }),
  },
  "on-timeout": {
    group: "Rollout",
    description:
      "What to do when `wait-for-minutes` are over: `leave` the rollout to ECS, or `rollback` (ask ECS to go back, and follow it). The step fails unless ECS comes through after all.",
    default: "leave",
    parse: oneOf("leave", "rollback"),
  },
  "fail-after-failed-tasks": {
    group: "Rollout",
    description:
      "Stop waiting after so many failed tasks of this deployment, and do as `on-timeout` says. `0`: leave the count to ECS's circuit breaker.",
    default: "0",
    parse: wholeNumber("tasks", { min: 0, max: 1_000 }),
  },
  ...cancelInput,
  "on-superseded": {
    group: "Rollout",
    description:
      "When a newer deployment takes over before ours is through: `fail` the step, or `warn` and pass.",
    default: "fail",
    parse: oneOf("fail", "warn"),
  },
  ...planInputs,
  ...terraformInputs,
} as const satisfies Record<string, InputSpec<unknown>>;

export type InputName = keyof typeof inputSpecs;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** Every input, parsed. `role-to-assume` becomes `roleToAssume`. */
export type Inputs = {
  readonly [Name in InputName as CamelCase<Name>]: ReturnType<(typeof inputSpecs)[Name]["parse"]>;
};

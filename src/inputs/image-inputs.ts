// The inputs for the image and how it is built: a part of the table in schema.ts.

import {
  buildArguments,
  buildSecrets,
  externalImages,
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
} from "./parsers.ts";
import { buildingVerbs, imageBuildVerbs, onlyDeploy } from "./verbs.ts";

export const imageInputs = {
  "ecr-repository": {
    group: "Image",
    verbs: imageBuildVerbs,
    description: "Name of the ECR repository (not its URI). Required unless `image` is given.",
    handling: { terraform: "independent", dryRun: "shown", features: [] },
    parse: optional(repositoryName),
  },
  "if-repository-missing": {
    group: "Image",
    verbs: ["deploy", "build"],
    description:
      "If `ecr-repository` does not exist: `fail`, or `create` it, with immutable tags (except " +
      "`latest-tag`) and scan on push. A repository that exists is not changed.",
    default: "fail",
    handling: { terraform: "independent", dryRun: "shown", features: ["createRepository"] },
    parse: oneOf("fail", "create"),
  },
  "image-tag": {
    group: "Image",
    verbs: buildingVerbs,
    description:
      "Tag of the image, preferably one that never moves. Several tags: one per line; the " +
      "first is deployed, the others name the same image. Default: the commit's sha.",
    handling: { terraform: "independent", dryRun: "shown", features: ["additionalTags"] },
    parse: imageTags,
  },
  "latest-tag": {
    group: "Image",
    verbs: ["deploy", "build"],
    description: "Additional mutable tag that is moved to the image. `none` disables it.",
    default: "latest",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["latestTag"] },
    parse: (given: string) => {
      if (given === "none" || given === "") return undefined;
      return imageTag(given);
    },
  },
  "latest-when": {
    group: "Image",
    verbs: onlyDeploy,
    description:
      "When `latest-tag` moves: as soon as the image is `pushed`, or only after the deployment " +
      "has `succeeded`.",
    default: "pushed",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: oneOf("pushed", "succeeded"),
  },
  "if-image-exists": {
    group: "Image",
    verbs: buildingVerbs,
    description:
      "What to do if the repository already has an image under the tag. `auto`: reuse it if " +
      "its labels show that it was built from this commit with the same build inputs; " +
      "otherwise build the image and move the tag, or fail if the tag is immutable " +
      "([how](docs/image-tags.md#whose-image-is-it)). `reuse`: use it, whatever it is. " +
      "`rebuild`: build anyway. `fail`: stop.",
    default: "auto",
    handling: { terraform: "independent", dryRun: "shown", features: ["imageOrigin"] },
    parse: oneOf("auto", "reuse", "rebuild", "fail"),
  },
  image: {
    group: "Image",
    verbs: ["deploy", "preview", "register", "run-task"],
    description:
      "Use this image and build nothing: `registry/name:tag` or `registry/name@sha256:…`, " +
      "from another job, account or registry, or an older tag to roll back to. Several images: " +
      "`container=registry/name:tag`, one per line. The action checks that each exists and " +
      "supports the tasks' CPU architecture ([how](docs/image-tags.md#an-existing-image)).",
    handling: { terraform: "independent", dryRun: "shown", features: ["externalImage"] },
    parse: optional(externalImages),
  },
  "pin-digest": {
    group: "Image",
    verbs: ["deploy", "preview", "build", "register"],
    description:
      "Write `repository:tag@sha256:…` into the task definition instead of `repository:tag`.",
    default: "false",
    handling: { terraform: "independent", dryRun: "shown", features: [] },
    parse: boolean,
  },
  scan: {
    group: "Image",
    verbs: buildingVerbs,
    description:
      "`off`, or the lowest severity that fails the step: `critical`, `high`, `medium` or " +
      "`low`. Waits for the repository's own scan (basic or enhanced), before a service is " +
      "changed.",
    default: "off",
    handling: {
      terraform: "independent",
      dryRun: "not-shown",
      features: ["scan", "externalImageScan"],
    },
    parse: oneOf("off", "critical", "high", "medium", "low"),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

export const buildInputs = {
  context: {
    group: "Build",
    verbs: imageBuildVerbs,
    description: "Build context directory, relative to the workspace.",
    default: ".",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: text,
  },
  file: {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "Path of the Dockerfile, relative to the workspace. Default: `Dockerfile` in the context.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(text),
  },
  target: {
    group: "Build",
    verbs: imageBuildVerbs,
    description: "Stage of the Dockerfile to build. Default: the last one.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(stageName),
  },
  platforms: {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "Platforms to build for, such as `linux/arm64`, one per line or separated by commas. " +
      "Default: the task definition's `runtimePlatform`.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: platforms,
  },
  "build-args": {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "Build arguments, `NAME=value`, one per line; `NAME` alone takes its value from the " +
      "job's environment. Not for secrets: build arguments stay readable in the image's " +
      "history.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: buildArguments,
  },
  "build-contexts": {
    group: "Build",
    verbs: imageBuildVerbs,
    description: "Additional build contexts, `name=path` or `name=docker-image://…`, one per line.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: nameValues,
  },
  "build-secrets": {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "Secrets for `RUN --mount=type=secret,id=NAME`, `NAME=value`, one per line (a value of " +
      "several lines: the whole entry in double quotes). They are written to no image, log or " +
      "argument list.",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: buildSecrets,
  },
  ssh: {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "SSH agents or keys for `RUN --mount=type=ssh`: `default` or `id=path`, one per line.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: lines,
  },
  labels: {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "Labels of the image, `name=value`, one per line, in addition to " +
      "`org.opencontainers.image.revision`, `source`, `created` and `version`, and " +
      "`io.github.deploy-ecs.build-inputs` ([what for](docs/image-tags.md#whose-image-is-it)).",
    allowsDollar: true,
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: labels,
  },
  "cache-from": {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "Cache sources for the build, one per line: `type=gha`, `type=registry,ref=…`; " +
      "`registry` is the tag `buildcache` of `ecr-repository`.",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["cache"] },
    parse: lines,
  },
  "cache-to": {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "Where to store the build cache, in the same form. A tag of `ecr-repository` must be " +
      "mutable.",
    handling: { terraform: "independent", dryRun: "not-shown", features: ["cache"] },
    parse: lines,
  },
  "no-cache": {
    group: "Build",
    verbs: imageBuildVerbs,
    description: "Build without the cache.",
    default: "false",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: boolean,
  },
  pull: {
    group: "Build",
    verbs: imageBuildVerbs,
    description: "Always pull newer versions of the base images.",
    default: "false",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: boolean,
  },
  provenance: {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "`false`, `true` or `mode=min|max`: an attestation of how the image was built. Off by " +
      "default, because it makes the image an index ([why](docs/build.md#provenance)).",
    default: "false",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: parseAttestation,
  },
  sbom: {
    group: "Build",
    verbs: imageBuildVerbs,
    description: "`false`, `true` or `generator=…`: an attestation of what is in the image.",
    default: "false",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: parseAttestation,
  },
  builder: {
    group: "Build",
    verbs: imageBuildVerbs,
    description:
      "`buildx`, `docker` (plain `docker build`), `buildah`, or the name of a buildx builder. " +
      "Default: the first of the three that works.",
    handling: { terraform: "independent", dryRun: "not-shown", features: [] },
    parse: optional(text),
  },
} as const satisfies Record<string, InputSpec<unknown>>;

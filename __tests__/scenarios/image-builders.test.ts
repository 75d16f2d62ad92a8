// Inputs are passed to the builder as arguments; unsupported ones are refused; errors are reported with their line.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { commit, type InputTexts, registry, setStage } from "./support/stage.ts";

const reference = `${registry}/clockko-backend:${commit}`;
const commitTime = 1_790_000_000;
const buildah = { buildah: true, presence: "none" } as const;
const own = { driver: "docker-container" } as const;

/** The builder's command, as one line. */
async function built(docker: object, inputs: InputTexts = {}): Promise<string> {
  const stage = await setStage({ docker: { commitTime, ...docker } });
  const play = await stage.play({ ...inputs, "wait-for-service-stability": "false" });
  expect(play.annotation.replace(/^NotWatched[\s\S]*/, "")).toBe("");
  return (
    play.dockerCommands.find((command) =>
      /^(docker (buildx )?build|buildah build) /.test(command),
    ) ?? ""
  );
}

test("by default the image has the sha and the time of its commit", async () => {
  const line = await built({ buildx: own });
  for (const label of [`revision=${commit}`, "created=2026-09-21T", `version=${commit}`])
    expect(line).toContain(`--label org.opencontainers.image.${label}`);
  expect(line).toContain(`--build-arg SOURCE_DATE_EPOCH=${commitTime}`);
  expect(line).toContain("--provenance=false --push");
  expect(line).toContain("--platform linux/amd64");
  expect(line).not.toContain("rewrite-timestamp");
});

test("a label of the user replaces the default label", async () => {
  const line = await built(
    { buildx: own },
    { labels: "org.opencontainers.image.version=1.2\nteam=a b" },
  );
  expect(line).toContain("--label org.opencontainers.image.version=1.2 --label team=a b");
  expect(line).not.toContain(`version=${commit}`);
});

test("buildx gets every input", async () => {
  const line = await built(
    { buildx: { ...own, platforms: "linux/amd64, linux/arm64" } },
    {
      file: "docker/Dockerfile",
      target: "prod",
      platforms: "linux/amd64,linux/arm64",
      "build-args": "A=1\nB=x=y",
      "build-contexts": "shared=../shared",
      "build-secrets": "TOKEN=hush",
      ssh: "default",
      "cache-from": "type=gha",
      "cache-to": "type=gha,mode=max",
      "no-cache": "true",
      pull: "true",
      provenance: "mode=max",
      sbom: "true",
    },
  );
  for (const flag of [
    "--file docker/Dockerfile",
    "--target prod",
    "--platform linux/amd64,linux/arm64",
    "--build-arg A=1 --build-arg B=x=y",
    "--build-context shared=../shared",
    "--secret id=TOKEN,env=DEPLOY_ECS_SECRET_0",
    "--ssh default",
    "--cache-from type=gha",
    "--cache-to type=gha,mode=max",
    "--no-cache --pull",
    "--provenance=mode=max --sbom=true",
    "rewrite-timestamp=true",
  ])
    expect(line).toContain(flag);
  expect(line).not.toContain("hush");
});

test("another buildx builder, by its name", async () => {
  expect(await built({ buildx: own }, { builder: "remote-arm" })).toContain(
    "buildx build --builder remote-arm",
  );
});

test("buildah uses docker's format, the commit's time and the step's credentials", async () => {
  const line = await built(buildah, { "build-secrets": "TOKEN=hush" });
  expect(line).toContain(
    "buildah build --format docker --layers --authfile <private folder>/deploy-ecs-auth.json",
  );
  expect(line).toContain(`--timestamp ${commitTime}`);
  expect(line).toContain("--secret id=TOKEN,env=DEPLOY_ECS_SECRET_0");
});

test("cache in the repository: in a format that ECR accepts, under a mutable tag", async () => {
  const stage = await setStage({ docker: { buildx: own } });
  const inputs = { "cache-to": "registry", "cache-from": "registry" } as const;
  const frozen = await stage.play(inputs);
  expect(frozen.outcome.reasonCode).toBe("InvalidInput");
  expect(frozen.annotation).toContain('the tag "buildcache" of clockko-backend is immutable');
  expect(frozen.annotation).toContain(
    "filterType=WILDCARD,filter=latest filterType=WILDCARD,filter=buildcache",
  );
  expect(frozen.dockerCommands).toEqual([]);
  stage.simulator.ecr.repositories.setTagMutability("clockko-backend", "IMMUTABLE_WITH_EXCLUSION", [
    "latest",
    "buildcache",
  ]);
  const play = await stage.play(inputs);
  expect(play.outcome.passes).toBe(true);
  const cache = `type=registry,ref=${registry}/clockko-backend:buildcache`;
  expect(play.dockerCommands.at(-1)).toContain(
    `--cache-from ${cache} --cache-to ${cache},mode=max,image-manifest=true,oci-mediatypes=true`,
  );
});

test("GitHub's cache backend gets its variables; no builder gets the inputs or may request tokens", async () => {
  const stage = await setStage({ docker: { buildx: own } });
  Object.assign(stage.environment, {
    ACTIONS_RUNTIME_TOKEN: "t",
    ACTIONS_RESULTS_URL: "u",
    "INPUT_BUILD-SECRETS": "A=b",
  });
  const play = await stage.play({ "cache-to": "type=gha" });
  const { environment } = play.dockerRequests.at(-1) ?? { environment: {} };
  expect(environment).toMatchObject({ ACTIONS_RUNTIME_TOKEN: "t", ACTIONS_RESULTS_URL: "u" });
  expect(Object.keys(environment).filter((name) => /^INPUT_|ID_TOKEN/.test(name))).toEqual([]);
});

test.each([
  { name: "docker build with BuildKit", docker: { client: "20.10.24" } },
  { name: "buildah", docker: buildah },
])("$name: sign-in, inspection and push get no build secret", async ({ docker }) => {
  const stage = await setStage({ docker });
  const play = await stage.play({ "build-secrets": "TOKEN=hush" });
  expect(play.outcome.outcome).toBe("succeeded");
  const reported = play.dockerRequests.filter(({ environment }) =>
    JSON.stringify(environment).includes("hush"),
  );
  expect(reported.map(({ arguments: [verb] }) => verb)).toEqual(["build"]);
  expect(play.dockerCommands.some((command) => / push /.test(command))).toBe(true);
});

test.each([
  ["linux/x86_64", "linux/amd64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/aarch64", "linux/arm64"],
])("platforms: %s is built as %s", async (given, platform) => {
  const arm = { runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" } };
  const stage = await setStage({
    docker: { buildx: own },
    ...(platform === "linux/arm64" && { taskDefinition: arm }),
  });
  const play = await stage.play({ platforms: given });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.dockerCommands.at(-1)).toContain(`--platform ${platform} `);
});

describe("tasks on EC2 without a CPU architecture", () => {
  const ec2 = {
    taskDefinition: { requiresCompatibilities: ["EC2"] },
    service: { launchType: "EC2" },
  } as const;

  test("the builder's own platform is built", async () => {
    const stage = await setStage({ ...ec2, docker: { buildx: own } });
    const play = await stage.play({ "wait-for-service-stability": "false" });
    expect(play.dockerCommands.at(-1)).not.toContain("--platform");
  });

  test("an image for arm64 is not refused", async () => {
    const stage = await setStage({ ...ec2, docker: { architecture: "arm64" } });
    const play = await stage.play({ "wait-for-service-stability": "false" });
    expect(play.annotation).not.toContain("PlatformMismatch");
    expect(play.calls).toContain("ecs:UpdateService");
  });
});

test("a secret reaches only the builder: masked, and in no argument, log, output or summary", async () => {
  const stage = await setStage({ docker: { buildx: own, buildPrints: ["#5 it is hush-hush-1"] } });
  const play = await stage.play({
    "build-secrets": 'TOKEN=hush-hush-1\n"KEY=hush-hush-2\nhush-hush-3"',
  });
  const seen = [
    ...play.log,
    ...play.dockerCommands,
    play.summary,
    play.annotation,
    JSON.stringify(play.outputs),
  ].join("\n");
  expect(seen).not.toContain("hush-hush");
  const given = play.dockerRequests.at(-1)?.environment;
  expect(given).toMatchObject({
    DEPLOY_ECS_SECRET_0: "hush-hush-1",
    DEPLOY_ECS_SECRET_1: "hush-hush-2\nhush-hush-3",
  });
});

describe("an unsupported input is refused before anything starts, with a builder that supports it", () => {
  test.each<{ name: string; docker: object; inputs: InputTexts; says: RegExp }>([
    {
      name: "docker, cache-to",
      docker: {},
      inputs: { "cache-to": "type=gha" },
      says: /does not support cache-to; use buildx with/,
    },
    {
      name: "classic docker, secrets",
      docker: {},
      inputs: { "build-secrets": "A=b" },
      says: /build-secrets; use buildx or buildah/,
    },
    {
      name: "docker, provenance",
      docker: {},
      inputs: { provenance: "true" },
      says: /provenance and sbom; use buildx/,
    },
    {
      name: "docker, contexts",
      docker: {},
      inputs: { "build-contexts": "a=b" },
      says: /build-contexts; use buildx or buildah/,
    },
    {
      name: "docker, two platforms",
      docker: {},
      inputs: { platforms: "linux/amd64,linux/arm64" },
      says: /linux\/amd64, linux\/arm64 in one image; use buildx/,
    },
    {
      name: "buildah, cache",
      docker: buildah,
      inputs: { "cache-from": "type=gha" },
      says: /buildah 1.28.2 does not support cache-from; use buildx/,
    },
    {
      name: "buildx's docker driver, two platforms",
      docker: { buildx: { platforms: "linux/amd64, linux/arm64" } },
      inputs: { platforms: "linux/amd64,linux/arm64" },
      says: /docker-container driver \(docker\/setup-buildx-action\)/,
    },
    {
      name: "buildx, a platform that the builder lacks",
      docker: { buildx: { ...own, platforms: "linux/amd64, linux/386" } },
      inputs: { platforms: "linux/arm64" },
      says: /cannot build for linux\/arm64, only for linux\/amd64, linux\/386\. Run docker\/setup-qemu-action/,
    },
  ])("$name", async ({ docker, inputs, says }) => {
    const stage = await setStage({ docker });
    const play = await stage.play(inputs);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "BuilderUnsupported" });
    expect(play.annotation).toMatch(says);
    expect(
      play.dockerCommands.filter((command) => / build /.test(command) && !/inspect/.test(command)),
    ).toEqual([]);
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test("the next builder that supports the inputs is used, unless one is named", async () => {
    const both = { buildah: true } as const;
    expect(await built(both, { "build-secrets": "A=b" })).toMatch(/^buildah build/);
    const stage = await setStage({ docker: both });
    const play = await stage.play({ "build-secrets": "A=b", builder: "docker" });
    expect(play.outcome.reasonCode).toBe("BuilderUnsupported");
  });

  test("an engine that accepts the connection and never answers is reported within two minutes", async () => {
    const stage = await setStage({
      docker: { buildx: own, hangs: ["docker buildx inspect", "docker version"] },
    });
    const play = await stage.play();
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "BuilderMissing" });
    expect(play.annotation).toContain("`docker version` timed out: no answer within 30 s");
    expect(play.elapsedMilliseconds).toBeLessThan(120_000);
  });

  test("an engine that does not answer the sign-in is reported within two minutes", async () => {
    const stage = await setStage({ docker: { hangs: ["docker login"] } });
    const play = await stage.play();
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "SignInFailed" });
    expect(play.annotation).toContain("`docker login` timed out: no answer within 30 s");
    expect(play.elapsedMilliseconds).toBeLessThan(120_000);
  });

  test.each([
    { command: "docker build", docker: {}, code: "BuildFailed", minutes: 6 },
    { command: "docker buildx build", docker: { buildx: true }, code: "BuildFailed", minutes: 6 },
    { command: "docker push", docker: {}, code: "PushFailed", minutes: 10 },
    { command: "buildah build", docker: buildah, code: "BuildFailed", minutes: 6 },
  ] as const)(
    "$command that never starts is ended and reported",
    async ({ command, docker, code, minutes }) => {
      const stage = await setStage({ docker: { ...docker, hangs: [command] } });
      const play = await stage.play();
      expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: code });
      expect(play.annotation).toContain("timed out: no answer within");
      expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
      expect(play.elapsedMilliseconds).toBeLessThan(minutes * 60_000);
    },
  );

  test("buildah is used if the Docker engine hangs", async () => {
    const stage = await setStage({ docker: { buildah: true, hangs: ["docker version"] } });
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.dockerCommands.some((command) => command.startsWith("buildah push"))).toBe(true);
  });

  test("a named builder that does not answer", async () => {
    const play = await (await setStage()).play({ builder: "buildah" });
    expect(play.outcome.reasonCode).toBe("BuilderMissing");
    expect(play.annotation).toContain("`buildah` is not installed on this runner");
  });
});

describe("a failed build is annotated on its line of the Dockerfile", () => {
  function dockerfile(text: string): string {
    const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-dockerfile-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "Dockerfile"), text);
    return join(folder, "Dockerfile");
  }
  const text = "# syntax\nFROM alpine AS base\n\nRUN apk add \\\n  curl\nRUN apk add  git\n";

  test.each([
    {
      name: "BuildKit",
      prints: [
        "Dockerfile:4",
        "--------------------",
        "   4 | >>> RUN apk",
        "--------------------",
        "ERROR: failed to solve: process exit code: 1",
      ],
      line: 4,
      cure: "",
    },
    {
      name: "BuildKit before it knew lines",
      prints: [
        " > [2/3] RUN apk add git:",
        "------",
        "executor failed running [/bin/sh -c apk add git]: exit code: 1",
      ],
      line: 6,
      cure: "",
    },
    {
      name: "the classic builder",
      prints: ["Step 2/3 : RUN apk add   curl", "The command returned a non-zero code: 1"],
      line: 4,
      cure: "",
    },
    {
      name: "buildah",
      prints: [
        "STEP 1/3: FROM alpine AS base",
        "STEP 3/3: RUN apk add git",
        'Error: building at STEP "RUN apk add git": exit status 1',
      ],
      line: 6,
      cure: "",
    },
    {
      name: "a syntax error",
      prints: [
        "Error response from daemon: dockerfile parse error line 2: unknown instruction: FRM",
      ],
      line: 2,
      cure: "Correct the Dockerfile",
    },
    {
      name: "a syntax error in BuildKit",
      prints: [
        "ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: FRM",
      ],
      line: 2,
      cure: "Correct the Dockerfile",
    },
    {
      name: "no such stage",
      prints: ['ERROR: failed to solve: target stage "prod" could not be found'],
      line: undefined,
      cure: "has no stage",
    },
    {
      name: "no such stage, classic",
      prints: ["Error response from daemon: failed to reach build target prod in Dockerfile"],
      line: undefined,
      cure: "has no stage",
    },
    {
      name: "a full disk",
      prints: ["ERROR: failed to solve: write /var/lib/x: no space left on device"],
      line: undefined,
      cure: "disk is full",
    },
    {
      name: "an engine that dies",
      prints: [
        "#7 5.3 compiling",
        "ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
      ],
      line: undefined,
      cure: "stopped answering during the build",
    },
    {
      name: "an engine that dies under the classic builder",
      prints: ["error during connect: Post http://docker/build: EOF"],
      line: undefined,
      cure: "stopped answering during the build",
    },
    {
      name: "a command that is killed",
      prints: [
        'ERROR: failed to solve: process "/bin/sh -c npm run build" did not complete successfully: exit code: 137',
      ],
      line: undefined,
      cure: "ran out of memory",
    },
    {
      name: "a CPU that cannot run it",
      prints: ["#5 0.1 exec /bin/sh: exec format error"],
      line: undefined,
      cure: "setup-qemu-action",
    },
    {
      name: "a base image of a private registry",
      prints: [
        "ERROR: failed to solve: x: failed to resolve source metadata for ghcr.io/x/y: 403 Forbidden",
      ],
      line: undefined,
      cure: "sign in to the registry before this step",
    },
    {
      name: "Docker Hub's limit",
      prints: ["ERROR: failed to solve: toomanyrequests: You have reached your pull rate limit"],
      line: undefined,
      cure: "sign in to it before this step",
    },
  ])("$name", async ({ prints, line, cure }) => {
    const file = dockerfile(text);
    const stage = await setStage({ docker: { buildFails: prints, buildx: true } });
    const play = await stage.play({ file, target: "prod" });
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "BuildFailed" });
    expect(play.outcome.problem?.at).toEqual({ file, ...(line !== undefined && { line }) });
    expect(play.annotation).toContain(cure);
    expect(play.annotation).toContain(prints.at(-1)?.slice(0, 60));
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test.each([
    { name: "docker build", docker: {} },
    { name: "buildx, the engine's BuildKit", docker: { buildx: true } },
    { name: "buildx, BuildKit of its own", docker: { buildx: own } },
    { name: "buildah", docker: buildah },
  ] as const)(
    "$name: a failed build that prints the registry's errors is still a failed build",
    async ({ docker }) => {
      const quoted =
        "#9 0.12 error: failed to push: tag v1 already exists, tags of this registry are immutable";
      const last =
        'ERROR: failed to solve: process "/bin/sh -c ./publish.sh" did not complete successfully: exit code: 1';
      const stage = await setStage({ docker: { ...docker, buildFails: [quoted, last] } });
      const { repositories } = stage.simulator.ecr;
      repositories.setTagMutability("clockko-backend", "MUTABLE");
      const old = repositories.putImage("clockko-backend", { tags: [commit], layers: ["old"] });
      const play = await stage.play({ "if-image-exists": "rebuild" });
      expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "BuildFailed" });
      expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
      expect(play.calls).not.toContain("ecs:UpdateService");
      expect(repositories.tags("clockko-backend")[commit]).toBe(old);
    },
  );

  test("a warning of the builder becomes an annotation on its line", async () => {
    const prints = [
      " 1 warning found (use docker --debug to expand):",
      ' - SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "PASSWORD") (line 5)',
      "[Warning] One or more build-args [VERSION] were not consumed",
    ];
    const stage = await setStage({ docker: { buildPrints: prints, buildx: true } });
    const play = await stage.play();
    expect(play.outcome.passes).toBe(true);
    expect(play.log).toContain(
      '  warning: Dockerfile:5: SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "PASSWORD")',
    );
    expect(play.log).toContain(
      "  warning: Dockerfile: One or more build-args [VERSION] were not consumed",
    );
  });
});

describe("a mistake in the inputs is reported before any call", () => {
  test.each<{ name: string; inputs: InputTexts; says: string }>([
    {
      name: "a tag with a slash",
      inputs: { "image-tag": "feature/x" },
      says: '("feature-x" would do)',
    },
    {
      name: "a tag of 300 characters",
      inputs: { "image-tag": "a".repeat(300) },
      says: "at most 128",
    },
    {
      name: "the second of two tags",
      inputs: { "image-tag": "ok\n-no" },
      says: "image-tag: expected an image tag",
    },
    {
      name: "a build argument without a name",
      inputs: { "build-args": "=1" },
      says: "build-args: expected NAME=value",
    },
    { name: "a label", inputs: { labels: "team" }, says: "labels: expected name=value" },
    { name: "a platform", inputs: { platforms: "arm64" }, says: "platforms like linux/amd64" },
    { name: "a stage", inputs: { target: "a b" }, says: "the name of a stage" },
    {
      name: "an image without a tag",
      inputs: { image: "ghcr.io/a/b" },
      says: "neither a tag nor a digest",
    },
    {
      name: "an image that is none",
      inputs: { image: "https://ghcr.io/a/b:1" },
      says: "expected an image",
    },
    { name: "provenance", inputs: { provenance: "yes" }, says: 'expected "true", "false"' },
    { name: "scan", inputs: { scan: "none" }, says: "scan: expected" },
    { name: "a secret twice", inputs: { "build-secrets": "A=1\nA=2" }, says: "A is given twice" },
  ])("$name", async ({ inputs, says }) => {
    const play = await (await setStage()).play(inputs);
    expect(play.outcome.reasonCode).toBe("InvalidInput");
    expect(play.annotation).toContain(says);
    expect(play.calls).toEqual([]);
    expect(play.dockerCommands).toEqual([]);
  });

  test("a malformed secret is not shown", async () => {
    const play = await (await setStage()).play({ "build-secrets": "A=1\nhush-hush" });
    expect(play.annotation).toContain("entry 2 is something else");
    expect([...play.log, play.annotation, play.summary].join("\n")).not.toContain("hush-hush");
  });

  test("a context outside the workspace, and one that does not exist", async () => {
    const stage = await setStage();
    stage.surroundings.kindOf = (path) => (path === "../other" ? "outside" : "nothing");
    expect((await stage.play({ context: "../other" })).annotation).toContain(
      "outside the workspace",
    );
    expect((await stage.play({ context: "gone" })).annotation).toContain(
      "expected a folder of the workspace",
    );
  });
});

test("the reference is pushed once, under the first tag", async () => {
  expect(await built({ buildx: own })).toContain(`--tag ${reference} `);
});

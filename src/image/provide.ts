// From plan to an image in the registry whose digest we know: reused, or built and pushed once; then the moving tag.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ecr } from "../aws/ecr.ts";
import { DeployError } from "../errors.ts";
import { isJsonObject, stringOf } from "../json.ts";
import type { ImagePlan } from "../plan/plan.ts";
import type { ProcessResult, RunProcess } from "../process.ts";
import type { Reporter } from "../report/reporter.ts";
import { commandLine, findBuilder } from "./builder.ts";
import { createDockerConfig, type DockerConfig } from "./docker-config.ts";

/** An image that is in the repository. */
export interface ProvidedImage {
  readonly reference: string;
  readonly tag: string;
  readonly digest: string;
  readonly reused: boolean;
}

export interface ImagePorts {
  readonly ecr: Ecr;
  readonly run: RunProcess;
  readonly reporter: Reporter;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly temporaryFolder: string;
  /** Told before the private folder holds a password, so that the post step can remove it if this process is killed. */
  readonly leaveBehind: (folder: string) => void;
}

export async function provideImage(plan: ImagePlan, ports: ImagePorts): Promise<ProvidedImage> {
  const image = plan.existing ? reuse(plan, plan.existing.digest, ports.reporter) : await buildAndPush(plan, ports);
  if (plan.latestTag !== undefined && plan.latestTag !== plan.tag) await moveTag(plan, plan.latestTag, ports);
  return image;
}

function reuse(plan: ImagePlan, digest: string, reporter: Reporter): ProvidedImage {
  reporter.info(`${plan.reference} is in the repository already (${digest}); nothing is built.`);
  return { reference: plan.reference, tag: plan.tag, digest, reused: true };
}

async function buildAndPush(plan: ImagePlan, ports: ImagePorts): Promise<ProvidedImage> {
  const registry = plan.repository.uri.slice(0, plan.repository.uri.indexOf("/"));
  const config = await createDockerConfig({ ...ports, registry });
  ports.leaveBehind(config.folder);
  try {
    const environment = { ...definedOnly(ports.environment), DOCKER_CONFIG: config.folder };
    const builder = await findBuilder(ports.run, environment);
    ports.reporter.info(`Building ${plan.reference} from ${plan.dockerfile} with ${builder.label}.`);
    await signInToRegistry(registry, environment, ports);
    const digest = await buildWith(plan, builder.kind, { ...environment, ...builder.environment }, config, ports);
    if (digest === "tag-taken") return await useWinner(plan, ports);
    await confirmDigest(plan, digest, ports.ecr);
    ports.reporter.info(`Pushed ${plan.reference} (${digest}).`);
    return { reference: plan.reference, tag: plan.tag, digest, reused: false };
  } finally {
    await config.remove();
  }
}

async function signInToRegistry(
  registry: string,
  environment: Readonly<Record<string, string>>,
  { ecr, run, reporter }: ImagePorts,
): Promise<void> {
  const { username, password } = await ecr.registryPassword();
  reporter.mask(password);
  const login = await run({
    command: "docker",
    arguments: ["login", "--username", username, "--password-stdin", registry],
    environment,
    input: password,
  });
  if (login.exitCode !== 0)
    throw new DeployError({
      code: "SignInFailed",
      message: `docker login to ${registry} failed: ${lastWords(login)}`,
      hint: "ECR gave us a password, so the role is right; may this runner reach the registry (proxy, VPC endpoint ecr.dkr)?",
    });
}

/** Builds and pushes; gives the digest that the builder says it pushed, or that the frozen tag was taken in the meantime. */
async function buildWith(
  plan: ImagePlan,
  kind: "buildx" | "docker",
  environment: Readonly<Record<string, string>>,
  config: DockerConfig,
  { run, reporter }: ImagePorts,
): Promise<string | "tag-taken"> {
  const metadataFile = join(config.folder, "deploy-ecs-metadata.json");
  const onLine = (line: string) => reporter.info(line);
  const build = await run({
    command: "docker",
    arguments: commandLine(kind, plan, metadataFile),
    environment,
    onLine,
  });
  if (build.exitCode !== 0) {
    if (isTagTaken(build)) return "tag-taken";
    throw new DeployError({
      code: "BuildFailed",
      message: `Building ${plan.dockerfile} failed (exit code ${build.exitCode}):\n${lastWords(build, 8)}`,
      hint: "Nothing was registered and the service was not touched. The build's whole output is in the log of this step.",
    });
  }
  if (kind === "buildx") return digestOfMetadata(await readFile(metadataFile, "utf8"));
  const push = await run({ command: "docker", arguments: ["push", plan.reference], environment, onLine });
  if (push.exitCode === 0) return push.stdout.match(/digest: (sha256:[0-9a-f]{64})/)?.[1] ?? "";
  if (isTagTaken(push)) return "tag-taken";
  throw new DeployError({
    code: "PushFailed",
    message: `Pushing ${plan.reference} failed: ${lastWords(push)}`,
    hint: "Nothing was registered and the service was not touched.",
  });
}

/** Another run of the same commit was faster; the tag is frozen, so its image is the image. */
async function useWinner(plan: ImagePlan, { ecr, reporter }: ImagePorts): Promise<ProvidedImage> {
  const winner = await ecr.describeImage(plan.repository.name, plan.tag);
  if (winner) {
    reporter.info(
      `Another run has pushed ${plan.reference} meanwhile (${winner.digest}); its image is used, ours is not.`,
    );
    return { reference: plan.reference, tag: plan.tag, digest: winner.digest, reused: true };
  }
  throw new DeployError({
    code: "PushFailed",
    message: `${plan.repository.name} refused the tag ${plan.tag} as taken, but has no image under it.`,
    hint: "Run the job again.",
  });
}

/** What the builder says and what the registry has must be one and the same. */
async function confirmDigest(plan: ImagePlan, digest: string, ecr: Ecr): Promise<void> {
  const stored = await ecr.describeImage(plan.repository.name, plan.tag);
  if (stored?.digest === digest) return;
  throw new DeployError({
    code: "ImageMismatch",
    message: `${plan.reference} should be ${digest || "an image whose digest docker tells"}, but the repository has ${stored?.digest ?? "nothing"} there.`,
    hint: "The service was not touched. Somebody else may push to the same tag: use a tag that never moves, like the commit's sha.",
  });
}

/** The same manifest under a second tag: no layer moves, and both tags name one digest. */
async function moveTag(plan: ImagePlan, tag: string, { ecr, reporter }: ImagePorts): Promise<void> {
  const stored = await ecr.readManifest(plan.repository.name, plan.tag);
  if (!stored)
    return reporter.notice(`"${tag}" stays where it is: the manifest of ${plan.reference} could not be read.`);
  const result = await ecr.putTag(plan.repository.name, tag, stored);
  if (result !== "frozen") return reporter.info(`${tag} names the same image.`);
  reporter.notice(
    `"${tag}" stays where it is: ${plan.repository.name} freezes its tags. To let it move, exclude it: imageTagMutability IMMUTABLE_WITH_EXCLUSION with the filter "${tag}". Or set latest-tag: none.`,
  );
}

/** ECR's words for a frozen tag that exists. */
function isTagTaken({ stderrTail }: ProcessResult): boolean {
  return stderrTail.some((line) => /tag.*already exists.*immutable/i.test(line));
}

function digestOfMetadata(json: string): string {
  const metadata: unknown = JSON.parse(json);
  return (isJsonObject(metadata) && stringOf(metadata["containerimage.digest"])) || "";
}

function lastWords({ stderrTail, stdout }: ProcessResult, count = 1): string {
  const lines = stderrTail.length > 0 ? stderrTail : stdout.split("\n");
  return (
    lines
      .map((line) => line.trimEnd())
      .filter(Boolean)
      .slice(-count)
      .join("\n") || "docker gave no reason"
  );
}

function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

// Makes sure that the planned image is in the registry and returns its digest: reuses it, or builds
// and pushes it; then adds its other tags.

import type { Ecr } from "../aws/ecr.ts";
import type { Clock } from "../clock.ts";
import type { BuildSecret } from "../inputs/image-parsers.ts";
import type { BuildPlan } from "../plan/image/build.ts";
import {
  deployedReference,
  type ExternalImagePlan,
  type ImagePlan,
  type RepositoryImagePlan,
} from "../plan/image/image.ts";
import {
  environmentForChildren,
  type RunProcess,
  type TimeLimit,
  withTimeLimit,
} from "../process/run-process.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { BuildReport, ProvidedImage } from "../run/image.ts";
import { chooseBuilder } from "./builders/choose.ts";
import { createMissingRepository } from "./create-repository.ts";
import { createDockerConfig } from "./docker-config.ts";
import { assertPlatformSupported } from "./platform-check.ts";
import { buildAndPush } from "./push.ts";
import { isPlainHttp, type RegistryPorts } from "./registry.ts";
import type { RegistryCredentials } from "./registry-credentials.ts";
import { signInToRegistry } from "./registry-login.ts";
import { putAdditionalTags, updateLatestTag } from "./tags.ts";
import { verifyPushedImage } from "./verify-push.ts";

export interface ImagePorts {
  readonly ecr: Ecr;
  /** ECR of a region; undefined: of another partition. */
  readonly ecrIn: (region: string) => Ecr | undefined;
  readonly registry: RegistryPorts & RegistryCredentials;
  readonly run: RunProcess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly temporaryFolder: string;
  /** The values of build-secrets. Plans do not contain them. */
  readonly secrets: readonly BuildSecret[];
  /**
   * Called before the private folder is created, so that the post step can remove it if this
   * process is killed.
   */
  readonly registerForCleanup: (folder: string) => void;
}

export async function ensureImage(plan: ImagePlan, ports: ImagePorts): Promise<ProvidedImage> {
  if (plan.from === "elsewhere") return useExternalImages(plan, ports.reporter);
  const image = plan.build
    ? await buildAndPublish(plan, plan.build, ports)
    : reuseExisting(plan, plan.existing?.digest ?? "", ports.reporter);
  await assertPlatformSupported(plan, image.digest, ports);
  await putAdditionalTags(plan, image.digest, ports);
  await updateLatestTag(plan, image.digest, "pushed", ports);
  return image;
}

function reuseExisting(plan: ImagePlan, digest: string, reporter: Reporter): ProvidedImage {
  reporter.info(`${plan.reference} is already in the repository (${digest}); nothing to build.`);
  return toProvidedImage(plan, digest, true);
}

function useExternalImages(plan: ExternalImagePlan, reporter: Reporter): ProvidedImage {
  const { byContainer, existing } = plan;
  for (const { container, reference, digest } of byContainer)
    reporter.info(`${container}: ${reference} exists (${digest}); nothing to build.`);
  if (byContainer.length === 0) return reuseExisting(plan, existing.digest, reporter);
  return { ...toProvidedImage(plan, existing.digest, true), byContainer };
}

function toProvidedImage(plan: ImagePlan, digest: string, reused: boolean): ProvidedImage {
  return {
    reference: deployedReference(plan, digest),
    tag: plan.tag,
    digest,
    byContainer: [],
    reused,
  };
}

/** Asking a builder for its version or its platforms takes no longer. */
const detectTimeLimit: TimeLimit = { milliseconds: 30_000, until: "end" };

async function buildAndPublish(
  plan: RepositoryImagePlan,
  build: BuildPlan,
  ports: ImagePorts,
): Promise<ProvidedImage> {
  const { reporter, run, registry } = ports;
  if (plan.repository.isMissing) await createMissingRepository(plan.repository, ports);
  const host = plan.repository.uri.slice(0, plan.repository.uri.indexOf("/"));
  const dockerConfig = await createDockerConfig({ ...ports, registry: host });
  try {
    const environment = {
      ...environmentForChildren(ports.environment),
      DOCKER_CONFIG: dockerConfig.folder,
    };
    const timeLimitedRun = withTimeLimit(run, detectTimeLimit, ports);
    const builder = await chooseBuilder(build, { run: timeLimitedRun, environment });
    if (plan.why !== undefined) reporter.info(plan.why);
    reporter.info(`Building ${plan.reference} from ${build.dockerfile} with ${builder.label}.`);
    const endpoint = { host, authFile: dockerConfig.authFile, plainHttp: isPlainHttp(host) };
    const signIn = async () =>
      signInToRegistry(builder, endpoint, await registry.ecrPassword(), {
        ...ports,
        environment: { ...environment, ...builder.environment },
      });
    await signIn();
    const renewPassword = () => {
      registry.discardEcrPassword();
      return signIn();
    };
    const secrets = ports.secrets.map(({ id, value }, index) => ({
      id,
      value,
      variable: `DEPLOY_ECS_SECRET_${index}`,
    }));
    for (const { value } of secrets) reporter.mask(value);
    const secretValues = Object.fromEntries(
      secrets.map(({ variable, value }) => [variable, value]),
    );
    let report: BuildReport | undefined;
    const pushed = await buildAndPush(
      builder,
      {
        build,
        secrets,
        reference: plan.reference,
        folder: dockerConfig.folder,
        authFile: endpoint.authFile,
        plainHttp: endpoint.plainHttp,
      },
      {
        ...ports,
        environment: { ...environment, ...builder.environment },
        secretValues,
        renewPassword,
        onBuilt(built) {
          report ??= built;
        },
      },
    );
    const verified = await verifyPushedImage(plan, pushed, ports);
    return { ...toProvidedImage(plan, verified.digest, verified.reused), build: report };
  } finally {
    await dockerConfig.remove();
  }
}

// From plan to an image in the registry whose digest we know: given ready, reused, or built and pushed once; then its other tags.

import type { Ecr } from "../aws/ecr.ts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import type { BuildSecret } from "../inputs/image-parsers.ts";
import type { BuildPlan } from "../plan/build.ts";
import { deployedReference, type ImagePlan, type RepositoryImagePlan } from "../plan/image.ts";
import { environmentForChildren, type RunProcess, type TimeLimit, withTimeLimit } from "../process.ts";
import type { Reporter } from "../report/reporter.ts";
import { requireFit } from "./architecture.ts";
import { chooseBuilder } from "./builders/choose.ts";
import { createDockerConfig } from "./docker-config.ts";
import type { Logins } from "./logins.ts";
import { buildAndPush } from "./push.ts";
import { isPlainHttp, lookUpImage, type RegistryPorts } from "./registry.ts";
import type { ScanReport } from "./scan.ts";
import { signInToRegistry } from "./sign-in.ts";
import { moveLatest, putMoreTags } from "./tags.ts";

/** An image that is in its repository. */
export interface ProvidedImage {
  /** As the task definition names it. */
  readonly reference: string;
  /** "" for an image that was given by its digest. */
  readonly tag: string;
  readonly digest: string;
  readonly reused: boolean;
  readonly scan?: ScanReport;
}

export interface ImagePorts {
  readonly ecr: Ecr;
  readonly registry: RegistryPorts & Logins;
  readonly run: RunProcess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly temporaryFolder: string;
  /** The values of build-secrets: no plan holds them. */
  readonly secrets: readonly BuildSecret[];
  /** Told before the private folder holds a password, so that the post step can remove it if this process is killed. */
  readonly leaveBehind: (folder: string) => void;
}

export async function provideImage(plan: ImagePlan, ports: ImagePorts): Promise<ProvidedImage> {
  if (plan.from === "elsewhere") return asIs(plan, plan.existing.digest, ports.reporter);
  const image = plan.build
    ? await build(plan, plan.build, ports)
    : asIs(plan, plan.existing?.digest ?? "", ports.reporter);
  await requireFit(plan, image.digest, ports);
  await putMoreTags(plan, ports);
  await moveLatest(plan, "pushed", ports);
  return image;
}

function asIs(plan: ImagePlan, digest: string, reporter: Reporter): ProvidedImage {
  reporter.info(`${plan.reference} is in the repository already (${digest}); nothing is built.`);
  return provided(plan, digest, true);
}

function provided(plan: ImagePlan, digest: string, reused: boolean): ProvidedImage {
  return { reference: deployedReference(plan, digest), tag: plan.tag, digest, reused };
}

/** One that is asked for its version or its platforms has nothing to wait for. */
const answerLimit: TimeLimit = { milliseconds: 30_000, until: "end" };

async function build(plan: RepositoryImagePlan, build: BuildPlan, ports: ImagePorts): Promise<ProvidedImage> {
  const { reporter, run, registry } = ports;
  const host = plan.repository.uri.slice(0, plan.repository.uri.indexOf("/"));
  const config = await createDockerConfig({ ...ports, registry: host });
  ports.leaveBehind(config.folder);
  try {
    const environment = { ...environmentForChildren(ports.environment), DOCKER_CONFIG: config.folder };
    const asking = withTimeLimit(run, answerLimit, ports);
    const builder = await chooseBuilder(build, { run: asking, environment });
    reporter.info(`Building ${plan.reference} from ${build.dockerfile} with ${builder.label}.`);
    const place = { host, authFile: config.authFile, plainHttp: isPlainHttp(host) };
    const signIn = async () =>
      signInToRegistry(builder, place, await registry.ecrLogin(), {
        ...ports,
        environment: { ...environment, ...builder.environment },
      });
    await signIn();
    const renewLogin = () => {
      registry.forgetEcrLogin();
      return signIn();
    };
    const secrets = ports.secrets.map(({ id, value }, index) => ({
      id,
      value,
      variable: `DEPLOY_ECS_SECRET_${index}`,
    }));
    for (const { value } of secrets) reporter.mask(value);
    const values = Object.fromEntries(secrets.map(({ variable, value }) => [variable, value]));
    const digest = await buildAndPush(
      builder,
      {
        build,
        secrets,
        reference: plan.reference,
        folder: config.folder,
        authFile: place.authFile,
        plainHttp: place.plainHttp,
      },
      { ...ports, environment: { ...environment, ...builder.environment }, secretValues: values, renewLogin },
    );
    return await settle(plan, digest, ports);
  } finally {
    await config.remove();
  }
}

/**
 * What the builder says and what the registry has must be one and the same. Another run of the same commit may have been faster:
 * then its image is the image, and both runs deploy it.
 */
async function settle(
  plan: RepositoryImagePlan,
  digest: string | "tag-taken",
  { ecr, reporter, registry }: ImagePorts,
): Promise<ProvidedImage> {
  const stored = await ecr.describeImage(plan.repository.name, plan.tag);
  if (digest === "tag-taken") {
    if (stored) return asIs(plan, stored.digest, reporter);
    throw new DeployError({
      code: "PushFailed",
      message: `${plan.repository.name} refused the tag ${plan.tag} as taken, but has no image under it.`,
      hint: "Run the job again.",
    });
  }
  if (stored && stored.digest === digest) {
    reporter.info(`Pushed ${plan.reference} (${digest}).`);
    return provided(plan, digest, false);
  }
  const theirs = stored && (await lookUpImage(`${plan.repository.uri}@${stored.digest}`, registry));
  if (stored && theirs?.revision !== undefined && theirs.revision === plan.commit) {
    reporter.info(
      `Another run of this commit has pushed ${plan.reference} since (${stored.digest}); its image is used.`,
    );
    return provided(plan, stored.digest, false);
  }
  throw new DeployError({
    code: "ImageMismatch",
    message: `${plan.reference} should be ${digest || "an image whose digest the builder tells"}, but the repository has ${stored?.digest ?? "nothing"} there.`,
    hint: "The service was not touched. Somebody else may push to the same tag: use a tag that never moves, like the commit's sha.",
  });
}

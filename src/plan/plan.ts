// The whole plan, PURE: Inputs + Observed → what will be built, tagged, registered and updated. A plain value; nothing has moved yet.

import type {
  Looked,
  ObservedCommit,
  ObservedImage,
  ObservedReadyImage,
  ObservedRepository,
  ObservedService,
  ObservedTaskDefinition,
  PastDeployment,
  RunningImage,
} from "../ecs/observed.ts";
import { asDeployError, type DeployErrorDetails } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { JsonObject } from "../json.ts";
import { checkEverything } from "./checks.ts";
import { distinct, type Finding, refusals } from "./findings.ts";
import { deployedReference, type ImagePlan, mayMove, planImage } from "./image/image.ts";
import { platformOf } from "./image/platform.ts";
import { asOneError, type SoughtService } from "./preflight.ts";
import { checkBusy } from "./service/check-service.ts";
import { earlierRevisionArn, isSettledOn } from "./service/service.ts";
import { planSettings, type ServiceSettings } from "./service/service-settings.ts";
import { checkWait } from "./service/strategy-minutes.ts";
import type { Change } from "./task-definition/diff.ts";
import { type Draft, draftServices, finishDraft } from "./task-definition/draft.ts";
import { imageOf, type Source } from "./task-definition/revision.ts";
import type { Shapes } from "./task-definition/schema-check.ts";

export interface Observed {
  readonly region: string;
  readonly accountId: string;
  /** `aws`, `aws-cn` …: that of the session. */
  readonly partition: string;
  /** When we looked, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly commit: ObservedCommit;
  readonly repository: ObservedRepository | undefined;
  /** What the tags of image-tag name already. */
  readonly tags: Readonly<Record<string, ObservedImage | undefined>>;
  /** The image that was given ready; undefined: none was, or it is not there. */
  readonly ready: ObservedReadyImage | undefined;
  readonly services: readonly SoughtService[];
  /** By ARN: those that the services run, and those that they may go back to. */
  readonly taskDefinitions: Readonly<Record<string, ObservedTaskDefinition>>;
  /** What `task-definition` names; undefined: each service's own revision. */
  readonly source: Looked<Source> | undefined;
  /** Status by name as it was given; MISSING: there is none. */
  readonly clusters: Looked<Readonly<Record<string, string>>>;
  /** Whether they exist; those that the tasks must find. */
  readonly logGroups: Readonly<Record<string, Looked<boolean>>>;
  /** By service ARN, newest first; only where it must be known. */
  readonly history: Readonly<Record<string, Looked<readonly PastDeployment[]>>>;
  /** By service ARN: the revision that `to` names, if it can be started. */
  readonly named: Readonly<Record<string, string>>;
  /** By service ARN, only where a tag that may move is not built anew: the images of the revision that the service runs. */
  readonly running: Readonly<Record<string, Looked<readonly RunningImage[]>>>;
  readonly shapes: Shapes;
}

export interface ServicePlan {
  readonly service: ObservedService;
  /** The container that tells what image runs: the first that gets the new one. */
  readonly container: string;
  readonly previousImage?: string;
  /** What to go back to. */
  readonly previousTaskDefinitionArn: string;
  /** What RegisterTaskDefinition is sent; absent: `reuse` says the same already. */
  readonly register?: JsonObject;
  readonly reuse: string;
  readonly changes: readonly Change[];
  readonly settings: ServiceSettings;
  /** Nothing to do: this runs already. */
  readonly settled: boolean;
  /** The task definition stays the same, but its tag names another image than the one that runs: a new deployment must be forced. */
  readonly imageMoved?: true;
  /** Why the service goes back to `reuse`. */
  readonly why?: string;
  /** The image that `reuse` runs, where the service goes back to it. */
  readonly image?: { readonly reference: string; readonly digest: string | undefined } | undefined;
}

export interface Plan {
  /** Absent when services go back: nothing is built. */
  readonly image?: ImagePlan;
  readonly services: readonly ServicePlan[];
  /** Nothing of it makes the deployment impossible. */
  readonly findings: readonly Finding[];
}

/** @throws DeployError with everything that makes it impossible */
export function planDeploy(inputs: Inputs, observed: Observed): Plan {
  const drafts = draftServices(inputs, observed);
  const found = checkEverything(inputs, observed, drafts);
  const { image, problem } = tryImage(inputs, observed, drafts);
  const services = image ? planServices(inputs, observed, image, image.existing) : [];
  const findings = distinct([
    ...found,
    ...imageFindings(image),
    ...busyFindings(inputs, observed, services),
    ...checkWait(inputs, services),
  ]);
  const error = asOneError([...refusals(findings), ...(problem ? [problem] : [])]);
  if (error) throw error;
  return { services, findings, ...(image && { image }) };
}

/** What is wrong with the image is told together with all else. */
export function tryImage(
  inputs: Inputs,
  observed: Observed,
  drafts: readonly Draft[],
): { readonly image?: ImagePlan; readonly problem?: DeployErrorDetails } {
  if (inputs.image === undefined && !observed.repository) return {}; // told of already
  const taskPlatforms = new Set(drafts.flatMap(({ definition, service }) => platformOf(definition, service.raw) ?? []));
  try {
    return { image: planImage(inputs, { ...observed, taskPlatforms: [...taskPlatforms] }) };
  } catch (error) {
    const { code, message, hint } = asDeployError(error);
    return { problem: { code, message, ...(hint !== undefined && { hint }) } };
  }
}

export function imageFindings(image: ImagePlan | undefined): readonly Finding[] {
  return image?.from === "repository" ? image.findings : [];
}

/** `known`: the image, if it is known already; a digest that the reference is pinned to may be so only after the push. */
export function planServices(
  inputs: Inputs,
  observed: Observed,
  image: ImagePlan,
  known: ObservedImage | undefined,
): readonly ServicePlan[] {
  const reference = deployedReference(image, known?.digest);
  return draftServices(inputs, observed).map((draft) =>
    planService(inputs, observed, { plan: image, reference }, draft),
  );
}

function planService(
  inputs: Inputs,
  observed: Observed,
  image: { readonly plan: ImagePlan; readonly reference: string },
  draft: Draft,
): ServicePlan {
  const { service, running, containers } = draft;
  const { register, reuse = service.taskDefinitionArn, changes } = finishDraft(inputs, draft, image.reference);
  const asked = planSettings(service, inputs);
  const container = containers[0] ?? "";
  const stays = register === undefined && reuse === service.taskDefinitionArn;
  const imageMoved = stays && runsImage(inputs, observed, { service, containers, image: image.plan }) !== "yes";
  const settings = imageMoved ? { ...asked, force: true } : asked;
  const previousTaskDefinitionArn = earlierRevisionArn(service);
  const previous = observed.taskDefinitions[previousTaskDefinitionArn] ?? running;
  const previousImage = imageOf(previous.definition, container);
  return {
    service,
    container,
    previousTaskDefinitionArn,
    reuse,
    changes,
    settings,
    settled: register === undefined && !imageMoved && !settings.other && isSettledOn(service, reuse),
    ...(imageMoved && { imageMoved }),
    ...(previousImage !== undefined && { previousImage }),
    ...(register && { register }),
  };
}

/** Whether every container that gets the image runs this very one, as far as ECS says it. */
export function runsImage(
  inputs: Inputs,
  { repository, running }: Pick<Observed, "repository" | "running">,
  of: { readonly service: ObservedService; readonly containers: readonly string[]; readonly image: ImagePlan },
): "yes" | "no" | "unknown" {
  const { service, containers, image } = of;
  if (!image.existing) return "no"; // it is built only now
  if (!mayMove(inputs, repository, image.tag)) return "yes";
  const looked = running[service.arn];
  if (!looked || "refused" in looked) return "unknown";
  const digests = containers.map((name) => looked.value.find(({ containerName }) => containerName === name)?.digest);
  if (digests.includes(undefined)) return "unknown";
  return digests.every((digest) => digest === image.existing?.digest) ? "yes" : "no";
}

/** A deployment under way that is ours already is joined, not pushed aside. */
export function busyFindings(inputs: Inputs, observed: Observed, plans: readonly ServicePlan[]): readonly Finding[] {
  return plans.flatMap(({ service, register, reuse, imageMoved = false }) => {
    const running = observed.taskDefinitions[service.taskDefinitionArn];
    const joins = register === undefined && reuse === service.taskDefinitionArn && !imageMoved;
    const { whenBusy, waitForMinutes: waitMinutes } = inputs;
    return running ? checkBusy({ service, running, joins, whenBusy, waitMinutes, at: observed.at }) : [];
  });
}

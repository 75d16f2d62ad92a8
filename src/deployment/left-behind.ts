// What the post step says of deployments that main could not see to their end, and does about them. It looks before it asks for anything.

import { isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { PostEcs } from "../aws/post-session.ts";
import type { Clock } from "../clock.ts";
import type { OurDeployment } from "../ecs/deployment.ts";
import { asDeployError } from "../errors.ts";
import type { InProgressRollout } from "../runtime/runtime.ts";
import { shortRevision } from "../text/format.ts";
import { begunOf, identify, isNotOffered } from "./describe-deployments.ts";

export interface LeftBehind {
  readonly rollout: InProgressRollout;
  /** One sentence, without the name of the service. */
  readonly says: string;
  /** The new revision still rolls out, or may do so. */
  readonly goesOn: boolean;
}

export interface LeftBehindPorts {
  readonly ecs: PostEcs;
  readonly clock: Clock;
  /** on-cancel asks for it, and the run was cancelled. */
  readonly rollBack: boolean;
}

/** The runner leaves all post steps of a cancelled job five minutes. */
const patience: CallOptions = { retryForMilliseconds: 20_000 };

/** ECS's lists are some seconds behind its own doing. */
const looks = 4;
const pauseMilliseconds = 2_000;

export async function seeTo(
  rollouts: readonly InProgressRollout[],
  ports: LeftBehindPorts,
): Promise<readonly LeftBehind[]> {
  return Promise.all(
    rollouts.map(async (rollout) => {
      try {
        return { rollout, ...(await seeToOne(rollout, ports)) };
      } catch (error) {
        return { rollout, ...unknown(rollout, ports.rollBack, error) };
      }
    }),
  );
}

type Fate = Pick<LeftBehind, "says" | "goesOn">;

/** Where ECS could not be asked. */
export function unknown(rollout: InProgressRollout, rollBack: boolean, error: unknown): Fate {
  const { message, hint } = asDeployError(error);
  const why = [message, hint].filter(Boolean).join("\n");
  const what =
    rollout.id === undefined
      ? "its update was on its way"
      : `deployment ${rollout.id} was under way`;
  const notAsked = rollBack ? " The rollback that on-cancel asks for was not requested." : "";
  return {
    says: `${what} when the main step ended.${notAsked} How it stands now could not be looked up: ${why}`,
    goesOn: true,
  };
}

async function seeToOne(rollout: InProgressRollout, ports: LeftBehindPorts): Promise<Fate> {
  const found = await find(rollout, ports);
  if (found === "no service") return { says: "the service is not there any more.", goesOn: false };
  if (!found)
    return rollout.id === undefined
      ? {
          says: `the update was on its way when the main step ended; ECS shows no deployment of it.`,
          goesOn: false,
        }
      : {
          says: `deployment ${rollout.id} is not in the service's list any more.`,
          goesOn: false,
        };
  if (!isOpen(found.status) || !ports.rollBack) return standing(found);
  if (found.arn === undefined)
    return {
      says: `${goesOn(found)} The rollback that on-cancel asks for could not be requested: ECS names no service deployment for it.`,
      goesOn: true,
    };
  try {
    await ports.ecs.stopServiceDeployment(found.arn, patience);
    return { says: `ECS was asked to roll back ${found.arn}.`, goesOn: false };
  } catch (error) {
    // It was decided between the look and the request: then that is the news.
    const now = isAwsError(error, "ConflictException")
      ? await find({ ...rollout, ...found }, ports)
      : undefined;
    if (typeof now === "object" && !isOpen(now.status)) return standing(now);
    const { message, hint } = asDeployError(error);
    const why = [message, hint].filter(Boolean).join("\n");
    return {
      says: `${goesOn(found)} The rollback that on-cancel asks for could not be requested: ${why}`,
      goesOn: true,
    };
  }
}

interface Found {
  readonly id: string;
  /** Absent: ECS has not recorded it, or does not let us read it. */
  readonly arn?: string;
  /** Of the service deployment; else the rollout state of the classic one. */
  readonly status: string;
}

type Look = Found | "no service" | undefined;

async function find(rollout: InProgressRollout, { ecs, clock }: LeftBehindPorts): Promise<Look> {
  for (let look = 1; ; look++) {
    const found = await findOnce(rollout, ecs);
    if (found === "no service" || found?.arn !== undefined || look === looks) return found;
    await clock.sleep(pauseMilliseconds);
  }
}

async function findOnce(rollout: InProgressRollout, ecs: PostEcs): Promise<Look> {
  const { id = "", serviceDeploymentArn } = rollout;
  if (serviceDeploymentArn !== undefined) {
    const known = await recorded(id, serviceDeploymentArn, ecs).catch(notOffered);
    if (known) return known;
  }
  const [service] = await ecs.describeServices(rollout.cluster, [rollout.service], patience);
  if (!service || service.status === "INACTIVE") return "no service";
  const classic =
    rollout.id === undefined
      ? begunOf(service.deployments, rollout.earlierIds, rollout.taskDefinitionArn)
      : service.deployments.find((one) => one.id === id);
  const ours = classic
    ? { ...rollout, id: classic.id, startedAt: classic.createdAt }
    : rollout.id !== undefined && { ...rollout, id: rollout.id };
  if (!ours) return undefined;
  const arn = await arnOf(ours, ecs).catch(notOffered);
  const known = arn === undefined ? undefined : await recorded(ours.id, arn, ecs).catch(notOffered);
  return known ?? (classic && { id: classic.id, status: classic.rolloutState ?? "" });
}

async function recorded(id: string, arn: string, ecs: PostEcs): Promise<Found | undefined> {
  const [deployment] = await ecs.describeServiceDeployments([arn], patience);
  return deployment && { id, arn, status: deployment.status };
}

async function arnOf(ours: OurDeployment, ecs: PostEcs): Promise<string | undefined> {
  return (await identify(ecs, [ours], patience)).get(ours.id);
}

function notOffered(error: unknown): undefined {
  if (!isNotOffered(error)) throw error;
}

/** Of both lists; a status that we do not know is not the end. */
const ended: Readonly<Record<string, string>> = {
  SUCCESSFUL: "was successful",
  COMPLETED: "was successful",
  ROLLBACK_SUCCESSFUL: "failed, and ECS rolled it back",
  ROLLBACK_FAILED: "failed, and so did the rollback",
  ROLLBACK_REQUESTED: "is being rolled back by ECS",
  ROLLBACK_IN_PROGRESS: "is being rolled back by ECS",
  STOPPED: "was stopped",
  STOP_REQUESTED: "is being stopped",
  FAILED: "failed",
};

function isOpen(status: string): boolean {
  return !(status in ended);
}

function standing(found: Found): Fate {
  const end = ended[found.status];
  return end === undefined
    ? { says: goesOn(found), goesOn: true }
    : { says: `deployment ${found.id} ${end} (${found.status}).`, goesOn: false };
}

function goesOn({ id, status }: Found): string {
  return `deployment ${id} goes on in ECS${status === "" ? "" : ` (${status})`}, and nobody watches it.`;
}

/** `app → app:2` */
export function nameOf({ service, taskDefinitionArn }: InProgressRollout): string {
  return `${service} → ${shortRevision(taskDefinitionArn)}`;
}

// What the post step reports about deployments that main did not watch to their end, and what it
// does about them. It reads the state before it requests anything.

import { isAwsError } from "../aws/aws-errors.ts";
import type { CallOptions } from "../aws/call.ts";
import type { PostEcs } from "../aws/post-session.ts";
import type { Clock } from "../clock.ts";
import { shortRevision } from "../ecs/arn.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import { asDeployError } from "../errors.ts";
import type { InProgressRollout } from "../runtime/runtime.ts";
import { retry } from "../timing/retry.ts";
import {
  findServiceDeployments,
  isUnsupported,
  startedDeploymentIn,
} from "./describe-deployments.ts";

export interface PostStepReport {
  readonly rollout: InProgressRollout;
  /** One sentence, without the name of the service. */
  readonly message: string;
  /** The new revision still rolls out, or may do so. */
  readonly stillActive: boolean;
}

interface PostStepRolloutPorts {
  readonly ecs: PostEcs;
  readonly clock: Clock;
  /** on-cancel requests it, and the run was cancelled. */
  readonly rollBack: boolean;
}

/** The runner gives all post steps of a cancelled job five minutes. */
const postStepCallOptions: CallOptions = { retryForMilliseconds: 20_000 };

/** ECS's lists are some seconds behind its own changes. */
const findAttempts = 4;
const findPauseMilliseconds = 2_000;

export async function handleUnfinishedRollouts(
  rollouts: readonly InProgressRollout[],
  ports: PostStepRolloutPorts,
): Promise<readonly PostStepReport[]> {
  return Promise.all(
    rollouts.map(async (rollout) => {
      try {
        return { rollout, ...(await handleUnfinishedRollout(rollout, ports)) };
      } catch (error) {
        return { rollout, ...reportUnreadable(rollout, ports.rollBack, error) };
      }
    }),
  );
}

type PostStepState = Pick<PostStepReport, "message" | "stillActive">;

/** For deployments whose state could not be read. */
export function reportUnreadable(
  rollout: InProgressRollout,
  rollBack: boolean,
  error: unknown,
): PostStepState {
  const { message, hint } = asDeployError(error);
  const why = [message, hint].filter(Boolean).join("\n");
  const what =
    rollout.id === undefined
      ? "its update was being sent"
      : `deployment ${rollout.id} was in progress`;
  const notRequested =
    rollBack && !rollout.leftToEcs
      ? " The rollback that on-cancel asks for was not requested."
      : "";
  return {
    message:
      `${what} when the main step ended.${notRequested} Its current state could not be read: ` +
      `${why}`,
    stillActive: true,
  };
}

async function handleUnfinishedRollout(
  rollout: InProgressRollout,
  ports: PostStepRolloutPorts,
): Promise<PostStepState> {
  const found = await findRollout(rollout, ports);
  if (found === "no service")
    return { message: "the service no longer exists.", stillActive: false };
  if (!found) {
    if (rollout.id === undefined)
      return {
        message: `the update was being sent when the main step ended; ECS shows no deployment of it.`,
        stillActive: false,
      };
    return {
      message: `deployment ${rollout.id} is no longer in the service's list.`,
      stillActive: false,
    };
  }
  const mayRollBack = ports.rollBack && !rollout.leftToEcs;
  if (!isInProgress(found.status) || !mayRollBack) return describeStatus(found);
  if (found.arn === undefined)
    return {
      message:
        `${describeInProgress(found)} The rollback that on-cancel asks for could not be ` +
        "requested: ECS shows no service deployment for it.",
      stillActive: true,
    };
  try {
    await ports.ecs.stopServiceDeployment(found.arn, postStepCallOptions);
    return { message: `ECS was asked to roll back ${found.arn}.`, stillActive: false };
  } catch (error) {
    // The deployment ended between the read and the request: report that end.
    const current = isAwsError(error, "ConflictException")
      ? await findRollout({ ...rollout, ...found }, ports)
      : undefined;
    if (typeof current === "object" && !isInProgress(current.status))
      return describeStatus(current);
    const { message, hint } = asDeployError(error);
    const why = [message, hint].filter(Boolean).join("\n");
    return {
      message:
        `${describeInProgress(found)} The rollback that on-cancel asks for could not be ` +
        `requested: ${why}`,
      stillActive: true,
    };
  }
}

interface FoundRollout {
  readonly id: string;
  /** Absent: ECS has not recorded it, or denies the read. */
  readonly arn?: string;
  /** Of the service deployment; else the rollout state of the classic one. */
  readonly status: string;
}

type FindResult = FoundRollout | "no service" | undefined;

async function findRollout(
  rollout: InProgressRollout,
  { ecs, clock }: PostStepRolloutPorts,
): Promise<FindResult> {
  const pauseAfter = (found: FindResult, attempt: number) => {
    if (found === "no service" || found?.arn !== undefined) return undefined;
    if (attempt === findAttempts) return undefined;
    return findPauseMilliseconds;
  };
  return retry(() => findRolloutOnce(rollout, ecs), pauseAfter, { clock, signal: undefined });
}

async function findRolloutOnce(rollout: InProgressRollout, ecs: PostEcs): Promise<FindResult> {
  const { id = "", serviceDeploymentArn } = rollout;
  if (serviceDeploymentArn !== undefined) {
    const known = await readServiceDeployment(id, serviceDeploymentArn, ecs).catch(
      undefinedIfUnsupported,
    );
    if (known) return known;
  }
  const [service] = await ecs.describeServices(
    rollout.cluster,
    [rollout.service],
    postStepCallOptions,
  );
  if (!service || service.status === "INACTIVE") return "no service";
  const classic =
    rollout.id === undefined
      ? startedDeploymentIn(service.deployments, rollout.earlierIds, rollout.taskDefinitionArn)
      : service.deployments.find((deployment) => deployment.id === id);
  const own = classic
    ? { ...rollout, id: classic.id, startedAt: classic.createdAt }
    : rollout.id !== undefined && { ...rollout, id: rollout.id };
  if (!own) return undefined;
  const arn = await findServiceDeploymentArn(own, ecs).catch(undefinedIfUnsupported);
  const known =
    arn === undefined
      ? undefined
      : await readServiceDeployment(own.id, arn, ecs).catch(undefinedIfUnsupported);
  return known ?? (classic && { id: classic.id, status: classic.rolloutState ?? "" });
}

async function readServiceDeployment(
  id: string,
  arn: string,
  ecs: PostEcs,
): Promise<FoundRollout | undefined> {
  const [deployment] = await ecs.describeServiceDeployments([arn], postStepCallOptions);
  return deployment && { id, arn, status: deployment.status };
}

async function findServiceDeploymentArn(
  own: OwnDeployment,
  ecs: PostEcs,
): Promise<string | undefined> {
  return (await findServiceDeployments(ecs, [own], postStepCallOptions)).get(own.id);
}

function undefinedIfUnsupported(error: unknown): undefined {
  if (!isUnsupported(error)) throw error;
}

/** Of both lists; an unknown status does not count as the end. */
const endedStatuses: Readonly<Record<string, string>> = {
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

function isInProgress(status: string): boolean {
  return !(status in endedStatuses);
}

function describeStatus(found: FoundRollout): PostStepState {
  const end = endedStatuses[found.status];
  if (end === undefined) return { message: describeInProgress(found), stillActive: true };
  return { message: `deployment ${found.id} ${end} (${found.status}).`, stillActive: false };
}

function describeInProgress({ id, status }: FoundRollout): string {
  const state = status === "" ? "" : ` (${status})`;
  return `deployment ${id} continues in ECS${state}, but is not watched.`;
}

/** `app → app:2` */
export function rolloutNameOf({ service, taskDefinitionArn }: InProgressRollout): string {
  return `${service} → ${shortRevision(taskDefinitionArn)}`;
}

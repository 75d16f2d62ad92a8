// Creates a service in ECS Express Mode: one call, and the deployment that ECS starts with it.

import { callWithTimeout, timeLeft } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import type { OwnDeployment } from "../ecs/deployment.ts";
import { isExpressService } from "../ecs/express.ts";
import type { ClassicDeployment, ObservedService } from "../ecs/observed.ts";
import { asDeployError, DeployError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { primaryDeploymentOf } from "../plan/service/service.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { PostStateWriter } from "../runtime/runtime.ts";
import { pollUntil } from "../timing/poll.ts";
import { toOwnDeployment, updateWithPostState } from "./update-service.ts";

interface CreatePorts {
  readonly ecs: Pick<Ecs, "createExpressService" | "describeServices">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** When the wait is over, in milliseconds since the Unix epoch. */
  readonly until: number;
  readonly postState: Pick<PostStateWriter, "rolloutInProgress" | "rolloutEnded">;
}

const createTimeoutMilliseconds = 60_000;
const firstDeploymentPollMilliseconds = 3_000;

/**
 * Roles that were created seconds ago are refused at first, and nothing was created then.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
const newRoleRefusal =
  /Cannot assume role|not authorized to perform: sts:AssumeRole|not able to validate the provided access credentials|Unable to assume the service linked role/i;
const newRoleMilliseconds = 60_000;
const newRolePauseMilliseconds = 5_000;

/** @param absent the service as it was planned, before it exists */
export async function createService(
  absent: ObservedService,
  request: JsonObject,
  ports: CreatePorts,
): Promise<OwnDeployment> {
  const sent = {
    cluster: absent.clusterName,
    service: absent.name,
    startedAt: ports.clock.now(),
    taskDefinitionArn: "",
    earlierIds: [],
  };
  await updateWithPostState(sent, () => sendCreate(absent, request, ports), ports);
  const first = await firstDeployment(absent, ports);
  const deployment = toOwnDeployment(absent, first, first.taskDefinitionArn);
  ports.postState.rolloutInProgress(deployment);
  return deployment;
}

async function sendCreate(
  absent: ObservedService,
  request: JsonObject,
  { ecs, clock, signal, reporter, until }: CreatePorts,
): Promise<void> {
  const patienceEnds = clock.now() + newRoleMilliseconds;
  let hasReported = false;
  const attempt = async () => {
    try {
      return await callWithTimeout(
        timeLeft(clock, until, createTimeoutMilliseconds),
        clock,
        (options) => ecs.createExpressService(request, { ...options, retryForMilliseconds: 0 }),
      );
    } catch (error) {
      const failure = asDeployError(error);
      if (failure.code === "AwsUnavailable") return failure;
      if (!newRoleRefusal.test(failure.message) || clock.now() >= patienceEnds) throw error;
      if (!hasReported)
        reporter.info(`${absent.name}: ECS cannot use the roles yet; trying again for a minute.`);
      hasReported = true;
      return undefined;
    }
  };
  const answer = await pollUntil(attempt, newRolePauseMilliseconds, { clock, signal });
  if (answer instanceof DeployError) await confirmCreated(absent, answer, { ecs, clock, signal });
}

const confirmAttempts = 4;

/**
 * The answer was lost, so ECS is asked whether the service exists. The request is not sent again:
 * it may still be on its way.
 * @throws DeployError the lost answer, where the service is not seen
 */
async function confirmCreated(
  { name, clusterArn }: ObservedService,
  lost: DeployError,
  { ecs, clock, signal }: Pick<CreatePorts, "ecs" | "clock" | "signal">,
): Promise<void> {
  for (let attempt = 1; attempt <= confirmAttempts; attempt++) {
    await clock.sleep(newRolePauseMilliseconds, signal);
    const [found] = await ecs.describeServices(clusterArn, [name]).catch(() => []);
    if (found?.status === "ACTIVE" && isExpressService(found)) return;
  }
  throw new DeployError(
    {
      code: lost.code,
      message: `${lost.message}\nWhether ECS created service ${name} is unknown.`,
      hint: "Check the cluster in the console, or run the job again: it deploys to a service that exists.",
    },
    { cause: lost },
  );
}

/** ECS lists the deployment some seconds after it has created the service. */
async function firstDeployment(
  { name, clusterArn }: ObservedService,
  { ecs, clock, signal, until }: CreatePorts,
): Promise<ClassicDeployment> {
  const read = async () => {
    const [service] = await callWithTimeout(
      timeLeft(clock, until, createTimeoutMilliseconds),
      clock,
      (options) => ecs.describeServices(clusterArn, [name], options),
    );
    const primary = service && primaryDeploymentOf(service);
    if (primary) return primary;
    if (clock.now() < until) return undefined;
    throw new DeployError({
      code: "WatchInterrupted",
      message: `ECS created service ${name}, but does not list its first deployment.`,
      hint: "Check the service in the console, or run the job again: it watches a deployment that is in progress.",
    });
  };
  return await pollUntil(read, firstDeploymentPollMilliseconds, { clock, signal });
}

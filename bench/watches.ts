// The worker of lateness.ts: some watches one after the other, each in a world of its own. Gives its parent a `Watched`.

import { parentPort, workerData } from "node:worker_threads";
import { ECSClient, ListServiceDeploymentsCommand } from "@aws-sdk/client-ecs";
import {
  type RecordedCall,
  type SdkRequestHandler,
  type Simulator,
  sdkRequestHandler,
} from "ecs-simulator";
import { VirtualClock } from "ecs-simulator/clock";
import { type Behaviour, exitsWith, healthyAfter, type TaskLaunch } from "ecs-simulator/tasks";
import {
  cluster,
  createAccount,
  region,
  registerRevision,
} from "../__tests__/rig/scripted-account.ts";
import { createCall } from "../src/aws/call.ts";
import { createEcs, type Ecs } from "../src/aws/ecs.ts";
import { type WatchPolicy, watchRollouts } from "../src/deployment/watch.ts";
import type { OwnDeployment } from "../src/ecs/deployment.ts";
import { planServiceUpdate, primaryDeploymentOf } from "../src/plan/service/service.ts";
import { noChanges, planSettings } from "../src/plan/service/service-settings.ts";
import type { Reporter } from "../src/reporter/reporter.ts";
import type { RolloutEnd } from "../src/run/rollout-end.ts";
import type { Share, Watched, WatchedRollout } from "./lateness.ts";
import { seededRandom } from "./numbers.ts";

const second = 1_000;
const minute = 60 * second;
const answerTakes = 100;
const policy: Omit<WatchPolicy, "until"> = {
  waitMinutes: 30,
  onTimeout: "leave",
  failAfterFailedTasks: 0,
  waitUntil: undefined,
  failedVerification: undefined,
};

const { watches, servicesAtOnce, seed } = workerData as Share;
const random = seededRandom(seed);

async function watchOnce(): Promise<Watched> {
  const clock = new VirtualClock();
  const services = Array.from({ length: servicesAtOnce }, (_, index) => `service-${index + 1}`);
  const fates = new Map(services.map((service) => [service, drawFate()]));
  const behaviour = ({ revision, serviceName = "" }: TaskLaunch) =>
    (revision > 1 && fates.get(serviceName)) || healthyAfter(second);
  const simulator = createAccount({ clock, services, behaviour });
  clock.advance(10 * minute);

  const ports = { clock, random, signal: new AbortController().signal };
  const client = clientOf(simulator, clock);
  const ecs = createEcs(client, createCall(ports));
  const deployments = await updateAll(services, registerRevision(simulator), ecs);
  const startedAt = clock.now();
  const firstCall = simulator.calls.length;
  const ended = await watchRollouts(
    deployments.map((deployment) => ({ deployment, answered: undefined })),
    { ...policy, until: clock.now() + policy.waitMinutes * minute },
    {
      ...ports,
      source: ecs,
      reporter: { ...silent, polled: () => {} },
      onIdentified: () => {},
      openPauseVerifier: undefined,
    },
  );
  const calls = simulator.calls.slice(firstCall);
  const counts = countByMinute(calls, startedAt, clock.now());
  return {
    rollouts: await Promise.all(ended.map(({ run, end }) => judgeEnd(run.deployment, end, client))),
    callsInFirstMinute: counts.slice(0, 1),
    callsPerMinute: counts.slice(1),
    callsInBusiestMinute: busiestMinuteOf(calls, startedAt + minute),
  };
}

/**
 * What the new task of one service does, so that its rollout is over when it should be: a good one becomes healthy late, three bad ones
 * exit one after the other. What ECS itself takes for its steps is subtracted.
 */
function drawFate(): Behaviour {
  const fails = random() < 0.2;
  const terminalAfter = 30 * second + random() * (20 * minute - 30 * second);
  return fails
    ? exitsWith(1, { after: Math.max(second, (terminalAfter - 37 * second) / 3) })
    : healthyAfter(terminalAfter - 12 * second);
}

function clientOf(simulator: Simulator, clock: VirtualClock): ECSClient {
  const inMemory = sdkRequestHandler(simulator);
  const requestHandler: SdkRequestHandler = {
    ...inMemory,
    async handle(request, options) {
      await clock.sleep(answerTakes);
      return inMemory.handle(request, options);
    },
  };
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new ECSClient({
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: requestHandler as never,
  });
}

async function updateAll(
  services: readonly string[],
  taskDefinitionArn: string,
  ecs: Ecs,
): Promise<OwnDeployment[]> {
  return Promise.all(
    services.map(async (service) => {
      const [observed] = await ecs.describeServices(cluster, [service]);
      if (!observed) throw new Error(`${service} does not exist`);
      const update = planServiceUpdate(observed, {
        taskDefinitionArn,
        settings: planSettings(observed, noChanges),
        force: false,
      });
      const { id = "", createdAt = 0 } = primaryDeploymentOf(await ecs.updateService(update)) ?? {};
      const earlierIds = observed.deployments.map((deployment) => deployment.id);
      return { cluster, service, id, startedAt: createdAt, taskDefinitionArn, earlierIds };
    }),
  );
}

/** ECS's own record of each rollout against the verdict on it. */
async function judgeEnd(
  { service, startedAt }: OwnDeployment,
  { verdict, endedAt }: RolloutEnd,
  client: ECSClient,
): Promise<WatchedRollout> {
  const answer = await client.send(
    new ListServiceDeploymentsCommand({ cluster, service, maxResults: 1 }),
  );
  const [{ status = "", finishedAt } = {}] = answer.serviceDeployments ?? [];
  const terminalAt = finishedAt?.getTime() ?? Number.NaN;
  return {
    duration: terminalAt - startedAt,
    late: endedAt - terminalAt,
    right: kindOf[status] === verdict.kind,
  };
}

const kindOf: Readonly<Record<string, string>> = {
  SUCCESSFUL: "succeeded",
  ROLLBACK_SUCCESSFUL: "rolled-back",
};

/** Read calls by whole minutes from the start of the watch; what is left at its end is no minute. */
function countByMinute(
  calls: readonly RecordedCall[],
  startedAt: number,
  endedAt: number,
): readonly number[] {
  const counts = Array.from({ length: Math.floor((endedAt - startedAt) / minute) }, () => 0);
  for (const { at } of calls) {
    const index = Math.floor((at - startedAt) / minute);
    if (index in counts) counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

/** Empty: the watch ended within its first minute. */
function busiestMinuteOf(calls: readonly RecordedCall[], from: number): readonly number[] {
  const times = calls.map(({ at }) => at).filter((at) => at >= from);
  if (times.length === 0) return [];
  return [
    Math.max(
      ...times.map((start) => times.filter((at) => at >= start && at < start + minute).length),
    ),
  ];
}

const silent: Reporter = {
  phase: (_title, work) => work(),
  info() {},
  notice() {},
  warning() {},
  debug() {},
  debugCauses() {},
  mask() {},
  output() {},
};

for (let watch = 0; watch < watches; watch++) parentPort?.postMessage(await watchOnce());

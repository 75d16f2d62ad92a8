// What to gather after a failure. Each piece may fail on its own; the first error is never hidden by one of these.

import type { Ecs } from "../aws/ecs.ts";
import type { Logs } from "../aws/logs.ts";
import { isJsonObject, objectsOf, stringOf } from "../json.ts";
import type { ObservedTaskDefinition, ServiceEvent } from "../plan/observed.ts";
import { harmlessLine } from "../report/harmless.ts";
import type { OurDeployment, StoppedTask } from "./snapshot.ts";
import type { RolloutEnd } from "./watch.ts";

export interface LogTail {
  readonly container: string;
  readonly taskId: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Oldest first, bounded and made harmless. */
  readonly lines: readonly string[];
}

export interface Evidence {
  /** Stopped tasks of our deployment, newest first. */
  readonly stoppedTasks: readonly StoppedTask[];
  /** Service events since the update, newest first. */
  readonly events: readonly ServiceEvent[];
  readonly logTail?: LogTail;
  /** Pieces that could not be had, each with the reason. */
  readonly missing: readonly string[];
}

export interface EvidencePorts {
  readonly ecs: Pick<Ecs, "describeStoppedTasks" | "describeTaskDefinition">;
  readonly logs: Logs;
}

const logLines = 50;
const logBytes = 8 * 1024;

export async function gatherEvidence(end: RolloutEnd, { ecs, logs }: EvidencePorts): Promise<Evidence> {
  const ours = end.deployment;
  const missing: string[] = [];
  const softly = async <Piece>(name: string, piece: Promise<Piece>): Promise<Piece | undefined> => {
    try {
      return await piece;
    } catch (error) {
      missing.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const stopped = (await softly("stopped tasks", ecs.describeStoppedTasks(ours.cluster, ours.service))) ?? [];
  const stoppedTasks = stopped
    .filter(({ startedBy }) => startedBy === ours.id)
    .toSorted((one, other) => other.stoppedAt - one.stoppedAt);
  const events = (end.snapshot.service?.events ?? []).filter(({ createdAt }) => createdAt >= ours.startedAt);
  const logTail = await softly("log lines", lastWords(ours, stoppedTasks, { ecs, logs }));
  return { stoppedTasks, events, missing, ...(logTail && { logTail }) };
}

/** The tail of the container that failed last, found through the log configuration of the revision that failed, not of the one that runs now. */
async function lastWords(
  ours: OurDeployment,
  tasks: readonly StoppedTask[],
  { ecs, logs }: EvidencePorts,
): Promise<LogTail | undefined> {
  const task = tasks.find(({ containers }) => containers.some(({ exitCode }) => exitCode !== undefined));
  const container =
    task?.containers.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0) ??
    task?.containers.find(({ exitCode }) => exitCode !== undefined);
  if (!task || !container) return undefined;
  const place = logPlaceOf(await ecs.describeTaskDefinition(ours.taskDefinitionArn), container.name);
  if (!place) return undefined;
  const logStream = `${place.prefix}/${container.name}/${task.id}`;
  const lines = boundLog(await logs.tail(place.group, logStream, logLines));
  return { container: container.name, taskId: task.id, logGroup: place.group, logStream, lines };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
function logPlaceOf(
  { definition }: ObservedTaskDefinition,
  container: string,
): { readonly group: string; readonly prefix: string } | undefined {
  const configuration = objectsOf(definition.containerDefinitions).find(
    ({ name }) => name === container,
  )?.logConfiguration;
  if (!isJsonObject(configuration) || configuration.logDriver !== "awslogs" || !isJsonObject(configuration.options))
    return undefined;
  const group = stringOf(configuration.options["awslogs-group"]);
  const prefix = stringOf(configuration.options["awslogs-stream-prefix"]);
  return group !== undefined && prefix !== undefined ? { group, prefix } : undefined;
}

/** At most 50 lines and 8 KiB, the newest; no control characters, and nothing that the runner would take for a command of ours. */
export function boundLog(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let bytes = 0;
  for (const line of lines.slice(-logLines).toReversed()) {
    const harmless = harmlessLine(line);
    bytes += Buffer.byteLength(harmless) + 1;
    if (bytes > logBytes) break;
    kept.unshift(harmless);
  }
  return kept;
}

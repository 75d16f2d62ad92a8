// A deployment of an Express Mode service is complete only when the resources that ECS manages for
// it are there: ECS's status of the service is ACTIVE from the first second.

import { isAccessDenied } from "../aws/aws-errors.ts";
import { callWithTimeout, timeLeft } from "../aws/deadline.ts";
import type { Ecs } from "../aws/ecs.ts";
import type { Clock } from "../clock.ts";
import {
  describeResource,
  type ExpressInfrastructure,
  pendingResources,
  toUrl,
} from "../ecs/express.ts";
import { DeployError } from "../errors.ts";
import { objectsOf, stringOf } from "../json.ts";
import type { Reporter } from "../reporter/reporter.ts";
import { pollUntil } from "../timing/poll.ts";

interface InfrastructurePorts {
  readonly ecs: Pick<Ecs, "describeServiceRevisions">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Pick<Reporter, "info" | "notice">;
  /** When the wait is over, in milliseconds since the Unix epoch. */
  readonly until: number;
}

const pollMilliseconds = 5_000;
const readTimeoutMilliseconds = 30_000;

/**
 * Polls until every resource of the service revision is ACTIVE, one has FAILED, or the wait is
 * over.
 * @returns what was read last; undefined: ECS does not report it, or it could not be read
 */
export async function awaitInfrastructure(
  revisionArn: string,
  ports: InfrastructurePorts,
): Promise<ExpressInfrastructure | undefined> {
  const { clock, signal, reporter, until } = ports;
  let lastReported = "";
  const readAndReport = async () => {
    const infrastructure = await readInfrastructure(revisionArn, ports);
    const pending = infrastructure ? pendingResources(infrastructure) : [];
    const hasFailed = pending.some(({ status }) => status === "FAILED");
    if (pending.length === 0 || hasFailed || clock.now() >= until) return { infrastructure };
    const line = `Waiting for ECS to create ${pending.map(describeResource).join(", ")}.`;
    if (line !== lastReported) reporter.info(line);
    lastReported = line;
    return undefined;
  };
  return (await pollUntil(readAndReport, pollMilliseconds, { clock, signal })).infrastructure;
}

async function readInfrastructure(
  revisionArn: string,
  { ecs, clock, reporter, until }: InfrastructurePorts,
): Promise<ExpressInfrastructure | undefined> {
  try {
    const [revision] = await callWithTimeout(
      timeLeft(clock, until, readTimeoutMilliseconds),
      clock,
      (options) => ecs.describeServiceRevisions([revisionArn], options),
    );
    return revision?.infrastructure;
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    const line = `The resources that ECS manages for the service could not be read: ${error.message}`;
    if (isAccessDenied(error)) reporter.notice(`${line}\n${error.hint}`);
    else reporter.info(line);
    return undefined;
  }
}

/**
 * Where the service answers. The revision's resources name it; where they do not, ECS's own
 * description of the service does.
 * @returns undefined: it could not be read, and one notice says so
 */
export async function findServiceUrl(
  infrastructure: ExpressInfrastructure | undefined,
  serviceArn: string,
  { ecs, clock, reporter }: UrlPorts,
): Promise<string | undefined> {
  const [known] = infrastructure?.urls ?? [];
  if (known !== undefined) return known;
  try {
    const service = await callWithTimeout(readTimeoutMilliseconds, clock, (options) =>
      ecs.describeExpressService(serviceArn, options),
    );
    const configurations = objectsOf(service?.activeConfigurations);
    const paths = configurations.flatMap(({ ingressPaths }) => objectsOf(ingressPaths));
    const [endpoint] = paths.flatMap((path) => stringOf(path.endpoint) ?? []);
    return endpoint && toUrl(endpoint);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    const line = `The URL of the service could not be read: ${error.message}`;
    reporter.notice([line, error.hint].filter(Boolean).join("\n"));
    return undefined;
  }
}

interface UrlPorts {
  readonly ecs: Pick<Ecs, "describeExpressService">;
  readonly clock: Clock;
  readonly reporter: Pick<Reporter, "notice">;
}

// Where to deploy: services, clusters, account and region. PURE.

import { parseArn } from "../ecs/arn.ts";
import { lines, unexpectedValue } from "./parsers.ts";

/** A service as named by one line of `service`. */
export interface ServiceName {
  /** Its name; undefined if the line does not contain it: then the input `cluster` has it. */
  readonly cluster?: string | undefined;
  readonly service: string;
  /** The line, if it is an ARN: its account and region must match, too. */
  readonly arn?: string | undefined;
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html,
 * API_CreateCluster.html
 */
const ecsName = /^[A-Za-z0-9_-]{1,255}$/;

/** The name or the ARN of a cluster, as given. */
export function clusterName(given: string): string {
  const parts = given.startsWith("arn:") ? resourceOf(given, "cluster") : [given];
  if (parts?.length === 1 && parts.every((part) => ecsName.test(part))) return given;
  throw unexpectedValue(
    "the name or ARN of an ECS cluster, like clockko",
    given,
    ecsNameRemedy(given, "cluster"),
  );
}

/**
 * `name`, `cluster/name` or a service's ARN, one per line. An ARN in the old format has no cluster.
 */
export function serviceNames(given: string): readonly ServiceName[] {
  return lines(given).map((line) => {
    const isArn = line.startsWith("arn:");
    const parts = isArn ? resourceOf(line, "service") : line.split("/");
    const service = parts?.at(-1);
    if (
      service === undefined ||
      !parts ||
      parts.length > 2 ||
      !parts.every((part) => ecsName.test(part))
    )
      throw unexpectedValue(
        "the name of an ECS service, like clockko-backend or clockko/clockko-backend, or its " +
          "ARN, one per line",
        line,
        ecsNameRemedy(line, "service"),
      );
    return {
      cluster: parts.length === 2 ? parts[0] : undefined,
      service,
      arn: isArn ? line : undefined,
    };
  });
}

/**
 * The text after `cluster/` or `service/` in an ECS ARN; undefined: it is the ARN of something
 * else, or no ARN.
 */
function resourceOf(text: string, type: "cluster" | "service"): readonly string[] | undefined {
  const arn = parseArn(text);
  const isOfEcs =
    arn?.service === "ecs" &&
    /^aws[a-z-]*$/.test(arn.partition) &&
    /^[a-z0-9-]+$/.test(arn.region) &&
    /^\d{12}$/.test(arn.accountId);
  const [found, ...parts] = arn?.resource.split("/") ?? [];
  if (isOfEcs && found === type) return parts;
  return undefined;
}

function ecsNameRemedy(given: string, type: "cluster" | "service"): string | undefined {
  if (given.endsWith("/")) return "leave out the slash at its end";
  const arn = parseArn(given);
  const found = arn?.resource.split(/[/:]/)[0];
  if (arn && (arn.service !== "ecs" || found !== type))
    return `that is the ARN of something else (${arn.service}: ${found})`;
  if (type === "cluster" && given.split("/").length === 2)
    return "a service goes into the input service";
  return undefined;
}

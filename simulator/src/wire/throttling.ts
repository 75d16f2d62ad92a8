// AWS's token buckets: how many calls of an operation are accepted at once, and how many per second
// after that. Off by default.

import type { SimulatorClock } from "../contract.ts";

/** One bucket, which these operations share. */
export interface Bucket {
  /** `ecs:DescribeServices` */
  readonly calls: readonly string[];
  /** Tokens of the full bucket. */
  readonly burst: number;
  /** Tokens that are added per second. */
  readonly perSecond: number;
}

/**
 * The buckets of ECS for the operations that are simulated, per account and region.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
 */
export const ecsBuckets: readonly Bucket[] = [
  {
    calls: ["ecs:CreateService", "ecs:UpdateService", "ecs:DeleteService"],
    burst: 50,
    perSecond: 5,
  },
  { calls: ["ecs:DescribeServices", "ecs:ListServices"], burst: 100, perSecond: 20 },
  {
    calls: ["ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments"],
    burst: 50,
    perSecond: 20,
  },
  { calls: ["ecs:DescribeServiceRevisions"], burst: 50, perSecond: 20 },
  {
    calls: ["ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition"],
    burst: 20,
    perSecond: 1,
  },
  {
    calls: [
      "ecs:DescribeTaskDefinition",
      "ecs:ListTaskDefinitions",
      "ecs:ListTaskDefinitionFamilies",
    ],
    burst: 50,
    perSecond: 20,
  },
  { calls: ["ecs:DescribeTasks", "ecs:ListTasks"], burst: 100, perSecond: 20 },
  { calls: ["ecs:RunTask", "ecs:StartTask", "ecs:StopTask"], burst: 100, perSecond: 40 },
  { calls: ["ecs:DescribeClusters", "ecs:ListClusters"], burst: 50, perSecond: 20 },
];

/** Takes a token for each call; `true`: there is none, the call is refused. */
export type Throttle = (call: string) => boolean;

export function createThrottle(buckets: readonly Bucket[], clock: SimulatorClock): Throttle {
  const levels = new Map<Bucket, { tokens: number; at: number }>();
  const byCall = new Map(
    buckets.flatMap((bucket) => bucket.calls.map((call) => [call, bucket] as const)),
  );
  return (call) => {
    const bucket = byCall.get(call);
    if (!bucket) return false;
    const now = clock.now();
    const { tokens, at } = levels.get(bucket) ?? { tokens: bucket.burst, at: now };
    const level = Math.min(bucket.burst, tokens + ((now - at) / 1_000) * bucket.perSecond);
    const refused = level < 1;
    levels.set(bucket, { tokens: refused ? level : level - 1, at: now });
    return refused;
  };
}

// How fast ECS accepts calls: a token bucket per group of operations, for each account and region.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html

/** A bucket that these operations share. */
export interface ApiLimit {
  /** `ecs:UpdateService` */
  readonly operations: readonly string[];
  /** Calls that are accepted at once when the bucket is full. */
  readonly burst: number;
  /** Calls per second after that. */
  readonly perSecond: number;
}

/** Operations that the page does not list are not here. */
const apiLimits: readonly ApiLimit[] = [
  { operations: ["ecs:UpdateService"], burst: 50, perSecond: 5 },
  { operations: ["ecs:DescribeServices"], burst: 100, perSecond: 20 },
  {
    operations: ["ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments"],
    burst: 50,
    perSecond: 20,
  },
  { operations: ["ecs:DescribeServiceRevisions"], burst: 50, perSecond: 20 },
  { operations: ["ecs:RegisterTaskDefinition"], burst: 20, perSecond: 1 },
  { operations: ["ecs:DescribeTaskDefinition"], burst: 50, perSecond: 20 },
  { operations: ["ecs:DescribeTasks", "ecs:ListTasks"], burst: 100, perSecond: 20 },
  { operations: ["ecs:RunTask", "ecs:StopTask"], burst: 100, perSecond: 40 },
  { operations: ["ecs:DescribeClusters"], burst: 50, perSecond: 20 },
];

export function limitOf(operation: string): ApiLimit | undefined {
  return apiLimits.find(({ operations }) => operations.includes(operation));
}

/**
 * A tenth of each bucket is never used: calls do not arrive as evenly as they are sent, and a call
 * that comes a little too early must still find a token.
 */
export function usableBurst({ burst }: ApiLimit): number {
  return Math.floor(burst * 0.9);
}

/** Milliseconds until so many calls of one operation are sent, from a full bucket. */
export function callsTakeMilliseconds(operation: string, calls: number): number {
  const limit = limitOf(operation);
  if (!limit) return 0;
  return Math.max(0, Math.ceil(((calls - usableBurst(limit)) / limit.perSecond) * 1_000));
}

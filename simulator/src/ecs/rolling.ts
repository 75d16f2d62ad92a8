// What a rolling deployment may start and stop now. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html

export interface RollingView {
  readonly desired: number;
  /** Percent; AWS's defaults are 100 and 200. */
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /**
   * Tasks of the target that are not asked to stop, how many of them are healthy, and those that
   * ended but are not STOPPED yet.
   */
  readonly target: { readonly live: number; readonly good: number; readonly leaving?: number };
  readonly old: { readonly live: number; readonly good: number };
  /** Tasks that are stopping: until they have stopped, capacity may still become free. */
  readonly stopping: number;
  /** Early success: the old tasks are not needed any more. */
  readonly releaseOld?: boolean;
}

interface RollingPlan {
  readonly start: number;
  readonly stopOld: number;
  /** More tasks of the target than desired: the desired count was reduced. */
  readonly stopTarget: number;
  /** The percentages allow neither a start nor a stop. */
  readonly stuck: boolean;
}

/** minimumHealthyPercent rounds up, maximumPercent down. */
export function bounds(
  desired: number,
  minimumHealthyPercent: number,
  maximumPercent: number,
): { readonly lower: number; readonly upper: number } {
  return {
    lower: Math.ceil((desired * minimumHealthyPercent) / 100),
    upper: Math.floor((desired * maximumPercent) / 100),
  };
}

export function planRolling(view: RollingView): RollingPlan {
  const { lower, upper } = bounds(view.desired, view.minimumHealthyPercent, view.maximumPercent);
  const missing = Math.max(0, view.desired - view.target.live - (view.target.leaving ?? 0));
  // A service that only replaces its own failed tasks (no old tasks) always reaches its desired
  // count.
  const room =
    view.old.live === 0 ? missing : Math.max(0, upper - view.target.live - view.old.live);
  const start = Math.min(missing, room);
  const stopOld = oldToStop(view, lower, missing - start);
  return {
    start,
    stopOld,
    stopTarget: Math.max(0, view.target.live - view.desired),
    stuck:
      missing > 0 &&
      start === 0 &&
      stopOld === 0 &&
      view.stopping === 0 &&
      view.target.live === view.target.good,
  };
}

function oldToStop(view: RollingView, lower: number, stillMissing: number): number {
  const { target, old } = view;
  if (view.releaseOld || target.good >= view.desired) return old.live;
  const spare = Math.max(0, target.good + old.good - lower);
  const unhealthy = old.live - old.good;
  // Capacity for new tasks comes from unhealthy old ones first, then from those above the minimum.
  if (stillMissing > 0) return Math.min(old.live, stillMissing, unhealthy + spare);
  // Every new task is launched: unhealthy old ones are stopped, the others one by one as new ones
  // become healthy.
  return unhealthy + Math.min(old.good, spare, Math.max(0, target.good + old.good - view.desired));
}

// The steps of a service deployment, by strategy, and the tasks and traffic of each. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html

import type { DeploymentConfiguration, DeploymentLifecycleHookStage } from "@aws-sdk/client-ecs";
import type { RevisionState, RolloutState, ServiceState, Step } from "./state.ts";

const defaultLinearPercent = 10;
const defaultLinearBakeMinutes = 6;
const defaultCanaryPercent = 5;
const defaultCanaryBakeMinutes = 10;

export interface StepsContext {
  /** Revisions that are running when the deployment starts. */
  readonly sources: number;
  readonly testTraffic: boolean;
  /** How long ECS watches the alarms of a rolling deployment. */
  readonly alarmBake: number;
  /** How long a minute of the configuration is. */
  readonly minute: number;
  /** The first deployment of an Express Mode service has no bake time. */
  readonly isExpress: boolean;
  /** Load balancer and the like are still on their way. */
  readonly waitsForInfrastructure: boolean;
}

export function planSteps(
  configuration: DeploymentConfiguration,
  context: StepsContext,
): readonly Step[] {
  const strategy = configuration.strategy ?? "ROLLING";
  // A service's first deployment has nothing to shift away from.
  const steps =
    strategy === "ROLLING" || context.sources === 0
      ? rollingSteps(configuration, context)
      : stagedSteps(configuration, context);
  return context.waitsForInfrastructure ? [{ do: "infrastructure" }, ...steps] : steps;
}

function rollingSteps(
  configuration: DeploymentConfiguration,
  context: StepsContext,
): readonly Step[] {
  const configured = new Set(
    configuration.lifecycleHooks?.flatMap((hook) => hook.lifecycleStages ?? []),
  );
  const hooks = (stage: "PRE_SCALE_UP" | "POST_SCALE_UP"): readonly Step[] =>
    context.sources > 0 && configured.has(stage) ? [{ do: "hooks", hooks: stage, stage }] : [];
  const bake = rollingBake(configuration, context);
  return [
    ...hooks("PRE_SCALE_UP"),
    { do: "roll" },
    ...hooks("POST_SCALE_UP"),
    ...(bake > 0 ? [{ do: "wait", milliseconds: bake } as const] : []),
  ];
}

function rollingBake(configuration: DeploymentConfiguration, context: StepsContext): number {
  if (context.isExpress && context.sources === 0) return 0;
  if (configuration.bakeTimeInMinutes) return configuration.bakeTimeInMinutes * context.minute;
  return configuration.alarms?.enable && context.sources > 0 ? context.alarmBake : 0;
}

function stagedSteps(
  configuration: DeploymentConfiguration,
  context: StepsContext,
): readonly Step[] {
  const hooks = (
    stage: Exclude<DeploymentLifecycleHookStage, "PRE_PRODUCTION_TRAFFIC_SHIFT">,
  ): Step => ({
    do: "hooks",
    hooks: stage,
    stage,
  });
  const reconcile: readonly Step[] = [
    hooks("RECONCILE_SERVICE"),
    { do: "reconcile", stage: "RECONCILE_SERVICE" },
  ];
  const testTraffic: readonly Step[] = context.testTraffic
    ? [{ do: "testTraffic", stage: "TEST_TRAFFIC_SHIFT" }]
    : [];
  return [
    ...(context.sources > 1 ? reconcile : []),
    hooks("PRE_SCALE_UP"),
    { do: "scaleUp", stage: "SCALE_UP" },
    hooks("POST_SCALE_UP"),
    hooks("TEST_TRAFFIC_SHIFT"),
    ...testTraffic,
    hooks("POST_TEST_TRAFFIC_SHIFT"),
    ...productionSteps(configuration, context.minute),
    hooks("POST_PRODUCTION_TRAFFIC_SHIFT"),
    {
      do: "wait",
      milliseconds: (configuration.bakeTimeInMinutes ?? 0) * context.minute,
      stage: "BAKE_TIME",
    },
    { do: "cleanUp", stage: "CLEAN_UP" },
  ];
}

/** Hooks run before and at every shift of traffic; after the last shift there is no step bake. */
function productionSteps(configuration: DeploymentConfiguration, minute: number): readonly Step[] {
  const stage = "PRODUCTION_TRAFFIC_SHIFT";
  const { percents, bake } = trafficShares(configuration, minute);
  return percents.flatMap((percent, index): readonly Step[] => [
    { do: "hooks", hooks: "PRE_PRODUCTION_TRAFFIC_SHIFT", stage },
    { do: "hooks", hooks: stage, stage },
    { do: "productionTraffic", percent, stage },
    ...(index < percents.length - 1 ? [{ do: "wait", milliseconds: bake, stage } as const] : []),
  ]);
}

/** The production weights of the target, one after the other. */
export function trafficShares(
  configuration: DeploymentConfiguration,
  minute: number,
): {
  readonly percents: readonly number[];
  readonly bake: number;
} {
  if (configuration.strategy === "CANARY") {
    const {
      canaryPercent = defaultCanaryPercent,
      canaryBakeTimeInMinutes = defaultCanaryBakeMinutes,
    } = configuration.canaryConfiguration ?? {};
    return {
      percents: canaryPercent < 100 ? [canaryPercent, 100] : [100],
      bake: canaryBakeTimeInMinutes * minute,
    };
  }
  if (configuration.strategy === "LINEAR") {
    const { stepPercent = defaultLinearPercent, stepBakeTimeInMinutes = defaultLinearBakeMinutes } =
      configuration.linearConfiguration ?? {};
    const count = Math.ceil(100 / stepPercent);
    const percents = Array.from({ length: count }, (_, index) =>
      Math.min(100, Math.round((index + 1) * stepPercent * 10) / 10),
    );
    return { percents, bake: stepBakeTimeInMinutes * minute };
  }
  return { percents: [100], bake: 0 };
}

export function stepReached(rollout: RolloutState, work: Step["do"]): boolean {
  return (
    rollout.startedAt !== undefined &&
    rollout.steps.slice(0, rollout.step + 1).some((step) => step.do === work)
  );
}

/** How many tasks each revision should have now; a revision that is not named should have none. */
export function stagedTaskTargets(
  service: ServiceState,
  rollout: RolloutState,
  now: number,
  trafficShift: number,
): ReadonlyMap<RevisionState, number> {
  const { target, rollback } = rollout;
  const [blue, ...older] = rollout.sources;
  const aims = new Map<RevisionState, number>();
  const count = service.desiredCount;
  if (rollback) {
    aims.set(target, now - rollback.startedAt < trafficShift ? target.desired : 0);
    aims.set(rollback.to, count);
    return aims;
  }
  if (!stepReached(rollout, "reconcile")) for (const one of older) aims.set(one, one.desired);
  if (blue) aims.set(blue, stepReached(rollout, "cleanUp") ? 0 : count);
  aims.set(target, stepReached(rollout, "scaleUp") ? count : 0);
  return aims;
}

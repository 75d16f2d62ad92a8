// The lifecycle stages of a service deployment, in ECS's order. A staged strategy may skip some.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html

const lifecycleStages = [
  "RECONCILE_SERVICE",
  "PRE_SCALE_UP",
  "SCALE_UP",
  "POST_SCALE_UP",
  "TEST_TRAFFIC_SHIFT",
  "POST_TEST_TRAFFIC_SHIFT",
  "PRODUCTION_TRAFFIC_SHIFT",
  "POST_PRODUCTION_TRAFFIC_SHIFT",
  "BAKE_TIME",
  "CLEAN_UP",
] as const;

export type LifecycleStage = (typeof lifecycleStages)[number];

/** From here on the new tasks run; an earlier stage says nothing about them. */
export const stagesWithNewTasks: readonly LifecycleStage[] = lifecycleStages.slice(
  lifecycleStages.indexOf("POST_SCALE_UP"),
);

/** `current` is this stage or a later one. A stage that is not in the list counts as earlier. */
export function isAtOrAfter(current: string | undefined, stage: LifecycleStage): boolean {
  const inOrder: readonly (string | undefined)[] = lifecycleStages;
  return inOrder.indexOf(current) >= inOrder.indexOf(stage);
}

/** `BAKE_TIME` → `bake-time` */
export function stageInputValue(stage: string): string {
  return stage.toLowerCase().replaceAll("_", "-");
}

// Tasks none of which has reached RUNNING: their state, and what that state waits for. PURE.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html

import type { ServiceTask } from "../ecs/service-task.ts";

interface StuckTasks {
  readonly name: string;
  readonly cause: string;
  readonly remedy: string;
}

/** undefined: a task runs, there is none, or its state gives no hint. */
export function describeUnstartedTasks(liveTasks: readonly ServiceTask[]): StuckTasks | undefined {
  const [task] = liveTasks;
  if (!task) return undefined;
  const stuck = liveTasks.every(({ lastStatus }) => lastStatus === "PROVISIONING")
    ? describeProvisioning(task)
    : describePulling(liveTasks);
  const count = liveTasks.length === 1 ? "1 task is" : `${liveTasks.length} tasks are`;
  return stuck && { ...stuck, cause: `${count} ${stuck.cause}` };
}

function describeProvisioning({ launchType, capacityProvider, isPlaced }: ServiceTask): StuckTasks {
  const isFargate = launchType === "FARGATE" || capacityProvider?.startsWith("FARGATE") === true;
  if (isFargate || isPlaced)
    return {
      name: "stuck-in-provisioning",
      cause:
        "in PROVISIONING: AWS has not made the network interface (or the storage) ready; ECS " +
        "reported no reason.",
      remedy:
        "Check that the service's subnets have free addresses and the account is below its " +
        "limit for network interfaces; then deploy again.",
    };
  const provider =
    capacityProvider === undefined ? "" : ` of the capacity provider ${capacityProvider}`;
  return {
    name: "waiting-for-capacity",
    cause: `in PROVISIONING: ECS waits for a container instance with enough free resources${provider}.`,
    remedy:
      "Look at the Auto Scaling group of the capacity provider: whether managed scaling is on, " +
      "its maximum size, and why launches fail (Activity); and whether its instance type has " +
      "the CPU and memory that the task asks for.",
  };
}

function describePulling(liveTasks: readonly ServiceTask[]): StuckTasks | undefined {
  if (!liveTasks.every(({ isPulling }) => isPulling === true)) return undefined;
  return {
    name: "still-pulling",
    cause: "PENDING: the images are still being pulled.",
    remedy:
      "A large image takes long: make it smaller, or raise wait-for-minutes. If the pull " +
      "should be fast, check the network path to the registry and, for ECR, the S3 gateway " +
      "endpoint.",
  };
}

// The container whose log is read. Types only.

import type { ServiceTask, TaskContainer } from "../ecs/service-task.ts";

export interface FailedContainer {
  readonly task: ServiceTask;
  readonly container: TaskContainer;
}

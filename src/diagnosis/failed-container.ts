// The container whose log is read. Types only.

import type { ServiceTask, TaskContainer } from "../ecs/service-task.ts";

export interface Speaker {
  readonly task: ServiceTask;
  readonly container: TaskContainer;
}

// ECS of the simulator, called by the name of the operation: no HTTP, no credentials.

import { type CallContext, createSimulator, type Simulator } from "ecs-simulator";
import { VirtualClock } from "ecs-simulator/clock";
import { scriptedRunner } from "ecs-simulator/tasks";

/** The simulator's root user. */
export const rootContext: CallContext = {
  principal: { accountId: "123456789012", arn: "arn:aws:iam::123456789012:root", accessKeyId: "" },
  host: "localhost",
  requestId: "test",
};

export interface SimulatedEcs {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  /** Throws what ECS would answer as an error. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
  readonly call: (operation: string, input: object) => any;
}

/** An account in us-east-1 with the cluster `shop`, on a virtual clock; its tasks just run. */
export function simulateEcs(): SimulatedEcs {
  const clock = new VirtualClock();
  const simulator = createSimulator({ clock, runner: scriptedRunner({ clock }) });
  simulator.ecs.createCluster("shop");
  return {
    clock,
    simulator,
    call(operation, input) {
      const found = simulator.ecs.service.operations[operation];
      if (!found) throw new Error(`no operation ${operation}`);
      return found(input, rootContext);
    },
  };
}

// A stage on which one-off tasks are scripted, and the tasks of the service run.

import { type Behaviour, runs, type TaskLaunch } from "ecs-simulator/tasks";
import { movesOf, revisionOf } from "./changes.ts";
import { type Play, type Stage, type StageOptions, setStage } from "./stage.ts";

export const alembic = { "pre-deploy-command": "alembic upgrade head" };

export function migrating(
  behaviour: Behaviour | ((launch: TaskLaunch) => Behaviour),
  options: StageOptions = {},
): Promise<Stage> {
  const task = typeof behaviour === "function" ? behaviour : () => behaviour;
  return setStage({
    ...options,
    tasks: (launch) => (launch.serviceName === undefined ? task(launch) : runs()),
  });
}

/** What moved in AWS up to and after the registration: no UpdateService if the service is untouched. */
export function movesOfEcs(play: Play): readonly string[] {
  return movesOf(play).filter((move) => move.startsWith("ecs:"));
}

export function isUntouched(stage: Stage, play: Play): boolean {
  return (
    revisionOf(stage) === "clockko-backend:1" &&
    !play.calls.some((call) => call.includes("UpdateService"))
  );
}

interface Described {
  readonly taskArn: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
}

/** Every task of the world that belongs to no service. */
export function oneOffTasks({ simulator }: Stage): readonly Described[] {
  const principal = {
    accountId: simulator.accountId,
    arn: "arn:aws:iam::123456789012:root",
    accessKeyId: "test",
  };
  const context = { principal, host: "localhost", requestId: "onlooker" };
  const call = <Answer>(operation: string, input: object) =>
    simulator.ecs.service.operations[operation]?.(input, context) as Answer;
  const tasks = (["RUNNING", "STOPPED"] as const).flatMap(
    (desiredStatus) =>
      call<{ taskArns: string[] }>("ListTasks", {
        cluster: "clockko",
        family: "clockko-backend",
        desiredStatus,
      }).taskArns,
  );
  return call<{ tasks: (Described & { startedBy?: string })[] }>("DescribeTasks", {
    cluster: "clockko",
    tasks,
  }).tasks.filter(({ startedBy }) => startedBy?.startsWith("deploy-ecs/"));
}

// What a play moved in the world, and what others move in it meanwhile.

import type { Play, Stage } from "./stage.ts";

type Members = Readonly<Record<string, unknown>>;

const moving =
  /^(ecr:PutImage|ecs:(RegisterTaskDefinition|UpdateService|StopServiceDeployment|ContinueServiceDeployment|RunTask))/;

/** Every call and command that changed something, in order; [] when all is as it was. */
export function movesOf({ calls, dockerCommands }: Play): readonly string[] {
  return [
    ...calls.filter((call) => moving.test(call)),
    ...dockerCommands.filter((line) => /\b(--)?push\b/.test(line)),
  ];
}

/** The inputs with which one operation was called, `ecs:UpdateService`. */
export function inputsOf({ simulator }: Stage, call: string): readonly Members[] {
  return simulator.calls
    .filter(({ service, operation }) => `${service}:${operation}` === call)
    .map(({ input }) => input as Members);
}

/** The task definition that a service is steered to, `clockko-backend:2`. */
export function revisionOf({ simulator }: Stage, service = "clockko-backend"): string | undefined {
  return simulator.ecs
    .describeService({ cluster: "clockko", service })
    .taskDefinition?.split("/")
    .at(-1);
}

/** An ECS operation of another user; it is not among the calls of the play. */
export function byAnotherUser<Answer = Members>(
  { simulator }: Stage,
  operation: string,
  input: Members,
): Answer {
  const principal = {
    accountId: simulator.accountId,
    arn: "arn:aws:iam::123456789012:root",
    accessKeyId: "test",
  };
  const context = { principal, host: "localhost", requestId: "another-user" };
  return simulator.ecs.service.operations[operation]?.(input, context) as Answer;
}

interface Deployments {
  readonly serviceDeployments: readonly {
    readonly serviceDeploymentArn: string;
    readonly status: string;
  }[];
}

/** Every service deployment there ever was, newest first; the first one is how the service was created. */
export function deploymentsOf(stage: Stage): Deployments["serviceDeployments"] {
  const of = { cluster: "clockko", service: "clockko-backend" };
  return byAnotherUser<Deployments>(stage, "ListServiceDeployments", of).serviceDeployments;
}

/** A role from before service deployments: only the deployments of DescribeServices can be read. */
export function denyServiceDeployments({ simulator }: Stage): void {
  const denied = (action: string) =>
    ({
      kind: "error",
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::123456789012:assumed-role/clockko-gha-role/deploy-ecs-42 is not authorized to perform: ${action} on resource: arn:aws:ecs:us-east-1:123456789012:service/clockko/clockko-backend because no identity-based policy allows the ${action} action`,
    }) as const;
  for (const action of [
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
  ])
    simulator.faults.add(action, denied(action), 1_000);
}

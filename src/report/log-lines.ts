// The lines with which parts of the log end, PURE: what was found, why it failed, how it ended.

import type { Change } from "../plan/diff.ts";
import type { ObservedService } from "../plan/observed.ts";
import type { Observed } from "../plan/plan.ts";
import type { Diagnosis } from "../rollout/diagnosis.ts";
import { describeService as describeServiceEnd, headlineOf } from "./headline.ts";
import type { Outcome } from "./outcome.ts";
import { formatDuration, mayTellValues, shortRevision } from "./wording.ts";

/** `service clockko-backend runs clockko-backend:1 (1 of 1 tasks); repository clockko-backend; tag 1.2 not there yet` */
export function describeFindings({ services, repository, tags, ready }: Observed, given: string | undefined): string {
  return [
    ...services.map(({ name, observed }) => (observed ? describeService(observed) : `service ${name} not found`)),
    ...(given === undefined
      ? [
          repository ? `repository ${repository.name}` : "repository not found",
          ...Object.entries(tags).map(([tag, image]) => `tag ${tag} ${image ? "is there already" : "not there yet"}`),
        ]
      : [`image ${given} ${ready ? `is there (${ready.digest})` : "not found"}`]),
  ].join("; ");
}

function describeService({ name, taskDefinitionArn, runningCount, desiredCount }: ObservedService): string {
  return `service ${name} runs ${shortRevision(taskDefinitionArn)} (${runningCount} of ${desiredCount} tasks)`;
}

export function describeChange(change: Change): string {
  return mayTellValues(change) ? `${change.path}: ${change.from} → ${change.to}` : `${change.path} changed`;
}

/** Everything that was found out; the cause last, where the eye falls. */
export function describeDiagnosis(service: string, diagnosis: Diagnosis): string[] {
  const { stopReasons, otherCauses, findings, logTail, missing, cause } = diagnosis;
  return [
    ...stopReasons.map(({ reason, count }) => `${count} × ${reason}`),
    ...(logTail && logTail.lines.length > 0
      ? [
          `last words of container ${logTail.container}, task ${logTail.taskId}:`,
          ...logTail.lines.map((line) => `  | ${line}`),
        ]
      : []),
    ...otherCauses.map((other) => `${other.count} × ${other.cause}`),
    ...findings,
    ...missing.map((piece) => `could not be looked up: ${piece}`),
    `${service}: ${cause}`,
  ];
}

/** Printed after the last group, for GitHub shows groups folded; the headline last. The cause itself follows as the error. */
export function describeEnd(outcome: Outcome): string[] {
  const { services, reasonCode, startedAt, endedAt } = outcome;
  const several = services.length > 1;
  return [
    ...services.flatMap((service) => {
      const { consoleUrl: url } = service;
      if (several) return `${describeServiceEnd(service, outcome)}  ${url ?? ""}`.trimEnd();
      return url === undefined ? [] : `In the AWS console:  ${url}`;
    }),
    `outcome: ${outcome.outcome} (${reasonCode}) after ${formatDuration(endedAt - startedAt)}`,
    headlineOf(outcome),
  ];
}

// What became known during a run, written down as it happens: a run that fails half-way still has it to show.
import type { OurDeployment } from "../ecs/deployment.ts";
import type { ObservedService } from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import type { ServicePlan } from "../plan/service-plan.ts";
import { deploymentsUrl } from "../text/console-links.ts";
import type { Conclusion } from "./conclusion.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { ProvidedImage } from "./image.ts";
import {
  isPass,
  type Outcome,
  type OutcomeName,
  type Phase,
  type Progress,
  type ReasonCode,
  type ServiceOutcome,
  type TaskOutcome,
  type TerraformOutcome,
} from "./outcome.ts";
import type { RolloutEnd } from "./rollout-end.ts";
import { runningRevisions } from "./running-now.ts";

export interface ServiceEntry {
  readonly plan: ServicePlan;
  taskDefinitionArn?: string;
  deployment?: OurDeployment;
  conclusion?: Conclusion | undefined;
  /** How its rollout went, where one was watched to its end. */
  end?: RolloutEnd;
  diagnosis?: Diagnosis;
  /** An update is on its way, or was, and whether ECS accepted it is unknown. */
  updateSent?: boolean;
  /** Read again without a rollout of ours. */
  seenLater?: ObservedService;
  /** The way back with the others, once it has begun. */
  takenBack?: ServiceEntry;
}

/** A service at the beginning of its run: one that is settled has its revision already. */
export function newService(plan: ServicePlan): ServiceEntry {
  return plan.upToDate ? { plan, taskDefinitionArn: plan.reuseArn } : { plan };
}

/** A service that was asked for did not end well. */
export function hasFailed({ services }: Pick<Journal, "services">): boolean {
  return services.some(({ conclusion }) => conclusion && !isPass(conclusion.outcome));
}

export type TaskEntry = { -readonly [Member in keyof TaskOutcome]: TaskOutcome[Member] };

export interface Journal {
  readonly startedAt: number;
  /** Where docs/errors.md can be read. */
  readonly errorsPage: string;
  region: string;
  /** Host of the region's console; undefined where it is not known. */
  console: string | undefined;
  /** The run was asked to roll back. */
  rollback?: true;
  readonly phases: Phase[];
  image?: ProvidedImage;
  /** `cluster/service` of every service that the inputs name, each once; absent: the run did not come that far. */
  asked?: readonly string[];
  services: readonly ServiceEntry[];
  readonly tasks: TaskEntry[];
  terraform?: TerraformOutcome;
  /** Of a dry run: what would have been done. */
  plan?: readonly string[];
}

export function newJournal(startedAt: number, errorsPage: string): Journal {
  return {
    startedAt,
    errorsPage,
    region: "",
    console: undefined,
    phases: [],
    services: [],
    tasks: [],
  };
}

/**
 * The journal as an Outcome, PURE. `error`: what ended the run before every service had its conclusion. Without one the step passes only
 * if every service that was asked for has exactly one.
 */
export function outcomeOf(journal: Journal, endedAt: number, error?: DeployError): Outcome {
  const outcome = judgeJournal(journal, endedAt, error);
  const lost = outcome.passes ? unconcluded(journal) : [];
  return lost.length === 0 ? outcome : judgeJournal(journal, endedAt, withoutConclusion(lost));
}

/** Services that were asked for and have no conclusion, or more than one; and conclusions on services that nobody asked for. */
function unconcluded({ asked = [], services }: Journal): readonly string[] {
  const concluded = services.flatMap(({ plan, conclusion }) =>
    conclusion ? [`${plan.service.clusterName}/${plan.service.name}`] : [],
  );
  const once = (key: string) => concluded.filter((other) => other === key).length === 1;
  return [...asked.filter((key) => !once(key)), ...concluded.filter((key) => !asked.includes(key))];
}

function withoutConclusion(services: readonly string[]): DeployError {
  return new DeployError({
    code: "Bug",
    message: `deploy-ecs does not know what became of ${services.join(", ")}: there is not exactly one conclusion on each.`,
    hint: "Look at these services in the console, and report this to the maintainers of deploy-ecs, with the log of this run.",
  });
}

function judgeJournal(journal: Journal, endedAt: number, error?: DeployError): Outcome {
  const services = journal.services.map((entry) => serviceOutcome(entry, journal, error));
  const worst =
    services.find(({ outcome, tolerated }) => !isPass(outcome) && !tolerated) ??
    services.find(({ outcome }) => !isPass(outcome));
  const best = services.some(({ outcome }) => outcome === "succeeded")
    ? services.find(({ outcome }) => outcome === "succeeded")
    : services[0];
  const deciding = worst ?? best;
  const known = {
    errorsPage: journal.errorsPage,
    rollback: journal.rollback,
    services,
    region: journal.region,
    console: journal.console,
    phases: journal.phases,
    startedAt: journal.startedAt,
    endedAt,
    image: journal.image,
    ...(journal.tasks.length > 0 && { tasks: journal.tasks }),
    ...(journal.plan && { plan: journal.plan }),
    ...(journal.terraform && { terraform: journal.terraform }),
  };
  if (error)
    return {
      ...known,
      outcome: outcomeOfError(error),
      passes: false,
      reasonCode: error.code,
      problem: detailsOf(error),
    };
  const problem = worst && problemOf(services);
  return {
    ...known,
    outcome: deciding?.outcome ?? (journal.plan ? "planned" : "unchanged"),
    passes: services.every(({ outcome, tolerated }) => isPass(outcome) || tolerated === true),
    reasonCode: deciding?.reasonCode ?? (journal.plan ? "Planned" : "Unchanged"),
    ...(problem && { problem }),
  };
}

/** Several services may fail in one step: one annotation tells of all, under the code of one that fails the step. */
function problemOf(services: readonly ServiceOutcome[]): Outcome["problem"] {
  const byWeight = services.toSorted(
    (one, other) => Number(one.tolerated ?? false) - Number(other.tolerated ?? false),
  );
  const problems = byWeight.flatMap(({ problem }) => problem ?? []);
  const [first, ...others] = problems;
  if (!first || others.length === 0) return first;
  return {
    code: first.code,
    message: problems.map(({ message }) => message).join("\n\n"),
    hint: [...new Set(problems.flatMap(({ hint }) => hint ?? []))].join("\n"),
  };
}

function serviceOutcome(
  entry: ServiceEntry,
  { region, console }: Pick<Journal, "region" | "console">,
  error: DeployError | undefined,
): ServiceOutcome {
  const { plan, taskDefinitionArn, deployment, conclusion, end, diagnosis } = entry;
  const place = { region, console, cluster: plan.service.clusterName, service: plan.service.name };
  const outcome = conclusion?.outcome ?? (error ? outcomeOfError(error) : "unchanged");
  return {
    cluster: place.cluster,
    service: place.service,
    outcome,
    reasonCode:
      conclusion?.reasonCode ?? conclusion?.problem?.code ?? error?.code ?? reasonOfPass(outcome),
    previousTaskDefinitionArn: plan.previousTaskDefinitionArn,
    consoleUrl: deploymentsUrl(place),
    progress: progressOf(entry),
    runningNow: runningNow(entry),
    takenBack: entry.takenBack && takenBackAs(conclusion),
    changes: plan.changes,
    taskDefinitionArn,
    ...(deployment && { deploymentId: deployment.id }),
    ...(deployment?.serviceDeploymentArn !== undefined && {
      serviceDeploymentArn: deployment.serviceDeploymentArn,
    }),
    ...(end && { end }),
    ...(diagnosis && { diagnosis }),
    ...(conclusion?.problem && { problem: conclusion.problem }),
    ...(conclusion?.tolerated && { tolerated: true }),
  };
}

function progressOf({ deployment, updateSent, taskDefinitionArn, plan }: ServiceEntry): Progress {
  if (deployment) return "updated";
  if (updateSent) return "update-sent";
  return taskDefinitionArn !== undefined && !plan.upToDate ? "registered" : "untouched";
}

function takenBackAs(conclusion: Conclusion | undefined): ServiceOutcome["takenBack"] {
  if (!conclusion) return "in-progress";
  return conclusion.outcome === "rolled-back" ? "succeeded" : "failed";
}

/** What was seen last, if nothing of ours can have changed it since. */
function runningNow({ plan, deployment, updateSent, end, seenLater, takenBack }: ServiceEntry) {
  if (takenBack) return runningRevisions(takenBack.end?.snapshot.service);
  if (end) return runningRevisions(end.snapshot.service);
  return deployment || updateSent ? undefined : runningRevisions(seenLater ?? plan.service);
}

function outcomeOfError({ code }: DeployError): OutcomeName {
  return code === "Cancelled" ? "cancelled" : "failed";
}

function reasonOfPass(outcome: OutcomeName): ReasonCode {
  if (outcome === "succeeded") return "Succeeded";
  return outcome === "planned" ? "Planned" : "Unchanged";
}

function detailsOf({ code, message, hint, at }: DeployError) {
  return { code, message, ...(hint !== undefined && { hint }), ...(at && { at }) };
}

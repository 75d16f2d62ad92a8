// The plan of a task of its own, PURE: what is registered, where the task runs, in which container.

import { resourceId } from "../ecs/arn.ts";
import { asDeployError, DeployError, type DeployErrorDetails } from "../errors.ts";
import { type RunTaskInputs, toRevisionInputs } from "../inputs/run-task-inputs.ts";
import { definedOnly, type JsonObject, stringOf } from "../json.ts";
import { checkTargets, toSingleError } from "./check-targets.ts";
import { inactiveCluster } from "./checks.ts";
import { blockingProblems, type PlanFinding } from "./findings.ts";
import type { ObservedRevision, ObservedTaskPlace } from "./observed.ts";
import { planRegister, type RegisterPlan } from "./plan-register.ts";
import { placeOfService, type TaskPlace } from "./service/task.ts";
import { containerNamesOf, quotedList } from "./task-definition/containers.ts";
import type { RevisionDraft } from "./task-definition/draft.ts";

interface OneOffTaskPlan extends RegisterPlan {
  readonly place: TaskPlace;
  readonly container: string;
}

/** @throws DeployError with everything that makes it impossible */
export function planOneOffTask(
  inputs: RunTaskInputs,
  observed: ObservedRevision,
  draft: RevisionDraft | undefined,
  at: ObservedTaskPlace,
): OneOffTaskPlan {
  const place = placeOf(inputs, observed, at, draft?.definition ?? {});
  const checked = checkPlace(observed, at);
  const register = planOrProblem(() =>
    planRegister(toRevisionInputs(inputs), observed, draft, place.settings),
  );
  const problems = [...blockingProblems(checked), ...(draft ? checkNetwork(draft, place) : [])];
  if ("problem" in register)
    throw toSingleError([...problems, register.problem]) ?? new DeployError(register.problem);
  const { plan } = register;
  const { container, problem } = chooseContainer(inputs, plan);
  const error = toSingleError([...problems, ...(problem ? [problem] : [])]);
  if (error) throw error;
  return { ...plan, findings: [...checked, ...plan.findings], place, container };
}

/** A problem with the revision is reported together with all others. */
function planOrProblem(
  work: () => RegisterPlan,
): { readonly plan: RegisterPlan } | { readonly problem: DeployErrorDetails } {
  try {
    return { plan: work() };
  } catch (error) {
    const { code, message, hint } = asDeployError(error);
    return { problem: { code, message, hint } };
  }
}

function placeOf(
  inputs: RunTaskInputs,
  { region, accountId, partition }: ObservedRevision,
  { services: [named] }: ObservedTaskPlace,
  definition: JsonObject,
): TaskPlace {
  if (named?.observed) return placeOfService(named.observed);
  const clusterName = named?.cluster ?? resourceId(inputs.cluster);
  return {
    clusterName,
    clusterArn: `arn:${partition}:ecs:${region}:${accountId}:cluster/${clusterName}`,
    settings: taskSettings(inputs, definition),
  };
}

function taskSettings(inputs: RunTaskInputs, definition: JsonObject): JsonObject {
  const { subnets, securityGroups, assignPublicIp, capacityProviderStrategy } = inputs;
  const awsvpcConfiguration = {
    subnets,
    ...definedOnly({
      securityGroups: securityGroups.length > 0 ? securityGroups : undefined,
      assignPublicIp,
    }),
  };
  return definedOnly({
    networkConfiguration: subnets.length > 0 ? { awsvpcConfiguration } : undefined,
    capacityProviderStrategy,
    launchType: capacityProviderStrategy ? undefined : launchTypeOf(inputs, definition),
  });
}

/** Without one ECS takes the cluster's default strategy, or EC2, on which this task cannot run. */
function launchTypeOf(
  { launchType }: RunTaskInputs,
  { requiresCompatibilities }: JsonObject,
): string | undefined {
  if (launchType !== undefined || !Array.isArray(requiresCompatibilities)) return launchType;
  if (requiresCompatibilities.length === 1 && requiresCompatibilities[0] === "FARGATE")
    return "FARGATE";
  return undefined;
}

/** The deployment controller of the service does not matter: the service is not changed. */
function checkPlace(
  location: ObservedRevision,
  { services, clusters }: ObservedTaskPlace,
): readonly PlanFinding[] {
  if ("error" in clusters)
    return [
      { severity: "not-checked", what: "whether the cluster is ACTIVE", why: clusters.error },
    ];
  const inactive = Object.entries(clusters.value).filter(([, status]) => status !== "ACTIVE");
  if (inactive.length > 0)
    return inactive.map(([name, status]) => inactiveCluster(name, status, location.region));
  return checkTargets({
    location,
    repositoryName: undefined,
    repository: undefined,
    templateError: undefined,
    services,
    movesToEcs: () => true,
  }).map((problem): PlanFinding => ({ severity: "refuse", ...problem }));
}

const nothingStarted = "No task was started, and nothing was registered.";

function checkNetwork(
  { definition: { networkMode }, label }: RevisionDraft,
  { settings }: TaskPlace,
): readonly DeployErrorDetails[] {
  const hasNetwork = Boolean(settings.networkConfiguration);
  const definition = `The task definition ${label}`;
  if (networkMode === "awsvpc" && !hasNetwork)
    return [
      {
        code: "InvalidInput",
        message: `Input subnets: required. ${definition} has the network mode awsvpc.`,
        hint:
          `${nothingStarted} Give \`subnets\` (and \`security-groups\`), or \`service\`, whose ` +
          "network the task then gets.",
      },
    ];
  if (networkMode === "awsvpc" || !hasNetwork) return [];
  return [
    {
      code: "InvalidInput",
      message:
        `${definition} has the network mode ${stringOf(networkMode) ?? "bridge"}: ECS accepts ` +
        "subnets only with awsvpc.",
      hint: `${nothingStarted} Remove \`subnets\`, or name a service with the same network mode.`,
    },
  ];
}

/** The container that runs the command, and whose exit code counts. */
function chooseContainer(
  { containerName: [requested] }: RunTaskInputs,
  { definition, draft }: RegisterPlan,
): { readonly container: string; readonly problem: DeployErrorDetails | undefined } {
  const names = containerNamesOf(definition);
  const [first, ...others] = draft.containers;
  const container = requested ?? first ?? names[0] ?? "";
  const isChosen = requested !== undefined || (first !== undefined && others.length === 0);
  if ((isChosen && names.includes(container)) || names.length === 1)
    return { container, problem: undefined };
  const message =
    requested === undefined
      ? `The task definition has several containers: ${quotedList(names)}.`
      : `The task definition has no container "${requested}"; it has ${quotedList(names)}.`;
  return {
    container,
    problem: {
      code: "ContainerNotFound",
      message,
      hint: `${nothingStarted} Name the one that runs the command in \`container-name\`.`,
    },
  };
}

// The post step: finishes what main could not, because it was killed or its time was over, and says what goes on. Safe to run twice.

import { tmpdir } from "node:os";
import type { AwsSurroundings, SignInInputs } from "./aws/authenticate.ts";
import { consoleHost } from "./aws/partitions.ts";
import { signInForPost } from "./aws/post-session.ts";
import { type LeftBehind, nameOf, seeTo, unknown } from "./deployment/left-behind.ts";
import { asDeployError } from "./errors.ts";
import { removeDockerConfig } from "./image/docker-config.ts";
import type { InputSpec } from "./inputs/input-spec.ts";
import { cancelInput, credentialInputs } from "./inputs/post-inputs.ts";
import type { Reporter } from "./reporter/reporter.ts";
import { type PostState, readPostState } from "./runtime/post-state.ts";
import type { TaskUnderWay } from "./runtime/runtime.ts";
import { finishTerraform } from "./terraform/post-step.ts";
import { type ConsolePlace, deploymentsUrl, tasksUrl, taskUrl } from "./text/console-links.ts";

const postInputs = { ...credentialInputs, ...cancelInput };

export interface PostWorld extends AwsSurroundings {
  readonly reporter: Pick<Reporter, "info" | "warning">;
  /** The text of an input, "" if it was not given. */
  readonly inputText: (name: string) => string;
}

/** Never rejects, and never fails the step: what it cannot do is told. */
export async function post(world: PostWorld): Promise<void> {
  const { environment, reporter } = world;
  const state = readPostState(environment, environment.RUNNER_TEMP || tmpdir());
  const unreadable = state.unreadable.map((name) => `STATE_${name}`).join(", ");
  if (state.main === "none") {
    const why =
      unreadable === ""
        ? "has left no state"
        : `has left no state that can be read (${unreadable})`;
    reporter.info(`The main step ${why}, so the post step does nothing.`);
    return;
  }
  if (unreadable !== "")
    reporter.info(`Left alone, for this version of deploy-ecs has not written it: ${unreadable}.`);
  const { privateFolder, terraform } = state;
  if (privateFolder !== undefined)
    await attempt(`remove ${privateFolder}`, () => removeDockerConfig(privateFolder), reporter);
  await attempt(
    "see to what the main step has left in ECS",
    () => seeToEcs(state, world),
    reporter,
  );
  if (terraform)
    await attempt("finish Terraform", () => finishTerraform(terraform, world), reporter);
}

async function attempt(
  what: string,
  work: () => Promise<void>,
  reporter: PostWorld["reporter"],
): Promise<void> {
  try {
    await work();
  } catch (error) {
    reporter.warning(`The post step could not ${what}: ${asDeployError(error).message}`);
  }
}

/**
 * A main that has told its end has also told what goes on; then only the rollback is left to see to, where on-cancel asks for one and
 * ECS has not confirmed it.
 */
async function seeToEcs(state: PostState, world: PostWorld): Promise<void> {
  const { reporter } = world;
  const rollBack =
    state.cancelled && cancelInput["on-cancel"].parse(textOf("on-cancel", world)) !== "leave";
  const told = state.main === "ended";
  const rollouts = told
    ? state.rollouts.filter(({ rollbackRequested }) => rollBack && !rollbackRequested)
    : state.rollouts;
  const tasks = told ? [] : state.tasks;
  if (!told && rollouts.length + tasks.length === 0)
    reporter.info(
      "The main step ended before it could report. It has left no word of a deployment that is under way.",
    );
  const fates = rollouts.length === 0 ? [] : await look(rollouts, rollBack, world);
  const over = fates.filter(({ goesOn }) => !goesOn);
  for (const fate of over) reporter.info(describe(fate, world));
  const goOn = [
    ...fates.filter(({ goesOn }) => goesOn).map((fate) => describe(fate, world)),
    ...tasks.map((task) => describeTask(task, world)),
  ];
  if (goOn.length === 0) return;
  reporter.warning(
    [...(told ? [] : ["The main step ended before it could report."]), ...goOn].join("\n"),
  );
}

async function look(
  rollouts: PostState["rollouts"],
  rollBack: boolean,
  world: PostWorld,
): Promise<readonly LeftBehind[]> {
  try {
    const ecs = await signInForPost(readCredentialInputs(world), world);
    return await seeTo(rollouts, { ecs, clock: world.clock, rollBack });
  } catch (error) {
    return rollouts.map((rollout) => ({ rollout, ...unknown(rollout, rollBack, error) }));
  }
}

function readCredentialInputs(world: PostWorld): SignInInputs {
  const text = (name: keyof typeof credentialInputs) => textOf(name, world);
  return {
    roleToAssume: credentialInputs["role-to-assume"].parse(text("role-to-assume")),
    awsRegion: credentialInputs["aws-region"].parse(text("aws-region")),
    audience: credentialInputs.audience.parse(text("audience")),
    roleSessionName: credentialInputs["role-session-name"].parse(text("role-session-name")),
    roleDurationSeconds: credentialInputs["role-duration-seconds"].parse(
      text("role-duration-seconds"),
    ),
    inlineSessionPolicy: credentialInputs["inline-session-policy"].parse(
      text("inline-session-policy"),
    ),
    managedSessionPolicies: credentialInputs["managed-session-policies"].parse(
      text("managed-session-policies"),
    ),
    allowedAccountIds: credentialInputs["allowed-account-ids"].parse(text("allowed-account-ids")),
  };
}

function textOf(name: keyof typeof postInputs, { inputText }: PostWorld): string {
  const spec: InputSpec<unknown> = postInputs[name];
  return inputText(name).trim() || (spec.default ?? "");
}

function describe({ rollout, says, goesOn }: LeftBehind, world: PostWorld): string {
  const { cluster, service } = rollout;
  const where = goesOn ? deploymentsUrl({ ...consolePlace(world), cluster, service }) : undefined;
  return [`${nameOf(rollout)}: ${says}`, where].filter(Boolean).join(" ");
}

/** Whether it still runs is not looked up: what counts is what it has done by its end. */
function describeTask({ moment, cluster, service, arn }: TaskUnderWay, world: PostWorld): string {
  const place = { ...consolePlace(world), cluster };
  const what =
    arn === undefined
      ? `The ${moment} task of ${service} was being started when the main step ended, and may run.`
      : `The ${moment} task of ${service} was running when the main step ended, and nobody watches it: ${arn}.`;
  const where =
    arn === undefined
      ? tasksUrl({ ...place, service })
      : taskUrl(place, arn.split("/").at(-1) ?? "");
  return [what, "Do not run the job again before you know that it has ended.", where]
    .filter(Boolean)
    .join(" ");
}

function consolePlace(world: PostWorld): ConsolePlace {
  const region = textOf("aws-region", world);
  return { region, console: consoleHost(region) };
}

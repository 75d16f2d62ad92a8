// The post step: finishes what main could not, because it was killed or its time was over, and says what goes on. Safe to run twice.

import { tmpdir } from "node:os";
import type { AwsSurroundings, SignInInputs } from "./aws/authenticate.ts";
import { consoleHost } from "./aws/partitions.ts";
import { signInForPost } from "./aws/post-session.ts";
import { asDeployError } from "./errors.ts";
import { removeDockerConfig } from "./image/docker-config.ts";
import { cancelInput, credentialInputs } from "./inputs/post-inputs.ts";
import type { InputSpec } from "./inputs/schema.ts";
import { type PostState, readPostState } from "./post-state.ts";
import { deploymentsUrl } from "./report/links.ts";
import type { Reporter } from "./report/reporter.ts";
import { type LeftBehind, nameOf, seeTo, unknown } from "./rollout/left-behind.ts";
import { finishTerraform } from "./terraform/leftover.ts";

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
    const why = unreadable === "" ? "has left no state" : `has left no state that can be read (${unreadable})`;
    reporter.info(`The main step ${why}, so the post step does nothing.`);
    return;
  }
  if (unreadable !== "") reporter.info(`Left alone, for this version of deploy-ecs has not written it: ${unreadable}.`);
  const { privateFolder, terraform } = state;
  if (privateFolder !== undefined)
    await attempt(`remove ${privateFolder}`, () => removeDockerConfig(privateFolder), reporter);
  await attempt("see to the deployments of the main step", () => seeToRollouts(state, world), reporter);
  if (terraform) await attempt("finish Terraform", () => finishTerraform(terraform, world), reporter);
}

async function attempt(what: string, work: () => Promise<void>, reporter: PostWorld["reporter"]): Promise<void> {
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
async function seeToRollouts(state: PostState, world: PostWorld): Promise<void> {
  const { reporter } = world;
  const rollBack = state.cancelled && cancelInput["on-cancel"].parse(textOf("on-cancel", world)) !== "leave";
  const told = state.main === "ended";
  const rollouts = told
    ? state.rollouts.filter(({ rollbackRequested }) => rollBack && !rollbackRequested)
    : state.rollouts;
  if (!told && rollouts.length === 0)
    reporter.info("The main step ended before it could report. It has left no word of a deployment that is under way.");
  if (rollouts.length === 0) return;
  const lines = (await look(rollouts, rollBack, world)).map((one) => ({ ...one, line: describe(one, world) }));
  const goOn = lines.filter(({ goesOn }) => goesOn);
  for (const { line } of lines.filter(({ goesOn }) => !goesOn)) reporter.info(line);
  if (goOn.length === 0) return;
  const head = told ? [] : ["The main step ended before it could report."];
  reporter.warning([...head, ...goOn.map(({ line }) => line)].join("\n"));
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
    roleDurationSeconds: credentialInputs["role-duration-seconds"].parse(text("role-duration-seconds")),
    inlineSessionPolicy: credentialInputs["inline-session-policy"].parse(text("inline-session-policy")),
    managedSessionPolicies: credentialInputs["managed-session-policies"].parse(text("managed-session-policies")),
    allowedAccountIds: credentialInputs["allowed-account-ids"].parse(text("allowed-account-ids")),
  };
}

function textOf(name: keyof typeof postInputs, { inputText }: PostWorld): string {
  const spec: InputSpec<unknown> = postInputs[name];
  return inputText(name).trim() || (spec.default ?? "");
}

function describe({ rollout, says, goesOn }: LeftBehind, world: PostWorld): string {
  const { cluster, service } = rollout;
  const region = textOf("aws-region", world);
  const where = goesOn ? ` ${deploymentsUrl({ region, console: consoleHost(region), cluster, service }) ?? ""}` : "";
  return `${nameOf(rollout)}: ${says}${where}`.trimEnd();
}

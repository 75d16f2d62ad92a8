// The demo with examples/clockko: four deployments in a row, each with its outcome and what is true afterwards.

import type { StepResult } from "../../__tests__/rig/actions-runner.ts";
import {
  type ClockkoAccount,
  clockkoInputs,
  createEmptyService,
  openClockkoAccount,
} from "../../__tests__/rig/clockko-account.ts";
import { type Scene, scenes, type Way } from "./clockko-scenes.ts";
import { type Check, play, showChecks, showVerdict } from "./show.ts";

/** The action calls ECS; the service exists, without tasks. */
export const straightToEcs: Way = {
  prepare: createEmptyService,
  inputs: () => ({ "desired-count": "1" }),
  useSecret: async (_, arn) => ({ secrets: `DATABASE_URL=${arn}` }),
};

/** Answers the exit status: 0 if all went as it should, those deployments that must fail among them. */
export async function demonstrateClockko(way: Way): Promise<number> {
  console.log("Starting the simulator, and PostgreSQL; making a base image for examples/clockko …");
  const account = await openClockkoAccount();
  const outcomes: string[] = [];
  let allRight = true;
  try {
    await way.prepare(account);
    for (const scene of scenes) {
      console.log(`\n— Version ${scene.version}: ${scene.title} —\n`);
      const result = await deploy(scene, account, way);
      const outcome = result.outputs["outcome"] ?? "none";
      outcomes.push(`outcome[${scene.version}]=${outcome}`);
      const checks = [...ended(scene, account, result), ...(await scene.checks(account, result))];
      allRight = showChecks(checks) && allRight;
    }
  } finally {
    await account.close();
  }
  return showVerdict(outcomes, allRight);
}

async function deploy(scene: Scene, account: ClockkoAccount, way: Way): Promise<StepResult> {
  const more = await scene.before?.(account, way);
  return play({
    inputs: { ...clockkoInputs(account, scene.version), ...way.inputs(account), ...more },
    workspace: account.workspace,
    environment: account.simulator.environment(account.url),
    commit: scene.version.repeat(40),
  });
}

/** What is asked after every step. */
function ended(
  { outcome }: Scene,
  { simulator }: ClockkoAccount,
  result: StepResult,
): readonly Check[] {
  const output = `${result.rawLog}\n${result.summary}`;
  const passwords = simulator.secretsManager.values().map((url) => new URL(url).password);
  return [
    { what: "the outcome", wanted: outcome, found: result.outputs["outcome"] },
    {
      what: "the step's exit code",
      wanted: outcome === "succeeded" ? 0 : 1,
      found: result.exitCode,
    },
    {
      what: "passwords shown",
      wanted: 0,
      found: passwords.filter((password) => output.includes(password)).length,
    },
  ];
}

// The demo of the action `rehearse`: versions of hello that ECS would keep, and that it would roll back. There is no AWS at all.

import { spawnSync } from "node:child_process";
import { loadBusybox } from "../../__tests__/e2e/busybox-image.ts";
import { foreign } from "../../__tests__/e2e/failing-versions.ts";
import { healthCheck } from "../../__tests__/rig/hello-account.ts";
import {
  type HelloTask,
  openHelloCheckout,
  rehearse,
  writeHelloTask,
} from "../../__tests__/rig/rehearsal.ts";
import { type Check, showChecks, showVerdict } from "./show.ts";

interface Scene extends HelloTask {
  readonly title: string;
  readonly outcome: string;
  readonly reasonCode: string;
  /** What the annotation says of it, or the summary if there is none. */
  readonly says: RegExp;
}

const foreignImage = "hello-rehearsal-foreign:1";
const longestSeconds = 60;

const rolledBack = { outcome: "rolled-back", reasonCode: "RolledBack" };
const succeeded = { outcome: "succeeded", reasonCode: "Succeeded" };

const scenes: readonly Scene[] = [
  {
    name: "good",
    title: "a good version",
    dockerfile: "",
    ...succeeded,
    says: /healthy after [\d.]+ s/,
  },
  {
    name: "exits",
    title: "it exits at start",
    dockerfile: "ENV PORT=http\n",
    ...rolledBack,
    says: /"hello" exited with code 1\b[\s\S]*PORT must be a number/,
  },
  {
    name: "unhealthy",
    title: "its health check never passes",
    dockerfile: "ENV PORT=8088\n",
    container: { healthCheck: { ...healthCheck, retries: 1 } },
    ...rolledBack,
    says: /"hello" runs, but its health check does not pass/,
  },
  {
    name: "ignores-sigterm",
    title: "it ignores SIGTERM",
    dockerfile: 'CMD ["sh", "-c", "trap \'\' TERM; serve & while :; do sleep 1; done"]\n',
    container: { healthCheck, stopTimeout: 5 },
    ...succeeded,
    says: /did not end within 5 s \(stopTimeout\) after SIGTERM and was killed/,
  },
  {
    name: "memory",
    title: "it needs 300 MiB and has 256",
    dockerfile: 'CMD ["dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"]\n',
    container: { memory: 256 },
    ...rolledBack,
    says: /"hello" ran out of memory/,
  },
  {
    name: "other-cpu",
    title: "it is built for another CPU architecture",
    dockerfile: `FROM --platform=linux/${foreign} ${foreignImage}\n`,
    outcome: "failed",
    reasonCode: "PlatformMismatch",
    says: new RegExp(`linux/${foreign}`),
  },
  {
    name: "no-variable",
    title: "a variable is missing",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell in the container expands it
    dockerfile: 'CMD ["sh", "-c", "echo database: ${DATABASE_URL:?is not set}; exec serve"]\n',
    ...rolledBack,
    says: /"hello" exited with code [12]\b[\s\S]*DATABASE_URL: is not set/,
  },
];

/** Answers the exit status. */
export async function demonstrateRehearsal(): Promise<number> {
  console.log("Preparing a checkout of examples/hello with a task definition …");
  const checkout = await openHelloCheckout();
  loadBusybox(foreignImage, foreign);
  const outcomes: string[] = [];
  let allRight = true;
  try {
    for (const scene of scenes) {
      console.log(`\nRehearsing: ${scene.title}\n`);
      const inputs = await writeHelloTask(checkout, scene);
      const startedAt = Date.now();
      const result = await rehearse(checkout, {
        inputs,
        onLine: (line) => console.log(`  │ ${line.replaceAll("\n", "\n  │ ")}`),
      });
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      const errors = result.annotations.filter(({ level }) => level === "error");
      const said = errors.map(({ message }) => message).join("\n") || result.summary;
      const checks: readonly Check[] = [
        { what: "outcome", wanted: scene.outcome, found: result.outputs["outcome"] },
        { what: "reason-code", wanted: scene.reasonCode, found: result.outputs["reason-code"] },
        { what: `says ${scene.says}`, wanted: true, found: scene.says.test(said) },
        { what: `${seconds} s, in time`, wanted: true, found: seconds < longestSeconds },
      ];
      console.log("");
      allRight = showChecks(checks) && allRight;
      outcomes.push(`${scene.title}: ${result.outputs["message"] ?? "no message"}`);
    }
  } finally {
    spawnSync("docker", ["rmi", "--force", foreignImage]);
    await checkout.close();
  }
  const checks: readonly Check[] = [
    { what: "containers that are left", wanted: "", found: listed("ps", "--all", "--quiet") },
    { what: "networks that are left", wanted: "", found: listed("network", "ls", "--quiet") },
    { what: "volumes that are left", wanted: "", found: listed("volume", "ls", "--quiet") },
  ];
  console.log("");
  allRight = showChecks(checks) && allRight;
  return showVerdict(outcomes, allRight);
}

function listed(...args: readonly string[]): string {
  const filter = ["--filter", "label=deploy-ecs.simulator"];
  return spawnSync("docker", [...args, ...filter], { encoding: "utf8" }).stdout.trim();
}

// The demo with previews: two pull requests get a service and a URL each, one is closed, the other expires.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECSClient, ListServicesCommand, TagResourceCommand } from "@aws-sdk/client-ecs";
import { putDeployRole } from "ecs-simulator/iam";
import type { StepResult } from "../../__tests__/rig/actions-runner.ts";
import { type ExpressAccount, openExpressAccount } from "../../__tests__/rig/express-account.ts";
import { featureNames } from "../../src/permissions/permissions.ts";
import { policyFor } from "../../tools/docs/deploy-policy.ts";
import { type Check, play, showChecks, showVerdict } from "./show.ts";

const speed = 20;
const expiryTag = "deploy-ecs:expires";
const dayMilliseconds = 24 * 60 * 60_000;

interface Scene {
  /** What its outcome is called in the last lines. */
  readonly name: string;
  readonly title: string;
  /** undefined: the pattern is deployed by the main action, without an event. */
  readonly event?: WorkflowEvent;
  /** The version that is built. */
  readonly version?: string;
  readonly reasonCode: "Succeeded" | "Deleted";
  /** What the URL of each service answers after the step, by name of the service. */
  readonly pages: Readonly<Record<string, string>>;
  /** Services of the cluster after the step. */
  readonly services: readonly string[];
  readonly before?: (account: ExpressAccount) => Promise<void>;
}

interface WorkflowEvent {
  readonly name: "pull_request" | "schedule";
  readonly pullRequest?: { readonly number: number; readonly state: "open" | "closed" };
}

const pageOf = (version: string) => `200 hello from version ${version}`;
const unavailable = "503 <html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";

const scenes: readonly Scene[] = [
  {
    name: "hello",
    title: "the service whose configuration previews get",
    version: "1",
    reasonCode: "Succeeded",
    pages: { hello: pageOf("1") },
    services: ["hello"],
  },
  {
    name: "pr-7 opened",
    title: "pull request 7 is opened: it gets a service and a URL of its own",
    event: { name: "pull_request", pullRequest: { number: 7, state: "open" } },
    version: "of-pull-request-7",
    reasonCode: "Succeeded",
    pages: { hello: pageOf("1"), "hello-pr-7": pageOf("of-pull-request-7") },
    services: ["hello", "hello-pr-7"],
  },
  {
    name: "pr-8 opened",
    title: "pull request 8 is opened beside it",
    event: { name: "pull_request", pullRequest: { number: 8, state: "open" } },
    version: "of-pull-request-8",
    reasonCode: "Succeeded",
    pages: {
      hello: pageOf("1"),
      "hello-pr-7": pageOf("of-pull-request-7"),
      "hello-pr-8": pageOf("of-pull-request-8"),
    },
    services: ["hello", "hello-pr-7", "hello-pr-8"],
  },
  {
    name: "pr-7 closed",
    title: "pull request 7 is closed: its preview is deleted, and nothing else",
    event: { name: "pull_request", pullRequest: { number: 7, state: "closed" } },
    reasonCode: "Deleted",
    pages: {
      hello: pageOf("1"),
      "hello-pr-7": unavailable,
      "hello-pr-8": pageOf("of-pull-request-8"),
    },
    services: ["hello", "hello-pr-8"],
  },
  {
    name: "pr-8 expired",
    title: "pull request 8 gets no commit for a week: the scheduled run deletes its preview",
    before: expirePreviewOf8,
    event: { name: "schedule" },
    reasonCode: "Deleted",
    pages: { hello: pageOf("1"), "hello-pr-8": unavailable },
    services: ["hello"],
  },
];

/** Answers the exit status: 0 if all went as it should. */
export async function demonstratePreview(): Promise<number> {
  console.log("Starting the simulator: an account with roles and an image repository …");
  console.log(
    `ECS's own steps take 1/${speed} of their time on AWS. The simulator's reverse proxy plays the load balancer.`,
  );
  const account = await openExpressAccount(speed);
  const role = putPreviewRole(account);
  const outcomes: string[] = [];
  const urls: Record<string, string> = {};
  let allRight = true;
  try {
    for (const scene of scenes) {
      console.log(`\n— ${scene.title} —\n`);
      await scene.before?.(account);
      const result = await run(scene, account, role);
      const { outcome = "none", url } = result.outputs;
      outcomes.push(`outcome[${scene.name}]=${outcome}`);
      const added = Object.keys(scene.pages).find((name) => !(name in urls));
      if (added !== undefined && url !== undefined) urls[added] = url;
      allRight = showChecks(await checksOf(scene, { result, urls, account }));
      if (!allRight) break; // the next scene starts from this one's end
    }
    return showVerdict(outcomes, allRight);
  } finally {
    await account.close();
  }
}

/** A role of its own: it can change and delete only services named `hello-pr-*` that have the tag. */
function putPreviewRole({ simulator }: ExpressAccount): string {
  const used = ["repository", "push", "platformCheck", "diagnosis", "tags", "preview"];
  const policy = policyFor(
    featureNames().filter((name) => used.includes(name)),
    {
      REGION: simulator.region,
      ACCOUNT: simulator.accountId,
      CLUSTER: "default",
      SERVICE: "hello",
      FAMILY: "default-hello",
      REPOSITORY: "hello",
      LOG_GROUP: "/aws/ecs/default/hello-pr-*",
      TASK_ROLE: [],
      EXECUTION_ROLE: "hello-execution",
      INFRASTRUCTURE_ROLE: "hello-infrastructure",
    },
  );
  return putDeployRole(simulator, { name: "hello-preview", policies: [policy] });
}

async function run(
  { name, event, version = "" }: Scene,
  account: ExpressAccount,
  role: string,
): Promise<StepResult> {
  const { express = "", ...inputs } = account.inputs;
  const step = {
    inputs: { ...inputs, "build-args": `VERSION=${version}` },
    workspace: account.workspace,
    environment: account.simulator.environment(account.url),
    commit: Buffer.from(name.padEnd(20)).toString("hex").slice(0, 40),
  };
  if (event === undefined) return await play({ ...step, inputs: { ...step.inputs, express } });
  const folder = await mkdtemp(join(tmpdir(), "deploy-ecs-event-"));
  try {
    const file = join(folder, "event.json");
    await writeFile(file, JSON.stringify(payloadOf(event)));
    return await play({
      ...step,
      action: "preview",
      inputs: {
        ...step.inputs,
        "role-to-assume": role,
        cluster: "default",
        "preview-delete": String(event.name === "schedule"),
        // Else a step that deletes ends while the tasks are still being stopped.
        "wait-for-service-stability": "true",
      },
      environment: {
        ...step.environment,
        GITHUB_EVENT_NAME: event.name,
        GITHUB_EVENT_PATH: file,
      },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** As far as the action reads it: https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request */
function payloadOf({ pullRequest }: WorkflowEvent): object {
  if (!pullRequest) return {};
  const head = { sha: "0".repeat(40), repo: { full_name: "octo/app" } };
  return { pull_request: { ...pullRequest, head } };
}

function ecsOf({ url, simulator }: ExpressAccount): ECSClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new ECSClient({ endpoint: url, region: simulator.region, credentials });
}

/** In the place of a week: the tag says that it is over. */
async function expirePreviewOf8(account: ExpressAccount): Promise<void> {
  const { region, accountId } = account.simulator;
  const resourceArn = `arn:aws:ecs:${region}:${accountId}:service/default/hello-pr-8`;
  const value = new Date(Date.now() - dayMilliseconds).toISOString();
  await ecsOf(account).send(
    new TagResourceCommand({ resourceArn, tags: [{ key: expiryTag, value }] }),
  );
  console.log(`In the place of a week, the tag ${expiryTag} of hello-pr-8 is set to ${value}.\n`);
}

interface Ended {
  readonly result: StepResult;
  readonly urls: Readonly<Record<string, string>>;
  readonly account: ExpressAccount;
}

async function checksOf(
  { pages, services, reasonCode }: Scene,
  { result: { outputs, exitCode, annotations }, urls, account }: Ended,
): Promise<readonly Check[]> {
  const { serviceArns = [] } = await ecsOf(account).send(
    new ListServicesCommand({ cluster: "default" }),
  );
  const checks: Check[] = [
    { what: "the outcome", wanted: "succeeded", found: outputs["outcome"] },
    { what: "the reason code", wanted: reasonCode, found: outputs["reason-code"] },
    { what: "the step's exit code", wanted: 0, found: exitCode },
    {
      what: "error annotations",
      wanted: 0,
      found: annotations.filter(({ level }) => level === "error").length,
    },
    {
      what: "services of the cluster",
      wanted: services,
      found: serviceArns.map((arn) => arn.slice(arn.lastIndexOf("/") + 1)).sort(),
    },
  ];
  for (const [service, wanted] of Object.entries(pages)) {
    const url = urls[service];
    const what = `what ${service} answers at ${url ?? "(no URL)"}`;
    checks.push({ what, wanted, found: url && (await askFor(account, url)) });
  }
  return checks;
}

async function askFor(account: ExpressAccount, url: string): Promise<string> {
  const { status, firstLine } = await account.ask(url);
  return `${status} ${firstLine}`;
}

// The demo with ECS Express Mode: from an empty account to a URL, the next version by canary, and one that the alarm rolls back.

import { DescribeClustersCommand, ECSClient } from "@aws-sdk/client-ecs";
import type { StepResult } from "../../__tests__/rig/actions-runner.ts";
import { type Clients, startClients } from "../../__tests__/rig/clients.ts";
import { type ExpressAccount, openExpressAccount } from "../../__tests__/rig/express-account.ts";
import { type Check, play, showChecks, showVerdict } from "./show.ts";

/** A minute of a bake time lasts three seconds. */
const speed = 20;
const alarm = "default/hello/RollbackAlarm";

interface Scene {
  readonly version: string;
  readonly title: string;
  /** Default: the Dockerfile of hello. */
  readonly file?: string;
  readonly outcome: "succeeded" | "rolled-back";
  /** Error annotations that name the alarm. */
  readonly alarms: number;
  /** What the page answers after the step. */
  readonly page: string;
  /** What clients that request the page during the step are answered; undefined: there is no URL yet. */
  readonly answers?: readonly string[];
}

const pageOf = (version: string) => `200 hello from version ${version}`;

const scenes: readonly Scene[] = [
  {
    version: "1",
    title: "there is no service: `express` creates it",
    outcome: "succeeded",
    alarms: 0,
    page: pageOf("1"),
  },
  {
    version: "2",
    title: "the next version rolls out by canary",
    outcome: "succeeded",
    alarms: 0,
    page: pageOf("2"),
    answers: [pageOf("1"), pageOf("2")],
  },
  {
    version: "3",
    title: "a version whose page answers 404: the alarm rolls it back",
    file: "hello/Dockerfile.not-found",
    outcome: "rolled-back",
    alarms: 1,
    page: pageOf("2"),
    answers: [pageOf("2"), "404 <HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>"],
  },
];

/** Answers the exit status: 0 if all went as it should, the rollback included. */
export async function demonstrateExpress(): Promise<number> {
  console.log("Starting the simulator: an account with roles and an image repository …");
  console.log(
    `ECS's own steps take 1/${speed} of their time on AWS: a minute of the canary or of the bake time is ${60 / speed} seconds.`,
  );
  console.log(
    "The simulator's reverse proxy plays the load balancer: requests for the URL's host go to it, over HTTP.",
  );
  const account = await openExpressAccount(speed);
  const outcomes: string[] = [];
  let url: string | undefined;
  try {
    let allRight = showChecks([
      { what: "the cluster default", wanted: "MISSING", found: await defaultCluster(account) },
    ]);
    for (const scene of scenes) {
      console.log(`\n— Version ${scene.version}: ${scene.title} —\n`);
      const clients = url === undefined ? undefined : request(account, url);
      const result = await deploy(scene, account).finally(() => clients?.stop());
      url = result.outputs["url"] ?? "";
      const outcome = result.outputs["outcome"] ?? "none";
      outcomes.push(`outcome[${scene.version}]=${outcome}`);
      const page = await ask(account, url);
      console.log(`${url} answers: ${page}`);
      allRight = showChecks(checksOf(scene, { result, page, clients })) && allRight;
    }
    return showVerdict(outcomes, allRight);
  } finally {
    await account.close();
  }
}

/** Whether the cluster exists in which a service is created; `MISSING`: it does not. */
async function defaultCluster({ url, simulator }: ExpressAccount): Promise<string | undefined> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const ecs = new ECSClient({ endpoint: url, region: simulator.region, credentials });
  const { clusters = [], failures = [] } = await ecs.send(
    new DescribeClustersCommand({ clusters: ["default"] }),
  );
  return clusters[0]?.status ?? failures[0]?.reason;
}

function deploy({ version, file }: Scene, account: ExpressAccount): Promise<StepResult> {
  return play({
    inputs: {
      ...account.inputs,
      "build-args": `VERSION=${version}`,
      file: file ?? "",
    },
    workspace: account.workspace,
    environment: account.simulator.environment(account.url),
    commit: version.repeat(40),
  });
}

function request(account: ExpressAccount, url: string): Clients {
  console.log(`Clients request ${url} without a pause.\n`);
  return startClients(() => account.ask(url));
}

async function ask(account: ExpressAccount, url: string): Promise<string> {
  if (url === "") return "nothing, because the step has no output `url`";
  const { status, firstLine } = await account.ask(url);
  return `${status} ${firstLine}`;
}

interface Ended {
  readonly result: StepResult;
  readonly page: string;
  readonly clients: Clients | undefined;
}

function checksOf(scene: Scene, { result, page, clients }: Ended): readonly Check[] {
  const { outputs, exitCode, annotations, log } = result;
  const succeeds = scene.outcome === "succeeded";
  const errors = annotations.filter(({ level }) => level === "error");
  const checks: Check[] = [
    { what: "the outcome", wanted: scene.outcome, found: outputs["outcome"] },
    { what: "the step's exit code", wanted: succeeds ? 0 : 1, found: exitCode },
    { what: "error annotations", wanted: succeeds ? 0 : 1, found: errors.length },
    {
      what: `error annotations that name the alarm ${alarm}`,
      wanted: scene.alarms,
      found: errors.filter(({ message }) => message.includes(`"${alarm}"`)).length,
    },
    { what: "what the URL answers", wanted: scene.page, found: page },
  ];
  if (!clients) return checks;
  console.log(`The clients' requests were answered: ${JSON.stringify(clients.counts)}`);
  return [
    ...checks,
    {
      what: "the new tasks had 5 % of the traffic",
      wanted: true,
      found: log.some((line) => line.includes(" 5 % of the traffic")),
    },
    {
      what: "different answers during the step",
      wanted: scene.answers,
      found: Object.keys(clients.counts).sort(),
    },
  ];
}

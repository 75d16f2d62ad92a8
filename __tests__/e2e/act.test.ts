// Workflow files as users write them, run by act: what only a runner does (contexts, needs, matrices, called workflows, conditions)
// together with the bundled action, the simulator and real containers. Each begins with a repository of its own.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ActResult,
  type ActStep,
  actProgram,
  runWorkflow,
  type WorkflowRun,
} from "../rig/act.ts";
import { runningTasks } from "../rig/container-account.ts";
import { workflowsOf } from "../rig/documented-workflows.ts";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { replicate } from "../rig/replication.ts";
import { buildersUnderTest } from "./builders.ts";
import { engineAnswers } from "./busybox-image.ts";

const program = engineAnswers() ? actProgram() : undefined;
const buildah = buildersUnderTest.find(({ name }) => name === "buildah");
const production = "222222222222";
const secretRole = `\${{ secrets.role }}`;
const inputService = `\${{ inputs.service }}`;

/** Those of docs/recipes.md that need neither another CPU, nor another region, nor another GitHub. */
const recipes: readonly Recipe[] = [
  {
    section: "Static keys, and moving to OIDC",
    options: { secrets: { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" } },
    outcomes: ["succeeded"],
  },
  { section: "Several services", outcomes: ["succeeded"] },
  { section: "Monorepo", options: { place: "apps/api" }, outcomes: ["succeeded"] },
  { section: "Environments with approval", outcomes: ["succeeded", "succeeded"] },
  { section: "A careful rollout", outcomes: ["succeeded"] },
  {
    section: "Roll-back button",
    options: { event: "workflow_dispatch", inputs: { to: "1" } },
    outcomes: ["succeeded"],
  },
  {
    section: "Roll-back button",
    options: { event: "workflow_dispatch", inputs: { to: "" } },
    outcomes: ["succeeded"],
  },
  { section: "Scheduled tasks", outcomes: ["succeeded", "succeeded"] },
];

interface Recipe {
  readonly section: string;
  readonly options?: Partial<WorkflowRun>;
  /** Of the steps that use an action of ours. */
  readonly outcomes: readonly string[];
}

describe.skipIf(program === undefined)("a workflow that act runs", () => {
  let account: HelloAccount;
  let other: HelloAccount;
  beforeAll(async () => {
    const options = { speed: 20 } as const;
    account = await openHelloAccount({
      ...options,
      services: { hello: { breakerThreshold: 1 }, web: {}, pair: { sidecar: "proxy" } },
    });
    other = await openHelloAccount({ ...options, services: { hello: {} }, accountId: production });
  });
  afterAll(async () => {
    await account?.close();
    await other?.close();
  });

  const start = (
    workflows: WorkflowRun["workflows"],
    options: Partial<WorkflowRun> = {},
  ): Promise<ActResult> =>
    runWorkflow(program ?? "", {
      content: join(account.workspace, "hello"),
      workflows,
      environment: { ...account.simulator.environment(account.url), ...engine() },
      ...options,
    });

  /** The digest that the containers of a service run, by container. */
  const running = (service: string) => imagesOf(account, service);

  test("the first workflow of the README, as it stands there", async () => {
    const [first = ""] = workflowsOf("README.md", "Use it");
    const { jobs, steps, commit } = await start({ "deploy.yml": first });
    expect(errors(steps)).toEqual([]);
    expect(jobs).toEqual({ "Deploy/deploy": "success" });
    expect(account.simulator.ecr.repositories.tags("hello")).toHaveProperty(commit);
    expect(await account.ask()).toBe("hello from version unversioned");
    await account.steady();
  });

  test("one job: the commit is built and deployed, and the next step reads the outputs", async () => {
    const { jobs, steps, commit } = await start({
      "deploy.yml": workflow(`
  deploy:
    runs-on: ubuntu-latest
    permissions: { id-token: write, contents: read }
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/deploy-ecs@v1
        id: deploy
        with:
${inputs({ service: "hello" }, 10)}
          build-args: VERSION=2
      - if: \${{ failure() }}
        run: exit 1
      - id: next
        env:
          OUTCOME: \${{ steps.deploy.outputs.outcome }}
          TAG: \${{ steps.deploy.outputs.image-tag }}
          ARN: \${{ fromJSON(steps.deploy.outputs.services)[0].taskDefinitionArn }}
        run: echo "$OUTCOME $TAG \${ARN##*/}"`),
    });
    expect(jobs).toEqual({ "Deploy/deploy": "success" });
    expect(errors(steps)).toEqual([]);
    const revision = step(steps, "deploy").outputs["task-definition-arn"]?.split("/").at(-1);
    expect(revision).toMatch(/^hello:\d+$/);
    expect(step(steps, "next").log).toBe(`succeeded ${commit} ${revision}\n`);
    expect(await account.ask()).toBe("hello from version 2");
    await account.steady();
  });

  test("a failed deployment: the step for failures and the next job read why", async () => {
    const { exitCode, jobs, steps } = await start({
      "deploy.yml": workflow(`
  deploy:
    runs-on: ubuntu-latest
    permissions: { id-token: write, contents: read }
    outputs:
      outcome: \${{ steps.deploy.outputs.outcome }}
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/deploy-ecs@v1
        id: deploy
        with:
${inputs({ service: "hello" }, 10)}
          file: Dockerfile.broken
          image-tag: broken
      - id: never
        run: exit 0
      - id: failed
        if: \${{ failure() }}
        env:
          CODE: \${{ steps.deploy.outputs.reason-code }}
          MESSAGE: \${{ steps.deploy.outputs.message }}
        run: echo "$CODE. $MESSAGE"
  report:
    needs: deploy
    if: \${{ always() }}
    runs-on: ubuntu-latest
    permissions: {}
    steps:
      - id: report
        env:
          RESULT: \${{ needs.deploy.result }} \${{ needs.deploy.outputs.outcome }}
        run: echo "$RESULT"`),
    });
    expect(exitCode).toBe(1);
    expect(jobs).toEqual({ "Deploy/deploy": "failure", "Deploy/report": "success" });
    expect(errors(steps)).toEqual([expect.stringContaining("exited with code")]);
    expect(errors(steps)[0]).toContain("/blob/v1/docs/errors.md#rolledback");
    expect(steps.map(({ id }) => id)).not.toContain("never");
    expect(step(steps, "failed").log).toMatch(
      /^RolledBack\. ❌ Rolled back: hello:\d+ failed, hello runs hello:\d+\./,
    );
    expect(step(steps, "report").log).toBe("failure rolled-back\n");
    expect(await account.ask()).toBe("hello from version 2");
    await account.steady();
  });

  test.each(recipes)("recipe: $section $options.inputs", async ({ section, options, outcomes }) => {
    const [recipe = ""] = workflowsOf("docs/recipes.md", section);
    const variables = { DEPLOY_ROLE: account.roleArn, REGISTRY: account.registry };
    const { exitCode, steps } = await start({ "recipe.yml": recipe }, { variables, ...options });
    expect(errors(steps)).toEqual([]);
    expect(steps.flatMap(({ outputs }) => outputs["outcome"] ?? [])).toEqual(outcomes);
    expect(exitCode).toBe(0);
    await account.steady("web");
    await account.steady();
  });

  test("recipe: two images are built, and one step puts both into the service", async () => {
    const [recipe = ""] = workflowsOf("docs/recipes.md", "Two images in one task");
    const { jobs, steps } = await start({ "recipe.yml": recipe });
    expect(errors(steps)).toEqual([]);
    expect(jobs).toEqual({ "Deploy/deploy": "success" });
    const [hello, proxy] = ["hello", "proxy"].map((id) => step(steps, id).outputs["image-digest"]);
    expect(hello).not.toBe(proxy);
    expect(await running("pair")).toEqual({ hello, proxy });
  });

  test("recipe: a task runs between the build and the deployment", async () => {
    const section = "A migration with a task definition of its own";
    const [recipe = ""] = workflowsOf("docs/recipes.md", section);
    const { jobs, steps } = await start({ "recipe.yml": recipe });
    expect(errors(steps)).toEqual([]);
    expect(jobs).toEqual({ "Deploy/deploy": "success" });
    const digest = step(steps, "build").outputs["image-digest"];
    const migration = step(steps, "2"); // after checkout and build
    expect(migration.log).toMatch(/^.*\bmigrate$/m);
    expect(migration.outputs).toMatchObject({ outcome: "succeeded", "exit-code": "0" });
    expect(await running("hello")).toEqual({ hello: digest });
  });

  test.skipIf(buildah?.missing !== undefined)(
    "recipe: a self-hosted runner without a Docker daemon",
    async () => {
      const section = "Self-hosted runner without a Docker daemon";
      const [recipe = ""] = workflowsOf("docs/recipes.md", section);
      const builder = await buildah?.open("");
      try {
        const environment = {
          ...account.simulator.environment(account.url),
          DOCKER_HOST: "unix:///nowhere.sock",
          ...builder?.environment,
        };
        const { jobs, steps } = await start({ "recipe.yml": recipe }, { environment });
        expect(errors(steps)).toEqual([]);
        expect(jobs).toEqual({ "Deploy/deploy": "success" });
      } finally {
        builder?.close();
      }
      await account.steady();
    },
  );

  test("a matrix that calls a workflow: each job deploys a service of its own", async () => {
    const { jobs, steps } = await start(
      {
        "deploy.yml": workflow(`
  deploy:
    strategy:
      fail-fast: false
      matrix:
        service: [hello, web]
    permissions: { id-token: write, contents: read }
    uses: ./.github/workflows/deploy-service.yml
    with:
      service: \${{ matrix.service }}
    secrets:
      role: \${{ secrets.ROLE }}`),
        "deploy-service.yml": `
on:
  workflow_call:
    inputs:
      service: { type: string, required: true }
      dry-run: { type: boolean }
    secrets:
      role: { required: true }
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/deploy-ecs@v1
        id: deploy
        with:
${inputs({ "role-to-assume": secretRole, service: inputService }, 10)}
          dry-run: \${{ inputs.dry-run }}
          build-args: VERSION=matrix
`,
      },
      { secrets: { ROLE: account.roleArn } },
    );
    expect(errors(steps)).toEqual([]);
    expect(jobs).toEqual({
      "deploy-1/deploy-service.yml/one": "success",
      "deploy-2/deploy-service.yml/one": "success",
    });
    const services = steps
      .filter(({ id }) => id.endsWith("deploy"))
      .map(({ outputs }) => JSON.parse(outputs["services"] ?? "[]")[0]);
    expect(services.map(({ service, outcome }) => `${service} ${outcome}`).sort()).toEqual([
      "hello succeeded",
      "web succeeded",
    ]);
    expect(await account.ask("web")).toBe("hello from version matrix");
  });

  test("promote: the image of one account's job is deployed by the next job to another account", async () => {
    const replication = replicate(account, other, "hello");
    const { jobs, steps } = await start(
      {
        "deploy.yml": workflow(`
  staging:
    runs-on: ubuntu-latest
    permissions: { id-token: write, contents: read }
    outputs:
      tag: \${{ steps.staging.outputs.image-tag }}
      digest: \${{ steps.staging.outputs.image-digest }}
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/deploy-ecs@v1
        id: staging
        with:
${inputs({ service: "hello" }, 10)}
          build-args: VERSION=promoted
  production:
    needs: staging
    runs-on: ubuntu-latest
    permissions: { id-token: write }
    env:
      AWS_ENDPOINT_URL: \${{ vars.PRODUCTION_ENDPOINT }}
    steps:
      - uses: OWNER/deploy-ecs@v1
        id: production
        with:
          role-to-assume: arn:aws:iam::${production}:role/hello-deploy
          allowed-account-ids: ${production}
          aws-region: us-east-1
          image: \${{ vars.PRODUCTION_REGISTRY }}/hello:\${{ needs.staging.outputs.tag }}@\${{ needs.staging.outputs.digest }}
          cluster: demo
          service: hello`),
      },
      { variables: { PRODUCTION_ENDPOINT: other.url, PRODUCTION_REGISTRY: other.registry } },
    );
    await replication.stop();
    expect(errors(steps)).toEqual([]);
    expect(jobs).toEqual({ "Deploy/staging": "success", "Deploy/production": "success" });
    const digest = step(steps, "staging").outputs["image-digest"];
    expect(step(steps, "production").outputs["image-digest"]).toBe(digest);
    expect(await imagesOf(other, "hello")).toEqual({ hello: digest });
    expect(await other.ask()).toBe("hello from version promoted");
  });
});

/** The head of every workflow here. */
function workflow(jobs: string): string {
  return `name: Deploy\non: push\npermissions: {}\njobs:${jobs}\n`;
}

/** What most steps have in `with:`; an empty value leaves the input out. */
function inputs(given: Readonly<Record<string, string>>, indent: number): string {
  const all = {
    "role-to-assume": "arn:aws:iam::123456789012:role/hello-deploy",
    "aws-region": "us-east-1",
    "ecr-repository": "hello",
    cluster: "demo",
    ...given,
  };
  return Object.entries(all)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${" ".repeat(indent)}${name}: ${value}`)
    .join("\n");
}

function step(steps: readonly ActStep[], id: string): ActStep {
  const found = steps.find((each) => each.id === id);
  if (!found) throw new Error(`no step ${id}: ${steps.map((each) => each.id).join(", ")}`);
  return found;
}

function errors(steps: readonly ActStep[]): readonly string[] {
  return steps.flatMap((each) => each.errors);
}

/** Container → digest, of the task that runs. */
async function imagesOf(
  account: HelloAccount,
  service: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  await account.steady(service);
  const tasks = await runningTasks(account, { cluster: "demo", service });
  const containers = tasks.flatMap((task) => task.containers ?? []);
  return Object.fromEntries(containers.map(({ name = "", imageDigest }) => [name, imageDigest]));
}

function engine(): Readonly<Record<string, string>> {
  const host = process.env["DOCKER_HOST"];
  return host === undefined ? {} : { DOCKER_HOST: host };
}

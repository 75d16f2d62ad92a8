// examples/start and the commands of docs/getting-started.md: its template applied to ministack, an AWS emulator of another project;
// what the roles then trust, asked of the simulator's STS; its image, built and run.

import { execFile } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { createSimulator, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { scriptedRunner } from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../contract/source.ts";
import { commandsOf } from "../rig/documented-commands.ts";
import { pythonPackages } from "../rig/python-packages.ts";
import { type AwsCli, awsCli, installed } from "./aws-cli.ts";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";
import { type CreatedRole, readRole } from "./created-role.ts";
import { temporaryFolder } from "./deployment.ts";
import { type Ministack, startMinistack } from "./ministack.ts";

const run = promisify(execFile);
const packages = installed("aws") ? pythonPackages("emulator") : undefined;
const page = "docs/getting-started.md";
const account = "000000000000";
const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;

describe.skipIf(!packages)("on ministack (needs Python with pip, and the AWS CLI)", () => {
  let ministack: Ministack;
  let aws: AwsCli;
  let folder: string;
  let outputs: Readonly<Record<string, string>>;
  let deployRole: CreatedRole;

  /** ministack's CloudFormation has no OIDC provider: its IAM has, so that the account has it already. */
  beforeAll(async () => {
    ministack = await startMinistack(packages ?? "");
    aws = awsCli("aws", ministack.url);
    folder = await besideTheProduct();
    const { Url, ClientIdList } = await providerOfTemplate();
    const created = await aws.askJson(
      ...["iam", "create-open-id-connect-provider", "--url", Url],
      ...["--client-id-list", ...ClientIdList],
    );
    expect(created.OpenIDConnectProviderArn).toBe(provider);
    await runCommands(["1.", "2.", "3.", "4."], {
      "OWNER/REPO": "octo/app",
      'ServiceName="$SERVICE"': 'ServiceName="$SERVICE" CreateGitHubProvider=no',
    });
    outputs = await outputsOf("hello");
    deployRole = await roleOf("DeployRoleArn");
  });
  afterAll(() => ministack?.close());

  test("the documented commands write the complete workflow, with the names of the account", async () => {
    const workflow = parse(await readFile(join(folder, ".github/workflows/deploy.yml"), "utf8"));
    expect(Object.keys(workflow.jobs)).toEqual(["deploy"]);
    const { express, ...inputs } = workflow.jobs.deploy.steps.at(-1).with;
    expect(inputs).toEqual({
      "role-to-assume": outputs["DeployRoleArn"],
      "aws-region": "us-east-1",
      "ecr-repository": "hello",
      service: "hello",
    });
    expect(parse(express)).toMatchObject({
      infrastructureRoleArn: outputs["InfrastructureRoleArn"],
      executionRoleArn: outputs["ExecutionRoleArn"],
      containerPort: 8080,
    });
  });

  test("the deploy role has one policy, whose resources are of this account, region and service", async () => {
    const { policies } = deployRole;
    const statements = policies.flatMap(({ Statement }) => Statement);
    const resources = new Set(statements.flatMap(({ Resource }) => Resource));
    expect(policies).toHaveLength(1);
    expect([...resources].filter((one) => one !== "*")).toEqual(
      expect.arrayContaining([
        `arn:aws:ecs:us-east-1:${account}:service/default/hello`,
        `arn:aws:ecr:us-east-1:${account}:repository/hello`,
        outputs["InfrastructureRoleArn"],
        outputs["ExecutionRoleArn"],
      ]),
    );
    expect([...resources].filter((one) => String(one).includes("$"))).toEqual([]);
  });

  test("the two roles of Express Mode trust ECS, and have their managed policies", async () => {
    const managed = "arn:aws:iam::aws:policy/service-role";
    expect(await roleOf("ExecutionRoleArn")).toMatchObject({
      trust: { Statement: [{ Principal: { Service: "ecs-tasks.amazonaws.com" } }] },
      managed: [`${managed}/AmazonECSTaskExecutionRolePolicy`],
      policies: [],
    });
    expect(await roleOf("InfrastructureRoleArn")).toMatchObject({
      trust: { Statement: [{ Principal: { Service: "ecs.amazonaws.com" } }] },
      managed: [`${managed}/AmazonECSInfrastructureRoleforExpressGatewayServices`],
      policies: [{ Statement: [{ Effect: "Allow", Action: "ec2:DescribeAccountAttributes" }] }],
    });
  });

  test("the repository keeps its tags, scans each push, and deletes old images", async () => {
    const { repositories } = await aws.askJson("ecr", "describe-repositories");
    expect(repositories).toMatchObject([
      {
        repositoryName: "hello",
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageScanningConfiguration: { scanOnPush: true },
      },
    ]);
    const { lifecyclePolicyText } = await aws.askJson(
      ...["ecr", "get-lifecycle-policy", "--repository-name", "hello"],
    );
    const { rules } = JSON.parse(lifecyclePolicyText);
    expect(rules.map(({ action }: { action: object }) => action)).toEqual(
      Array(2).fill({ type: "expire" }),
    );
  });

  test.each([
    ["names", "octo/app", "refs/heads/main", "push", undefined, true],
    ["immutable", "octo/app", "refs/heads/main", "push", undefined, true],
    ["names", "octo/app", "refs/heads/other", "push", undefined, false],
    ["immutable", "octo/app", "refs/heads/main-2", "push", undefined, false],
    ["names", "octo/app", "refs/tags/main", "push", undefined, false],
    ["names", "octo/app", "refs/pull/1/merge", "pull_request", undefined, false],
    ["immutable", "octo/app", "refs/heads/main", "push", "production", false],
    ["names", "octo/app2", "refs/heads/main", "push", undefined, false],
    ["immutable", "octo/app2", "refs/heads/main", "push", undefined, false],
    ["immutable", "octo2/app", "refs/heads/main", "push", undefined, false],
    ["immutable", "octo/b", "refs/heads/app@1:ref:refs/heads/main", "push", undefined, false],
    ["immutable", "octo/b", "refs/heads/main", "push", "/app@1:ref:refs/heads/main", false],
  ] as const)("with %s in sub, %s on %s (%s, environment %s): %s", async (...row) => {
    const [subject, repository, ref, eventName, environment, trusted] = row;
    const job = { subject, repository, ref, eventName, ...(environment && { environment }) };
    expect(await assumes(deployRole.trust, job)).toBe(trusted);
  });

  test("with ids given, no other repository of the same name is trusted", async () => {
    await aws.ask(
      ...["cloudformation", "deploy", "--stack-name", "ids", "--capabilities", "CAPABILITY_IAM"],
      ...["--template-file", "examples/start/template.yaml", "--parameter-overrides"],
      ...["GitHubRepository=octo/app", "GitHubOwnerId=500600", "GitHubRepositoryId=700100200"],
      ...["ServiceName=ids", "CreateGitHubProvider=no"],
    );
    const { trust } = await roleOf("DeployRoleArn", await outputsOf("ids"));
    for (const subject of ["names", "immutable"] as const) {
      expect(await assumes(trust, { subject })).toBe(true);
      expect(await assumes(trust, { subject, repositoryId: "1" })).toBe(false);
    }
  });

  // ministack has no Express services: their two commands are left out.
  test("the documented commands remove stack, images, log group and task definitions", async () => {
    const container = JSON.stringify([{ name: "Main", image: "hello" }]);
    await aws.ask("logs", "create-log-group", "--log-group-name", "/aws/ecs/default/hello-ab12");
    await aws.ask(
      ...["ecs", "register-task-definition", "--family", "default-hello"],
      ...["--container-definitions", container],
    );
    for (const text of await everything()) expect(text).toContain("hello");
    await runCommands(["1.", "7."], {
      'aws ecs delete-express-gateway-service --service-arn "$SERVICE_ARN"': "",
      'aws ecs wait services-inactive --cluster default --services "$SERVICE"': "",
    });
    for (const text of await everything()) expect(text).not.toContain("hello");
  });

  /** What the commands of section 7 remove, one text per kind. */
  async function everything(): Promise<readonly string[]> {
    return await Promise.all([
      aws.ask("logs", "describe-log-groups"),
      aws.ask("ecs", "list-task-definitions"),
      aws.ask("ecr", "describe-repositories"),
      aws.ask("iam", "list-roles"),
    ]);
  }

  /** Its folder is a clone of a user's repository; the product's is beside it. */
  async function besideTheProduct(): Promise<string> {
    const both = await temporaryFolder();
    await mkdir(join(both, "app"));
    await symlink(root, join(both, "deploy-ecs"));
    return join(both, "app");
  }

  async function runCommands(
    sections: readonly string[],
    replacements: Readonly<Record<string, string>>,
  ): Promise<void> {
    let script = commandsOf(page, sections);
    for (const [from, to] of Object.entries(replacements)) {
      expect(script).toContain(from);
      script = script.replace(from, to);
    }
    const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_PAGER: "" };
    const env = { ...process.env, ...keys, AWS_ENDPOINT_URL: ministack.url, HOME: folder };
    await run("sh", ["-euc", script], { cwd: folder, env });
  }

  async function outputsOf(stack: string): Promise<Readonly<Record<string, string>>> {
    const { Stacks } = await aws.askJson(
      ...["cloudformation", "describe-stacks", "--stack-name", stack],
    );
    const found: readonly { OutputKey: string; OutputValue: string }[] = Stacks[0].Outputs;
    return Object.fromEntries(found.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  }

  function roleOf(output: string, of = outputs): Promise<CreatedRole> {
    return readRole(aws, of[output]?.split("/").at(-1) ?? "");
  }
});

async function providerOfTemplate(): Promise<{ Url: string; ClientIdList: readonly string[] }> {
  const text = await readFile("examples/start/template.yaml", "utf8");
  return parse(text, { logLevel: "error" }).Resources.GitHubProvider.Properties;
}

type Job = NonNullable<Parameters<typeof createSimulator>[0]["job"]>;

/** Whether STS gives a session of a role with this trust policy to a job. */
// biome-ignore lint/suspicious/noExplicitAny: as the emulator answers it
async function assumes(trustPolicy: any, job: Job): Promise<boolean> {
  const clock = new RealClock();
  const simulator = createSimulator({
    clock,
    runner: scriptedRunner({ clock }),
    accountId: account,
    job,
  });
  const roleArn = `arn:aws:iam::${account}:role/deploy`;
  simulator.roles.put({ roleArn, trustPolicy });
  const server = await serve(simulator);
  const sts = new STSClient({ endpoint: server.url, region: "us-east-1", maxAttempts: 1 });
  const request = {
    RoleArn: roleArn,
    RoleSessionName: "test",
    WebIdentityToken: simulator.oidc.issue("sts.amazonaws.com"),
  };
  try {
    await sts.send(new AssumeRoleWithWebIdentityCommand(request));
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: "AccessDenied" });
    return false;
  } finally {
    clock.stop();
    await server.close();
  }
}

describe.skipIf(!engineAnswers())("the image of the example", () => {
  const [base, image] = ["deploy-ecs-start-base:1", "deploy-ecs-start:1"];
  afterAll(() => removeImages(base, image));

  test("is built, runs as another user than root, and answers its page with 200", async () => {
    loadBusybox(base);
    await run("docker", [
      ...["build", "--build-arg", `BASE_IMAGE=${base}`, "--tag", image, "examples/start"],
    ]);
    const { stdout: id } = await run("docker", ["run", "--detach", "--init", image]);
    const inside = (...command: string[]) => run("docker", ["exec", id.trim(), ...command]);
    try {
      const { stdout } = await inside("wget", "-q", "-O", "-", "http://127.0.0.1:8080/");
      expect(stdout).toBe(await readFile("examples/start/index.html", "utf8"));
      expect((await inside("busybox", "id", "-u")).stdout.trim()).toBe("1000");
    } finally {
      await run("docker", ["rm", "--force", id.trim()]);
    }
  });
});

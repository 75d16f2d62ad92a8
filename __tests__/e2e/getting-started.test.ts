// docs/getting-started.md, by somebody who has nothing else: its commands as they stand there, in one shell. ministack plays
// CloudFormation; the simulator with real containers plays the rest of AWS and gets the roles and the repository of the stack. A bare
// repository plays GitHub: each push runs the documented workflow with the bundled action.

import { execFile } from "node:child_process";
import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readText, root } from "../contract/source.ts";
import { runStep, type StepResult } from "../rig/actions-runner.ts";
import { type ContainerAccount, openContainerAccount } from "../rig/container-account.ts";
import { commandsOf } from "../rig/documented-commands.ts";
import { executionPolicy } from "../rig/express-account.ts";
import { pythonPackages } from "../rig/python-packages.ts";
import { type AwsCli, awsCli, installed, readsEndpointFromEnvironment } from "./aws-cli.ts";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";
import { readRole } from "./created-role.ts";
import { errorsOf, temporaryFolder } from "./deployment.ts";
import { type Ministack, startMinistack } from "./ministack.ts";

const run = promisify(execFile);
const page = "docs/getting-started.md";
const programs = ["aws", "git", "curl", "openssl"];
// The documented workflow builds for GitHub's runner, which is linux/amd64, and the tasks run here.
const packages =
  engineAnswers() &&
  process.arch === "x64" &&
  programs.every(installed) &&
  readsEndpointFromEnvironment()
    ? pythonPackages("emulator")
    : undefined;
/** ministack's account. */
const accountId = "000000000000";

describe.skipIf(!packages)(
  "a newcomer (needs x64, Python with pip, AWS CLI 2.13 or 1.29, git, curl)",
  () => {
    let ministack: Ministack;
    let account: ContainerAccount;
    let baseImage: string;
    const servers: Server[] = [];
    beforeAll(async () => {
      ministack = await startMinistack(packages ?? "");
      account = await openContainerAccount(20, undefined, accountId);
      const dockerfile = readText("examples/start/Dockerfile");
      baseImage = dockerfile.match(/^ARG BASE_IMAGE=(\S+)$/m)?.[1] ?? "";
      loadBusybox(baseImage); // a registry is out of reach
    });
    afterAll(async () => {
      for (const server of servers) server.closeAllConnections();
      await account?.close();
      await ministack?.close();
      if (baseImage) removeImages(baseImage);
    });

    test("gets to a page and to its next version, and removes the service", {
      timeout: 400_000,
    }, async () => {
      const runs: StepResult[] = [];
      const home = await temporaryFolder();
      await symlink(root, join(home, "deploy-ecs"));
      const repository = await createRepository(home, async (commit) => {
        if (runs.length === 0) await giveSimulatorTheStack();
        runs.push(await runWorkflow(repository, commit));
      });
      await trustLoadBalancer(home);

      const { stdout } = await run("sh", ["-euc", script()], {
        cwd: join(home, "app"),
        env: {
          ...process.env,
          ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_PAGER: "" },
          AWS_ENDPOINT_URL: account.url,
          AWS_ENDPOINT_URL_CLOUDFORMATION: ministack.url,
          HOME: home,
        },
      });

      expect(runs.flatMap(errorsOf)).toEqual([]);
      expect(runs.map(({ outputs }) => outputs["outcome"])).toEqual(["succeeded", "succeeded"]);
      expect(stdout.match(/<h1>.*<\/h1>/g)).toEqual([
        "<h1>Hello from version 1</h1>",
        "<h1>Hello from version 2</h1>",
      ]);
      const { ecs } = account.simulator;
      expect(ecs.describeService({ cluster: "default", service: "hello" }).status).toBe("INACTIVE");
    });

    /** Steps 1 to 6, the page again, and of step 7 what the test of the template leaves out. */
    function script(): string {
      const steps = commandsOf(page, ["1.", "2.", "3.", "4.", "5.", "6."]);
      const showPage = steps.match(/^curl .*$/m)?.[0] ?? "exit 70";
      const [removeService = "exit 70"] = commandsOf(page, ["7."]).split("aws cloudformation");
      const answers = {
        "OWNER/REPO": "octo/app",
        // ministack's CloudFormation has no OIDC provider; the page says what to add if the account has it.
        'ServiceName="$SERVICE"': 'ServiceName="$SERVICE" CreateGitHubProvider=no',
      };
      return Object.entries(answers).reduce((text, [from, to]) => {
        expect(text).toContain(from);
        return text.replace(from, to);
      }, [steps, showPage, removeService].join("\n"));
    }

    /** Its clone is `app`. Each push to `main` waits until its run has ended. */
    async function createRepository(
      home: string,
      onPush: (commit: string) => Promise<void>,
    ): Promise<string> {
      const repository = join(home, "app.git");
      await writeFile(
        join(home, ".gitconfig"),
        "[user]\nname = Newcomer\nemail = new@example.com\n",
      );
      await run("git", ["init", "--quiet", "--bare", "--initial-branch=main", repository]);
      await run("git", ["clone", "--quiet", repository, join(home, "app")]);
      const port = await listen(
        createServer(async (incoming, outgoing) => {
          const [, commit = "", ref] = (await textOf(incoming)).trim().split(" ");
          expect(ref).toBe("refs/heads/main");
          await onPush(commit).finally(() => outgoing.end());
        }),
      );
      const hook = `#!/bin/sh\nexec curl --disable --silent --data-binary @- http://127.0.0.1:${port}/\n`;
      await writeFile(join(repository, "hooks/post-receive"), hook, { mode: 0o755 });
      return repository;
    }

    async function runWorkflow(repository: string, commit: string): Promise<StepResult> {
      const workspace = join(await temporaryFolder(), "checkout");
      await run("git", ["clone", "--quiet", repository, workspace]);
      const workflow = parse(
        await readFile(join(workspace, ".github/workflows/deploy.yml"), "utf8"),
      );
      expect(workflow.on).toEqual({ push: { branches: ["main"] } });
      const [checkout, step] = workflow.jobs.deploy.steps;
      expect(checkout.uses).toMatch(/^actions\/checkout@[0-9a-f]{40}$/);
      expect(step.uses).toBe("OWNER/deploy-ecs@v1");
      const result = await runStep({
        inputs: step.with,
        workspace,
        environment: {
          HOME: await temporaryFolder(),
          ...account.simulator.environment(account.url),
          ...(process.env["DOCKER_HOST"] && { DOCKER_HOST: process.env["DOCKER_HOST"] }),
        },
        commit,
      });
      await rm(result.folder, { recursive: true });
      return result;
    }

    /** Roles with their trust and permissions, and the repository, as CloudFormation has created them. */
    async function giveSimulatorTheStack(): Promise<void> {
      const { roles, ecr } = account.simulator;
      const aws: AwsCli = awsCli("aws", ministack.url);
      const { Roles } = await aws.askJson("iam", "list-roles");
      for (const { RoleName } of Roles) {
        const { arn, trust, policies, managed } = await readRole(aws, RoleName);
        const more = managed.filter((one) => one.endsWith("/AmazonECSTaskExecutionRolePolicy"));
        roles.put({
          roleArn: arn,
          trustPolicy: trust,
          policies: [...policies, ...more.map(() => executionPolicy)],
        });
      }
      const { repositories } = await aws.askJson("ecr", "describe-repositories");
      for (const { repositoryName, imageTagMutability } of repositories)
        ecr.repositories.createRepository(repositoryName, {
          imageTagMutability,
          exclusions: ["latest"],
        });
    }

    /** HTTPS for every host under on.aws, with a certificate that the newcomer's curl trusts. */
    async function trustLoadBalancer(home: string): Promise<void> {
      const [key, cert] = [join(home, "key.pem"), join(home, "cert.pem")];
      const name = "*.ecs.us-east-1.on.aws";
      await run("openssl", [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", `/CN=${name}`],
        ...["-addext", `subjectAltName=DNS:${name}`, "-keyout", key, "-out", cert],
      ]);
      const pair = { key: await readFile(key), cert: await readFile(cert) };
      const port = await listen(
        createTlsServer(pair, ({ url = "/", headers }, outgoing) => {
          request(account.url, { path: url, headers }, (answer) => {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
          }).end();
        }),
      );
      const config = [`connect-to = "::127.0.0.1:${port}"`, `cacert = "${cert}"`, ""];
      await writeFile(join(home, ".curlrc"), config.join("\n"));
    }

    async function listen(server: Server): Promise<number> {
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    }
  },
);

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

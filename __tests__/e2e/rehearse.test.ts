// The action `rehearse` with real containers: it says what a deployment says, leaves nothing, and reaches nothing but this machine.

import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { healthCheck } from "../rig/hello-account.ts";
import {
  baseImage,
  type HelloCheckout,
  openHelloCheckout,
  rehearse,
  writeHelloTask,
} from "../rig/rehearsal.ts";
import { engineAnswers, loadBusybox, removeImages } from "./busybox-image.ts";
import { errorsOf, temporaryFolder } from "./deployment.ts";
import { type Failure, failures, foreign, own } from "./failing-versions.ts";

const foreignImages = ["foreign", "proxy"].map((name) => `hello-rehearsal-${name}:1`);

describe.skipIf(!engineAnswers())("a rehearsal", () => {
  let checkout: HelloCheckout;
  /** Knows no image. */
  let registry: Server;
  beforeAll(async () => {
    checkout = await openHelloCheckout();
    for (const image of foreignImages) loadBusybox(image, foreign);
    registry = createServer((request, response) => {
      response.statusCode = request.url === "/v2/" ? 200 : 404;
      response.setHeader("content-type", "application/json");
      response.end('{"errors":[{"code":"NAME_UNKNOWN","message":"name unknown"}]}');
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    registry?.close();
    removeImages(...foreignImages);
    await checkout?.close();
  });

  const missingImage = () => `127.0.0.1:${(registry.address() as AddressInfo).port}/metrics:1`;

  function sidecarOf({ service: { sidecar }, images = {} }: Failure) {
    if (sidecar === undefined) return [];
    const image = images[sidecar] === "missing" ? missingImage() : `hello-rehearsal-${sidecar}:1`;
    return [{ name: sidecar, image, essential: false }];
  }

  const cases = Object.entries(failures).map(
    ([name, failure]) => [failure.title, name, failure] as const,
  );
  test.each(cases)("%s: the cause is that of a deployment", async (_, name, failure) => {
    const fill = (text: string) =>
      text
        .replaceAll("{registry}/foreign:1", "hello-rehearsal-foreign:1")
        .replaceAll("{foreign}", foreign)
        .replaceAll("{own}", own);
    const inputs = await writeHelloTask(checkout, {
      name,
      dockerfile: fill(failure.dockerfile),
      container: failure.service.container ?? {},
      beside: sidecarOf(failure),
    });

    const step = await rehearse(checkout, {
      inputs: { ...inputs, "circuit-breaker-threshold": "2" },
    });

    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(step.outputs).toMatchObject(
      failure.outputs ?? { outcome: "rolled-back", "reason-code": "RolledBack" },
    );
    const [error, ...others] = errorsOf(step);
    expect(others).toEqual([]);
    for (const words of failure.says) expect(error).toMatch(new RegExp(fill(words.source)));
    expect(step.summary).toMatch(/^## Rehearsal: /);
    expect(leftovers()).toEqual([]);
  });

  const leaving = "echo ready; exec serve";
  const slow = `CMD ["sh", "-c", "${leaving}"]\n`;

  test.each(["SIGKILL", "SIGINT"] as const)("nothing is left after %s", async (signal) => {
    const inputs = await writeHelloTask(checkout, {
      name: "killed",
      dockerfile: slow,
      container: { healthCheck: { ...healthCheck, interval: 60 } },
    });
    let send: ((signal: NodeJS.Signals) => void) | undefined;
    let seen: readonly string[] = [];
    const step = await rehearse(checkout, {
      inputs,
      onStart: (_, sender) => {
        send ??= sender;
      },
      onLine: (line) => {
        if (!/new tasks: 1 of 1 running/.test(line)) return;
        seen = leftovers();
        send?.(signal);
      },
    });
    expect(step).toMatchObject({ postExitCode: 0 });
    expect(step.exitCode).not.toBe(0);
    expect(seen).not.toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  test("a container of the job is reached by the name that the task uses", async () => {
    const database = `hello-rehearsal-db-${process.pid}`;
    const httpd = ["httpd", "-f", "-p", "5432", "-h", "/bin"];
    spawnSync("docker", ["run", "--detach", "--name", database, baseImage, ...httpd]);
    onTestFinished(() => void spawnSync("docker", ["rm", "--force", database]));
    const inputs = await writeHelloTask(checkout, {
      name: "database",
      dockerfile: 'CMD ["sh", "-c", "wget -q -O /dev/null http://db:5432/sh && exec serve"]\n',
    });

    const missing = await rehearse(checkout, {
      inputs: { ...inputs, "rehearsal-hosts": "db=no-such-container" },
    });
    expect(missing.outputs["reason-code"]).toBe("InvalidInput");
    expect(errorsOf(missing)[0]).toContain(database);

    const step = await rehearse(checkout, {
      inputs: { ...inputs, "rehearsal-hosts": `db=${database}` },
    });
    expect(step.outputs).toMatchObject({ outcome: "succeeded", "reason-code": "Succeeded" });
    expect(leftovers()).toEqual([]);
    const state = spawnSync("docker", ["inspect", "--format", "{{.State.Status}}", database]);
    expect(state.stdout.toString().trim()).toBe("running");
  });

  test("stand-ins reach the container, and the pre-deploy command runs first", async () => {
    const inputs = await writeHelloTask(checkout, {
      name: "secrets",
      dockerfile: 'CMD ["sh", "-c", "test $TOKEN = stand-in && exec serve"]\n',
      container: {
        healthCheck,
        secrets: [
          {
            name: "TOKEN",
            valueFrom:
              "arn:aws:secretsmanager:eu-central-1:210987654321:secret:hello-AbCdEf:token::",
          },
          { name: "KEY", valueFrom: "/hello/key" },
        ],
      },
    });
    const step = await rehearse(checkout, {
      inputs: {
        ...inputs,
        "rehearsal-secrets": "TOKEN=stand-in\ndummy",
        "pre-deploy-command": '["sh", "-c", "echo key $KEY"]',
      },
    });
    expect(step.outputs).toMatchObject({ outcome: "succeeded" });
    expect(step.log.join("\n")).toContain("key rehearsal-dummy-KEY");
  });

  test("no name is resolved, and no connection leaves this machine", async () => {
    const folder = await temporaryFolder();
    const notes = join(folder, "connections");
    const hook = join(folder, "hook.mjs");
    await writeFile(notes, "");
    await writeFile(hook, noteConnections(notes));
    let asked = 0;
    const elsewhere = createServer((_, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void elsewhere.close());
    const { port } = elsewhere.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const inputs = await writeHelloTask(checkout, { name: "offline", dockerfile: "" });

    const step = await rehearse(checkout, {
      inputs,
      environment: {
        NODE_OPTIONS: `--import=${hook}`,
        // Whatever a job has that leads to AWS: none of it is used.
        AWS_ENDPOINT_URL: url,
        AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY: "not-to-be-used",
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "not-to-be-used",
      },
    });

    expect(step.outputs).toMatchObject({ outcome: "succeeded" });
    expect(asked).toBe(0);
    const noted = (await readFile(notes, "utf8")).split("\n").filter(Boolean);
    expect(noted.length).toBeGreaterThan(0);
    // An address is no name: a server that listens on one looks it up, too.
    const local =
      /^lookup 127\.0\.0\.1$|^connect (127\.0\.0\.1:\d+|172\.\d+\.\d+\.\d+:8080|10\.\d+\.\d+\.\d+:8080)$/;
    expect(noted.filter((line) => !local.test(line))).toEqual([]);
  });
});

/** Every TCP connection and every look-up of a name, one line each. */
function noteConnections(notes: string): string {
  return `
import { appendFileSync } from "node:fs";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
const note = (line) => appendFileSync(${JSON.stringify(notes)}, line + "\\n");
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (options?.port !== undefined) note("connect " + options.host + ":" + options.port);
  else if (options?.path === undefined) note("connect " + JSON.stringify(options));
  return connect.apply(this, args);
};
for (const [from, name] of [[dns, "lookup"], [dns, "resolve"], [dns.promises, "lookup"]]) {
  const original = from[name];
  from[name] = function (host, ...rest) {
    note("lookup " + host);
    return original.call(this, host, ...rest);
  };
}
syncBuiltinESMExports();
`;
}

/** What rehearsals have on the engine. */
function leftovers(): readonly string[] {
  const ours = "label=deploy-ecs.simulator";
  const images = "label=io.github.deploy-ecs.rehearsal";
  const lists = [
    ["ps", "--all", "--quiet", "--filter", ours],
    ["network", "ls", "--quiet", "--filter", ours],
    ["volume", "ls", "--quiet", "--filter", ours],
    ["images", "--quiet", "--filter", images],
  ];
  return lists.flatMap((args) =>
    spawnSync("docker", args, { encoding: "utf8" }).stdout.split("\n").filter(Boolean),
  );
}

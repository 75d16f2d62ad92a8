// Real requests to real containers: a version that is healthy for ECS and answers 500 is rolled back by its verification, while
// clients request the service's page all the time.

import { writeFile } from "node:fs/promises";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startClients } from "../rig/clients.ts";
import { addressesOf } from "../rig/container-account.ts";
import { type HelloAccount, openHelloAccount } from "../rig/hello-account.ts";
import { engineAnswers } from "./busybox-image.ts";
import { deploy, errorsOf } from "./deployment.ts";

/** ECS only asks `/health`, which stays good; `/cgi-bin/status` answers what the file says. */
const serveWithStatus = `#!/bin/sh
mkdir -p /tmp/pages/cgi-bin
cp /bin/status /tmp/pages/cgi-bin/status
exec serve
`;

async function writeVersion(
  { workspace, registry }: HelloAccount,
  name: string,
  [status, body]: readonly [status: string, body: string],
): Promise<void> {
  // In one write and with its own CRs: busybox passes the lines on as they come.
  const answer = [`Status: ${status}`, "Content-Type: text/plain", "", body].join("\\r\\n");
  const cgi = `#!/bin/sh\nprintf '${answer}'\n`;
  const dockerfile = [
    `FROM ${registry}/hello:1`,
    `ENV VERSION=${name}`, // a build argument would lose against that of version 1
    `COPY ${name}-status /bin/status`,
    "COPY serve-with-status /bin/serve-with-status",
    'CMD ["serve-with-status"]',
    "",
  ];
  const folder = join(workspace, "hello");
  await writeFile(join(folder, ".dockerignore"), "");
  await writeFile(join(folder, "serve-with-status"), serveWithStatus, { mode: 0o755 });
  await writeFile(join(folder, `${name}-status`), cgi, { mode: 0o755 });
  await writeFile(join(folder, `${name}.Dockerfile`), dockerfile.join("\n"));
}

interface Proxy {
  readonly url: string;
  close(): void;
}

/**
 * A load balancer for the service: each request goes to a running task; if that does not accept it, to another one.
 */
async function openProxy(account: HelloAccount): Promise<Proxy> {
  const server = http.createServer(async ({ url = "/" }, response) => {
    const until = Date.now() + 3_000;
    while (Date.now() < until) {
      const addresses = await addressesOf(account, { cluster: "demo", service: "hello" });
      for (const address of addresses) {
        const answer = await fetch(`http://${address}:8080${url}`, {
          signal: AbortSignal.timeout(2_000),
        }).catch(() => undefined);
        if (!answer) continue;
        response.writeHead(answer.status).end(await answer.text());
        return;
      }
      await new Promise((resume) => setTimeout(resume, 50));
    }
    response.writeHead(503).end("no target");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe.skipIf(!engineAnswers())("a version that ECS finds healthy", () => {
  let account: HelloAccount;
  let proxy: Proxy;
  beforeAll(async () => {
    account = await openHelloAccount({ speed: 20 });
    proxy = await openProxy(account);
    await writeVersion(account, "2", ["200 OK", "ready"]);
    await writeVersion(account, "3", ["500 Internal Server Error", "no such table: entries"]);
  });
  afterAll(async () => {
    proxy?.close();
    await account?.close();
  });

  function askPage() {
    return fetch(`${proxy.url}/`).then(async (answer) => ({
      status: answer.status,
      firstLine: (await answer.text()).trim(),
    }));
  }

  const title = "is deployed if its answers are good, and rolled back if they are not";
  test(title, { timeout: 300_000 }, async () => {
    const inputs = { "verify-url": `${proxy.url}/cgi-bin/status 200 ready`, "latest-tag": "none" };
    const good = await deploy(account, {
      version: "2",
      inputs: { ...inputs, file: "hello/2.Dockerfile" },
    });
    expect(errorsOf(good)).toEqual([]);
    expect(good.outputs).toMatchObject({
      outcome: "succeeded",
      url: `${proxy.url}/cgi-bin/status`,
    });
    expect(good.log.join("\n")).toMatch(/3 good answers in a row after/);

    const clients = startClients(askPage);
    const bad = await deploy(account, {
      version: "3",
      inputs: { ...inputs, file: "hello/3.Dockerfile" },
    }).finally(clients.stop);
    expect(bad).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(bad.outputs).toMatchObject({
      outcome: "rolled-back",
      "reason-code": "VerificationFailed",
    });
    const [error, ...others] = errorsOf(bad);
    expect(others).toEqual([]);
    expect(error).toMatch(/Its last answer: 500 "no such table: entries"/);
    expect(error).toMatch(/30 × 500/);
    expect(await account.ask()).toBe("hello from version 2");
    expect(Object.keys(clients.counts).sort()).toEqual([
      "200 hello from version 2",
      "200 hello from version 3",
    ]);
  });
});

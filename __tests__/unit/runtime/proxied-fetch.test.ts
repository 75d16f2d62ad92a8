// GitHub's real client over our fetch, against a server of the test's own.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { proxiedFetch } from "../../../src/runtime/proxied-fetch.ts";

interface Received {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let server: Server;
let received: Received[];
let answers: Readonly<Record<string, readonly [status: number, body: unknown]>>;

beforeEach(() => {
  received = [];
  answers = {};
});

// The client reads the address once, when it is loaded.
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const line = `${request.method} ${request.url}`;
    const { authorization } = request.headers;
    received.push({ line, authorization, body: text === "" ? undefined : JSON.parse(text) });
    const [status, body] = answers[line] ?? [404, { message: "Not Found" }];
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("GITHUB_API_URL", addressOf(server));
  vi.stubEnv("GITHUB_EVENT_PATH", "");
});

afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

function addressOf(one: Server): string {
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
}

async function github() {
  const { openGithub } = await import("../../../src/preview/github.ts");
  return openGithub("ghs_token", "acme/shop", proxiedFetch({}));
}

const status = {
  environment: "pr-12",
  commit: "abc",
  state: "success" as const,
  url: "https://sh-1.example",
  logUrl: "https://github.com/acme/shop/actions/runs/42",
};

describe("GitHub", () => {
  test("gets a deployment of the commit, and its status with the URL", async () => {
    answers = {
      "POST /repos/acme/shop/deployments": [201, { id: 5 }],
      "POST /repos/acme/shop/deployments/5/statuses": [201, { id: 6 }],
    };
    await (await github()).create(status);
    expect(received.map(({ line }) => line)).toEqual(Object.keys(answers));
    expect(received[0]?.authorization).toBe("token ghs_token");
    expect(received[0]?.body).toMatchObject({
      ref: "abc",
      environment: "pr-12",
      required_contexts: [],
      auto_merge: false,
    });
    expect(received[1]?.body).toMatchObject({
      state: "success",
      environment_url: "https://sh-1.example",
    });
  });

  test("that refuses: its own message", async () => {
    answers = {
      "POST /repos/acme/shop/deployments": [403, { message: "Resource not accessible" }],
    };
    await expect((await github()).create(status)).rejects.toThrow("Resource not accessible");
  });

  test("sets the latest deployment of the environment to inactive", async () => {
    answers = {
      "GET /repos/acme/shop/deployments?environment=pr-12&per_page=1": [200, [{ id: 5 }]],
      "POST /repos/acme/shop/deployments/5/statuses": [201, { id: 6 }],
    };
    await (await github()).deactivate("pr-12");
    expect(received.at(-1)?.body).toMatchObject({ state: "inactive" });
  });

  test("that cannot be reached: the error says so", async () => {
    const client = await github();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(client.create(status)).rejects.toThrow(/ECONNREFUSED/);
  });
});

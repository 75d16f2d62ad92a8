// The real probe against real servers on 127.0.0.1: what Node makes of their answers.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { createProbe } from "../../../src/runtime/probe.ts";
import { askUrl } from "../../../src/verification/ask-url.ts";
import { judgeAnswer } from "../../../src/verification/judge-answers.ts";

const servers: net.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) (server as http.Server).closeAllConnections();
    server.close();
  }
});

async function portOf(server: net.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as net.AddressInfo).port;
}

async function quoteOf(
  url: string,
  { status, text, milliseconds = 5_000, environment = {} }: Partial<Asked> = {},
) {
  const check = { url, status, text };
  const ports = {
    probe: createProbe(environment),
    clock: systemClock,
    signal: new AbortController().signal,
  };
  return judgeAnswer(check, await askUrl(check, milliseconds, ports));
}

interface Asked {
  readonly status: number;
  readonly text: string;
  readonly milliseconds: number;
  readonly environment: Readonly<Record<string, string>>;
}

function createCertificate(name: string) {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-probe-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const args = ["req", "-x509", ...curve, "-keyout", key, "-out", cert, "-days", "1", ...subject];
  execFileSync("openssl", args, { stdio: "ignore" });
  const found = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return found;
}

describe("a real server", () => {
  test("that answers: good, each on a connection of its own", async () => {
    const ports = new Set<number | undefined>();
    const port = await portOf(
      http.createServer((request, response) => {
        ports.add(request.socket.remotePort);
        response.end("ready");
      }),
    );
    for (let count = 0; count < 3; count++)
      expect(await quoteOf(`http://127.0.0.1:${port}/`, { text: "ready" })).toMatchObject({
        kind: "good",
        quote: '200 "ready"',
      });
    expect(ports.size).toBe(3);
  });

  test("that redirects within the host, and away", async () => {
    const port = await portOf(
      http.createServer(({ url }, response) => {
        const location = url === "/" ? "/home" : "http://other.example/";
        if (url === "/home") response.end("home");
        else response.writeHead(302, { location }).end();
      }),
    );
    expect((await quoteOf(`http://127.0.0.1:${port}/`)).quote).toBe('200 "home"');
    expect((await quoteOf(`http://127.0.0.1:${port}/away`)).label).toBe(
      "302 to http://other.example, which is not followed",
    );
  });

  test("whose body does not end: 64 KiB are read", async () => {
    const port = await portOf(
      http.createServer((_, response) => {
        response.write("x".repeat(70_000));
        response.write("ready");
      }),
    );
    expect((await quoteOf(`http://127.0.0.1:${port}/`)).kind).toBe("good");
    expect((await quoteOf(`http://127.0.0.1:${port}/`, { text: "ready" })).label).toBe(
      '200 without "ready" in the first 64 KiB',
    );
  });

  test("that hangs before and within its answer", async () => {
    const port = await portOf(
      http.createServer(({ url }, response) => {
        if (url === "/half") response.write("half");
      }),
    );
    for (const path of ["/", "/half"])
      expect((await quoteOf(`http://127.0.0.1:${port}${path}`, { milliseconds: 300 })).label).toBe(
        "no answer within 0.3 s",
      );
  });

  test("that closes the connection, or speaks no HTTP", async () => {
    const closing = await portOf(net.createServer((socket) => socket.destroy()));
    expect((await quoteOf(`http://127.0.0.1:${closing}/`)).label).toBe(
      "connection closed without an answer",
    );
    const other = await portOf(
      net.createServer((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n")),
    );
    expect((await quoteOf(`http://127.0.0.1:${other}/`)).label).toBe("what answers is not HTTP");
  });

  test("that does not listen, or has no name in the DNS", async () => {
    const port = await portOf(net.createServer());
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    expect((await quoteOf(`http://127.0.0.1:${port}/`)).label).toBe("connection refused");
    expect((await quoteOf("http://no-such-host.invalid/")).label).toMatch(/^the DNS /);
  });

  test("with a self-signed certificate", async () => {
    const own = createCertificate("elsewhere.example");
    const port = await portOf(https.createServer(own, (_, response) => response.end("ready")));
    expect((await quoteOf(`https://127.0.0.1:${port}/`)).label).toBe(
      "the TLS certificate is self-signed",
    );
  });

  test("without TLS where TLS is asked for", async () => {
    const port = await portOf(http.createServer((_, response) => response.end("ready")));
    expect((await quoteOf(`https://127.0.0.1:${port}/`)).label).toMatch(/^no TLS connection/);
  });

  test("behind a proxy, which is asked in its place; NO_PROXY is respected", async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await portOf(
      http.createServer(({ url }, response) => {
        asked.push(url);
        response.end("from the proxy");
      }),
    );
    const HTTP_PROXY = `http://127.0.0.1:${proxy}`;
    const through = await quoteOf("http://shop.example/health", { environment: { HTTP_PROXY } });
    expect(through.quote).toBe('200 "from the proxy"');
    expect(asked).toEqual(["http://shop.example/health"]);

    const port = await portOf(http.createServer((_, response) => response.end("direct")));
    const environment = { HTTP_PROXY, NO_PROXY: "127.0.0.1" };
    const direct = await quoteOf(`http://127.0.0.1:${port}/`, { environment });
    expect(direct.quote).toBe('200 "direct"');
  });
});

// Real TLS on 127.0.0.1: what Node and the SDK make of a certificate that cannot be trusted, and of a port without TLS.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECSClient } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCall } from "../../../src/aws/call.ts";
import { createEcs } from "../../../src/aws/ecs.ts";
import { fetchIdToken } from "../../../src/aws/id-token.ts";
import { systemClock } from "../../../src/clock.ts";
import type { DeployError } from "../../../src/errors.ts";
import { inspectImage } from "../../../src/image/registry.ts";

let certificate: { readonly key: Buffer; readonly cert: Buffer };
const servers: http.Server[] = [];

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const of = ["-subj", "/CN=elsewhere.example", "-addext", "subjectAltName=DNS:elsewhere.example"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync(
    "openssl",
    ["req", "-x509", ...curve, "-keyout", key, "-out", cert, "-days", "1", ...of],
    {
      stdio: "ignore",
    },
  );
  certificate = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
});

afterAll(() => {
  for (const server of servers) server.close();
});

async function portOf(server: http.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const call = createCall({
  clock: systemClock,
  signal: new AbortController().signal,
  random: () => 0.5,
});

function ecsAt(endpoint: string, httpsAgent = new https.Agent()) {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new ECSClient({
    region: "us-east-1",
    endpoint,
    credentials,
    maxAttempts: 1,
    requestHandler: { httpsAgent },
  });
  return createEcs(client, call);
}

async function refusal(work: Promise<unknown>): Promise<DeployError> {
  return work.then(
    () => expect.fail("it was answered"),
    (error: DeployError) => error,
  );
}

/** As main.ts does it, without the runner's proxy. */
function get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
  return new Promise<never>(
    (_, reject) => void https.get(url, { headers, signal }).on("error", reject),
  );
}

describe("a call without a secure connection is tried once, and names the cause", () => {
  test("a certificate of an unknown authority", async () => {
    const port = await portOf(https.createServer(certificate, (_, response) => response.end("{}")));
    const { code, message, hint } = await refusal(
      ecsAt(`https://127.0.0.1:${port}`).describeServices("c", ["s"]),
    );
    expect(code).toBe("TlsFailed");
    expect(message).toContain(
      "ecs:DescribeServices: no secure connection, because the certificate is not of an authority that this runner trusts (DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate",
    );
    expect(hint).toContain("NODE_EXTRA_CA_CERTS");
  });

  test("a certificate of another host", async () => {
    const port = await portOf(https.createServer(certificate, (_, response) => response.end("{}")));
    const trusting = new https.Agent({ ca: certificate.cert });
    const { code, message } = await refusal(
      ecsAt(`https://127.0.0.1:${port}`, trusting).describeServices("c", ["s"]),
    );
    expect(code).toBe("TlsFailed");
    expect(message).toContain(
      "the certificate is that of another host (ERR_TLS_CERT_ALTNAME_INVALID",
    );
  });

  test("a port without TLS", async () => {
    const port = await portOf(http.createServer((_, response) => response.end("{}")));
    const { code, message } = await refusal(
      ecsAt(`https://127.0.0.1:${port}`).describeServices("c", ["s"]),
    );
    expect(code).toBe("TlsFailed");
    expect(message).toMatch(
      /what answers does not speak TLS as this runner does \(\w+: wrong version number\)\.$/,
    );
  });

  test("GitHub's token endpoint", async () => {
    const port = await portOf(https.createServer(certificate, (_, response) => response.end("{}")));
    const environment = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `https://127.0.0.1:${port}/token?v=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
    };
    const { code, message } = await refusal(
      fetchIdToken({ environment, get, call, mask: () => {} }, "aud"),
    );
    expect(code).toBe("TlsFailed");
    expect(message).toMatch(/^GitHub's OIDC token endpoint: no secure connection/);
  });

  test("a registry", async () => {
    const port = await portOf(https.createServer(certificate, (_, response) => response.end("{}")));
    const ports = {
      get,
      clock: systemClock,
      signal: new AbortController().signal,
      credentialFor: async () => undefined,
      caller: { accountId: "123456789012", arn: "" },
    };
    const { code, message } = await refusal(
      inspectImage(`localhost.localdomain:${port}/app:1`, { ...ports, get: rehosted }),
    );
    expect(code).toBe("TlsFailed");
    expect(message).toContain(`The registry localhost.localdomain:${port}: no secure connection`);
  });
});

/** Names of 127.0.0.1 are asked without TLS, as docker does it. */
function rehosted(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
  return get(url.replace("localhost.localdomain", "127.0.0.1"), headers, signal);
}

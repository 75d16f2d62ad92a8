import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import { DeployError } from "../../../src/errors.ts";
import { logRequests } from "../../../src/image/log-requests.ts";

async function linesOf(
  url: string,
  work: (clock: VirtualClock) => Promise<number>,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const clock = new VirtualClock(0);
  const get = async () => ({ status: await work(clock), body: "secret body" });
  const logged = logRequests(get, clock, (line) => void lines.push(line));
  await logged(url, { authorization: "Bearer secret" }, signal).catch(() => {});
  return lines;
}

const manifestUrl = "https://ghcr.io/v2/clockko/api/manifests/1.2";

test("a response has its status and its time", async () => {
  const work = async (clock: VirtualClock) => {
    await clock.sleep(41);
    return 404;
  };
  expect(await linesOf(manifestUrl, work)).toEqual([`GET ${manifestUrl}: HTTP 404 in 41 ms`]);
});

test.each([
  { url: `${manifestUrl}?ns=secret`, shown: manifestUrl },
  {
    url: "https://me:secret@ghcr.io/v2/a/blobs/sha256:c0",
    shown: "https://ghcr.io/v2/a/blobs/sha256:c0",
  },
  { url: "https://auth.docker.io/token?account=secret", shown: "https://auth.docker.io/…" },
  { url: "https://store.example/downloads/secret", shown: "https://store.example/…" },
  {
    url: "http://127.0.0.1:5000/v2/a/manifests/1",
    shown: "http://127.0.0.1:5000/v2/a/manifests/1",
  },
  { url: "secret", shown: "(not a URL)" },
])("of $url only $shown is shown", async ({ url, shown }) => {
  expect(await linesOf(url, async () => 200)).toEqual([`GET ${shown}: HTTP 200 in 0 ms`]);
});

test("a failure has its name, without its message", async () => {
  const reset = Object.assign(new Error("secret"), { code: "ECONNRESET" });
  expect(await linesOf(manifestUrl, () => Promise.reject(reset))).toEqual([
    `GET ${manifestUrl}: ECONNRESET, no HTTP status in 0 ms`,
  ]);
});

test("a request that is cancelled says so", async () => {
  const reason = new DeployError({ code: "Cancelled", message: "cancelled" });
  const failed = () => Promise.reject(new Error("socket hang up"));
  expect(await linesOf(manifestUrl, failed, AbortSignal.abort(reason))).toEqual([
    `GET ${manifestUrl}: Cancelled, no HTTP status in 0 ms`,
  ]);
});

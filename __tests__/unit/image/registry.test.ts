// Registries other than ECR: short names, tokens, redirects, and who the user is to them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "ecs-simulator/clock";
import { expect, onTestFinished, test } from "vitest";
import { inspectImage, type RegistryPorts } from "../../../src/image/registry.ts";
import { createRegistryCredentials } from "../../../src/image/registry-credentials.ts";

type Get = RegistryPorts["get"];
type Answer = Awaited<ReturnType<Get>>;

const clock = new VirtualClock(0);
const manifest = JSON.stringify({ config: { digest: "sha256:c0" } });
const config = JSON.stringify({ os: "linux", architecture: "arm64" });

/** Answers by `METHOD-less` URL and notes what was asked, with which Authorization. */
function registry(answers: (url: string, authorization: string | undefined) => Answer) {
  const asked: string[] = [];
  const get: Get = async (url, headers) => {
    asked.push(
      `${url}${headers["authorization"] === undefined ? "" : ` as ${headers["authorization"]}`}`,
    );
    return answers(url, headers["authorization"]);
  };
  const ports: RegistryPorts = {
    get,
    clock,
    signal: new AbortController().signal,
    credentialFor: async () => undefined,
    caller: { accountId: "111111111111", arn: "" },
  };
  return { asked, ports };
}

test("Docker Hub by a short name: a token is requested, and used for the blob, too", async () => {
  const challenge = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
  const { asked, ports } = registry((url, authorization) => {
    if (url.startsWith("https://auth.docker.io/token"))
      return { status: 200, body: '{"token":"T"}' };
    if (authorization !== "Bearer T")
      return { status: 401, body: "", headers: { "www-authenticate": challenge } };
    return { status: 200, body: url.includes("/blobs/") ? config : manifest };
  });
  expect(await inspectImage("redis:7", ports)).toMatchObject({ platforms: ["linux/arm64"] });
  expect(asked).toEqual([
    "https://registry-1.docker.io/v2/library/redis/manifests/7",
    "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fredis%3Apull",
    "https://registry-1.docker.io/v2/library/redis/manifests/7 as Bearer T",
    "https://registry-1.docker.io/v2/library/redis/blobs/sha256:c0 as Bearer T",
  ]);
});

test("a blob that is elsewhere is fetched there without our password", async () => {
  const { asked, ports } = registry((url) => {
    if (url.startsWith("https://s3")) return { status: 200, body: config };
    if (url.includes("/blobs/"))
      return { status: 307, body: "", headers: { location: "https://s3.example/blob" } };
    return { status: 200, body: manifest };
  });
  const loginOf = async () => ({ isEcr: true as const, username: "AWS", password: "p" });
  const image = await inspectImage("123456789012.dkr.ecr.eu-central-1.amazonaws.com/a/b:1", {
    ...ports,
    credentialFor: loginOf,
  });
  expect(image?.platforms).toEqual(["linux/arm64"]);
  expect(asked.at(-1)).toBe("https://s3.example/blob");
  expect(asked[0]).toMatch(/ as Basic QVdTOnA=$/);
});

test("404 is no image; 403 and a network that is down are errors", async () => {
  const answer = (status: number) => registry(() => ({ status, body: "" })).ports;
  expect(await inspectImage("ghcr.io/a/b:1", answer(404))).toBeUndefined();
  await expect(inspectImage("ghcr.io/a/b:1", answer(403))).rejects.toMatchObject({
    code: "ImageUnreadable",
  });
  const down: Get = () => Promise.reject(new Error("getaddrinfo ENOTFOUND"));
  await expect(inspectImage("ghcr.io/a/b:1", { ...answer(0), get: down })).rejects.toThrow(
    "ENOTFOUND",
  );
});

const ecrOf = (region: string) => ({
  getRegistryPassword: async () => ({
    username: "AWS",
    password: `ecr of ${region}`,
    host: `111111111111.dkr.ecr.${region}.amazonaws.com`,
  }),
});

test("who we are: ECR's password of the region for ECR, the user's own configuration for the rest", async () => {
  const home = mkdtempSync(join(tmpdir(), "deploy-ecs-docker-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const auth = Buffer.from("me:pass:word").toString("base64");
  const helpers = { "quay.io": "mine", "gone.example": "none" };
  writeFileSync(
    join(home, "config.json"),
    JSON.stringify({ auths: { "ghcr.io": { auth } }, credHelpers: helpers }),
  );
  const masked: string[] = [];
  const logins = createRegistryCredentials({
    environment: { DOCKER_CONFIG: home },
    mask: (secret) => void masked.push(secret),
    region: "us-east-1",
    ecr: ecrOf("us-east-1"),
    ecrIn: (region) => (region.startsWith("cn-") ? undefined : ecrOf(region)),
    async run({ command, input }) {
      const known = command === "docker-credential-mine" && input === "quay.io";
      const stdout = known ? '{"Username":"you","Secret":"shh"}' : "";
      return { exitCode: known ? 0 : undefined, stdout, stderrTail: [] };
    },
  });
  expect(await logins.credentialFor("222222222222.dkr.ecr.us-east-1.amazonaws.com")).toMatchObject({
    password: "ecr of us-east-1",
    isEcr: true,
  });
  for (const host of [
    "222222222222.dkr.ecr.eu-west-1.amazonaws.com",
    "222222222222.dkr-ecr.eu-west-1.on.aws",
    "222222222222.dkr.ecr-fips.eu-west-1.amazonaws.com",
  ])
    expect(await logins.credentialFor(host), host).toMatchObject({ password: "ecr of eu-west-1" });
  for (const host of [
    "222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn",
    "222222222222.dkr.ecr.us-east-1.amazonaws.com.example",
    "222222222222.dkr.ecr.eu-west-1.example.com",
    "222222222222.dkr-ecr.eu-west-1.on.aws.example",
  ])
    expect(await logins.credentialFor(host), host).toBeUndefined();
  expect(await logins.credentialFor("ghcr.io")).toEqual({ username: "me", password: "pass:word" });
  expect(await logins.credentialFor("quay.io")).toEqual({ username: "you", password: "shh" });
  expect(await logins.credentialFor("gone.example")).toBeUndefined();
  expect(masked).toEqual(["ecr of us-east-1", "ecr of eu-west-1", "pass:word", "shh"]);
});

// Real folders: what the user's docker has goes on working, and nothing of theirs is touched.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { asDeployError } from "../../../src/errors.ts";
import { createDockerConfig, removeDockerConfig } from "../../../src/image/docker-config.ts";

const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

const usersConfig = {
  auths: { "https://index.docker.io/v1/": { auth: "dXNlcjpwYXNz" } },
  credsStore: "secretservice",
  credHelpers: { "gcr.io": "gcloud" },
  currentContext: "remote",
  proxies: { default: { httpProxy: "http://proxy:3128" } },
  membersOfTomorrow: { kept: true },
};

/** A home with a .docker folder of these files, and a runner's temporary folder. */
function home(files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-docker-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const docker = join(folder, ".docker");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(docker, name, ".."), { recursive: true });
    writeFileSync(join(docker, name), text);
  }
  return {
    folder,
    docker,
    request: {
      environment: { HOME: folder },
      temporaryFolder: join(folder, "runner-temp"),
      registry,
      registerForCleanup: (_: string) => {},
    },
  };
}

const everything = {
  "config.json": JSON.stringify(usersConfig),
  "contexts/meta/1/meta.json": "{}",
  "buildx/current": "builder",
  "cli-plugins/docker-buildx": "#!/bin/sh",
};

function configIn(folder: string): typeof usersConfig {
  return JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
}

test("the user's registries, helpers, context and proxies are kept, also unknown members", async () => {
  const { request } = home(everything);
  const { folder } = await createDockerConfig(request);
  const { credHelpers, ...others } = usersConfig;
  expect(configIn(folder)).toMatchObject({ ...others, credHelpers });
});

test("contexts, builders and plugins are reachable", async () => {
  const { request } = home(everything);
  const { folder } = await createDockerConfig(request);
  for (const [name, text] of Object.entries(everything))
    if (name !== "config.json") expect(readFileSync(join(folder, name), "utf8")).toBe(text);
});

test("the folder is ours alone, and below RUNNER_TEMP", async () => {
  const { request } = home(everything);
  const { folder } = await createDockerConfig(request);
  expect(folder.startsWith(`${request.temporaryFolder}/`)).toBe(true);
  expect(statSync(folder).mode & 0o077).toBe(0);
  expect(statSync(join(folder, "config.json")).mode & 0o077).toBe(0);
  expect(lstatSync(join(folder, "config.json")).isSymbolicLink()).toBe(false);
});

test("two concurrent runs do not interfere", async () => {
  const { request } = home(everything);
  const [one, other] = await Promise.all([
    createDockerConfig(request),
    createDockerConfig(request),
  ]);
  expect(one.folder).not.toBe(other.folder);
});

test("removed, it is gone, and the user's own is as it was", async () => {
  const { docker, request } = home(everything);
  const { folder, remove } = await createDockerConfig(request);
  await remove();
  expect(existsSync(folder)).toBe(false);
  expect(readdirSync(docker).sort()).toEqual(["buildx", "cli-plugins", "config.json", "contexts"]);
  for (const [name, text] of Object.entries(everything))
    expect(readFileSync(join(docker, name), "utf8")).toBe(text);
  await removeDockerConfig(folder); // the post step, which does not know
});

test("DOCKER_CONFIG names the user's own folder", async () => {
  const { folder: elsewhere, request } = home();
  const own = join(elsewhere, "own");
  mkdirSync(own);
  writeFileSync(join(own, "config.json"), JSON.stringify({ currentContext: "mine" }));
  const environment = { ...request.environment, DOCKER_CONFIG: own };
  const { folder } = await createDockerConfig({ ...request, environment });
  expect(configIn(folder)).toMatchObject({ currentContext: "mine" });
});

test.each([
  { name: "no folder", files: {} },
  { name: "an empty config", files: { "config.json": "" } },
  { name: "a config that is no JSON", files: { "config.json": "{" } },
  { name: "a config that is no object", files: { "config.json": "[]" } },
])("$name is no error", async ({ files }) => {
  const { request } = home(files);
  const { folder } = await createDockerConfig(request);
  expect(configIn(folder)).toBeTypeOf("object");
});

test("the folder is registered for the post step before it is created", async () => {
  const { request } = home(everything);
  const heard: { readonly path: string; readonly there: boolean }[] = [];
  const registerForCleanup = (path: string) => void heard.push({ path, there: existsSync(path) });
  const { folder } = await createDockerConfig({ ...request, registerForCleanup });
  expect(heard).toEqual([{ path: folder, there: false }]);
});

test("a folder that cannot be filled is removed at once", async () => {
  // Where the file for buildah should be, there is a folder: the last of the writes fails.
  const { request } = home({ ...everything, "deploy-ecs-auth.json/file": "" });
  await expect(createDockerConfig(request)).rejects.toMatchObject({ code: "EISDIR" });
  expect(readdirSync(request.temporaryFolder)).toEqual([]);
});

test("a temporary folder that is not a folder is named in the error", async () => {
  const { folder, request } = home();
  writeFileSync(join(folder, "file"), "");
  const failed = createDockerConfig({ ...request, temporaryFolder: join(folder, "file/temp") });
  expect(asDeployError(await failed.catch((error: unknown) => error))).toMatchObject({
    code: "DiskNotWritable",
    message: expect.stringContaining("ENOTDIR"),
  });
});

// The inputs of docker/build-push-action.

import { wrap } from "../expressions.ts";
import type { Row, Rows } from "./row.ts";

function same(to: string, sample: string, note = ""): Row {
  return { treatment: { kind: "input", to }, note, sample };
}

/** The build stays as it is, and our step deploys its image. */
function stays(sample: string, unless: readonly string[] = []): Row {
  return {
    treatment: { kind: "stays", unless },
    note: "No equivalent.",
    sample,
  };
}

export const buildRows: Rows = {
  "add-hosts": stays("db:10.0.0.1"),
  allow: stays("network.host"),
  annotations: stays("a=b"),
  attests: {
    treatment: { kind: "joined", to: ["provenance", "sbom"] },
    note: "`type=provenance` and `type=sbom`.",
    sample: "type=sbom",
  },
  "build-args": same("build-args", "NODE_ENV=production"),
  "build-contexts": same("build-contexts", "shared=../shared"),
  builder: same("builder", "remote", "Besides builders' names: `buildx`, `docker`, `buildah`."),
  "cache-from": same(
    "cache-from",
    "type=gha",
    "A cache in the repository itself is `registry`, under the tag `buildcache`.",
  ),
  "cache-to": same("cache-to", "type=gha,mode=max", "The same."),
  call: stays("check", ["build"]),
  "cgroup-parent": stays("parent"),
  context: {
    treatment: { kind: "input", to: "context", convert: contextFolder },
    note:
      "A folder of the workspace, not a Git address. The default is the workspace, there the " +
      "commit on GitHub: files that earlier steps made count, and `actions/checkout` is needed.",
    sample: "./app",
  },
  file: same("file", "docker/Dockerfile"),
  "github-token": {
    treatment: { kind: "automatic" },
    note: "It reads Git contexts, which are not used.",
    sample: "token",
  },
  labels: same("labels", "team=a", "Revision, source, time and version are set besides."),
  load: stays("true", ["false"]),
  network: stays("host"),
  "no-cache": same("no-cache", "true"),
  "no-cache-filters": stays("build"),
  outputs: stays("type=local,dest=out"),
  platforms: same(
    "platforms",
    "linux/arm64",
    "May be left out: the task definition's `runtimePlatform` is the default.",
  ),
  provenance: same("provenance", "mode=max", "Off by default, there on."),
  pull: same("pull", "true"),
  push: {
    treatment: { kind: "stays", unless: ["true"] },
    note: "We always push: `true` needs no input.",
    sample: "false",
  },
  sbom: same("sbom", "true"),
  "secret-envs": {
    treatment: { kind: "input", to: "build-secrets", convert: secretsFromEnvironment },
    note: `\`ID=NAME\` becomes \`ID=${wrap("env.NAME")}\`.`,
    sample: "TOKEN=NPM_TOKEN",
  },
  "secret-files": {
    treatment: { kind: "stays" },
    note: "Secrets are given by value, not as files.",
    sample: "key=./key.txt",
  },
  secrets: same("build-secrets", "TOKEN=abc"),
  "shm-size": stays("2g"),
  ssh: same("ssh", "default"),
  tags: {
    treatment: { kind: "joined", to: ["ecr-repository", "image-tag", "latest-tag"] },
    note:
      "Tags alone, not whole references. The first `image-tag` is deployed; the one tag that " +
      "moves is `latest-tag`, which is `none` where no such tag was pushed.",
    sample: "",
  },
  target: same("target", "runtime"),
  ulimit: stays("nofile=1024"),
};

/** `{{defaultContext}}:sub` is a folder of the repository; any other address is not. */
function contextFolder(value: string): string | undefined {
  const [, folder] = value.match(/^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/) ?? [];
  if (/^\{\{/.test(value)) return folder ?? ".";
  if (/^(https?:|git@|git:|ssh:|github\.com\/|-$)/.test(value)) return undefined;
  return value;
}

function secretsFromEnvironment(value: string): string | undefined {
  const lines = value.split(/\r?\n/).filter((line) => line.trim() !== "");
  const secrets = lines.map((line) => line.trim().match(/^([\w.-]+)=([A-Za-z_]\w*)$/));
  if (secrets.some((each) => !each)) return undefined;
  return secrets.map((each) => `${each?.[1]}=${wrap(`env.${each?.[2]}`)}`).join("\n");
}

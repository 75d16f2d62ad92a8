// What the action adds to a build: `node bench/image.ts`, with a Docker engine. Prints two rows for the table of bench/README.md.
//
// Own time: the whole step, from spawn to its end, without the rollout (wait-for-service-stability: false), minus what `docker` took,
// by the clock of a wrapper on the PATH. Reused image: from spawn until ECS has the new revision.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStep } from "../__tests__/rig/actions-runner.ts";
import { openImageAccount } from "../__tests__/rig/image-account.ts";
import { median } from "./numbers.ts";

const rounds = 7;
const dockerfile =
  "FROM scratch\nCOPY busybox /bin/busybox\nARG VERSION=none\nENV VERSION=$VERSION\n";
const folder = mkdtempSync(join(tmpdir(), "deploy-ecs-bench-"));
const notes = join(folder, "notes");
const wrapper = `#!/bin/bash\nPATH=\${PATH#*:}\nbegun=$(date +%s%N)\ndocker "$@"\nstatus=$?\necho $((($(date +%s%N) - begun) / 1000)) >>${notes}\nexit $status\n`;
writeFileSync(join(folder, "docker"), wrapper, { mode: 0o755 });

const account = await openImageAccount(dockerfile);
const own: number[] = [];
const untilRegistered: number[] = [];
for (let round = 0; round < rounds; round++) {
  writeFileSync(notes, "");
  const built = await step(`built-${round}`);
  const docker =
    readFileSync(notes, "utf8")
      .split("\n")
      .map(Number)
      .reduce((sum, one) => sum + one, 0) / 1000;
  own.push(built.whole - docker);
  account.simulator.ecr.repositories.putImage("app", {
    tags: [`reused-${round}`],
    layers: [`${round}`],
  });
  untilRegistered.push((await step(`reused-${round}`)).untilRegistered);
}
await account.close();
rmSync(folder, { recursive: true });
console.log(
  `| own time around build and push (docker), median of ${rounds} | ${Math.round(median(own))} ms | < 1,000 ms | |`,
);
console.log(
  `| reused image: start to registered revision | ${Math.round(median(untilRegistered))} ms | < 2,000 ms | |`,
);

async function step(
  tag: string,
): Promise<{ readonly whole: number; readonly untilRegistered: number }> {
  const { calls } = account.simulator;
  const before = calls.length;
  const begun = Date.now();
  const { exitCode, endedAt, log } = await runStep({
    inputs: {
      ...account.inputs,
      builder: "docker",
      "image-tag": tag,
      "build-args": `VERSION=${tag}`,
    },
    workspace: account.workspace,
    environment: {
      ...account.simulator.environment(account.url),
      ...(process.env["DOCKER_HOST"] !== undefined && { DOCKER_HOST: process.env["DOCKER_HOST"] }),
      PATH: `${folder}:${process.env["PATH"]}`,
      HOME: folder,
    },
    commit: "7c2d1f0a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
  });
  if (exitCode !== 0) throw new Error(log.join("\n"));
  const registered = calls
    .slice(before)
    .find(({ operation }) => operation === "RegisterTaskDefinition");
  return { whole: endedAt - begun, untilRegistered: (registered?.at ?? Number.NaN) - begun };
}

// The demo: script/demo [broken]. Every line it prints is asked, not assumed.

import { rm } from "node:fs/promises";
import { runStep } from "./lib/actions-runner.ts";
import { openHelloAccount } from "./lib/hello-account.ts";

const scenes = {
  good: { file: "hello/Dockerfile", version: "2", commit: "2222222222222222222222222222222222222222" },
  broken: { file: "hello/Dockerfile.broken", version: "3", commit: "3333333333333333333333333333333333333333" },
};

const [name = "good"] = process.argv.slice(2);
if (name !== "good" && name !== "broken") {
  console.error(`script/demo knows no ${JSON.stringify(name)}: script/demo, or script/demo broken`);
  process.exit(64);
}
const scene = scenes[name];

console.log("Starting the simulator, and version 1 of examples/hello on it …");
const account = await openHelloAccount();
try {
  console.log(`The service answers: ${await answer()}`);
  console.log(`\nDeploying version ${scene.version} (${scene.file}) with dist/index.js, as a runner would:\n`);
  const result = await runStep({
    inputs: { ...account.inputs, file: scene.file, "build-args": `VERSION=${scene.version}` },
    workspace: account.workspace,
    environment: { ...account.simulator.environment(account.url), ...docker() },
    commit: scene.commit,
    onLine: (line) => console.log(`  │ ${line.replaceAll("\n", "\n  │ ")}`),
  });
  console.log(`\nThe step ended with exit code ${result.exitCode} (post step: ${result.postExitCode}).`);
  console.log(`The service answers: ${await answer()}`);
  console.log("\nOutputs:");
  for (const [output, value] of Object.entries(result.outputs)) console.log(`  ${output}=${value}`);
  console.log(`\nJob summary:\n\n${result.summary}`);
  console.log(`outcome=${result.outputs["outcome"] ?? "none"}`);
  process.exitCode = result.exitCode;
  await rm(result.folder, { recursive: true });
} finally {
  await account.close();
}

async function answer(): Promise<string> {
  const page = await account.ask();
  return page === undefined ? "nothing" : `“${page}”`;
}

/** Where the Docker engine is: a runner's job would have it in its environment, too. */
function docker(): Record<string, string> {
  const host = process.env["DOCKER_HOST"];
  return host === undefined ? {} : { DOCKER_HOST: host };
}

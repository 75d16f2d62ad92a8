// The demo with examples/hello: one deployment, which comes up or does not.

import { openHelloAccount } from "../../__tests__/rig/hello-account.ts";
import { play } from "./show.ts";

const scenes = {
  good: {
    file: "hello/Dockerfile",
    version: "2",
    commit: "2222222222222222222222222222222222222222",
  },
  broken: {
    file: "hello/Dockerfile.broken",
    version: "3",
    commit: "3333333333333333333333333333333333333333",
  },
};

/** Answers the exit status: the action's. */
export async function demonstrateHello(name: keyof typeof scenes): Promise<number> {
  const scene = scenes[name];
  console.log("Starting the simulator, and version 1 of examples/hello on it …");
  const account = await openHelloAccount();
  const answer = async () => {
    const page = await account.ask();
    return page === undefined ? "nothing" : `“${page}”`;
  };
  try {
    console.log(`The service answers: ${await answer()}`);
    console.log(
      `\nDeploying version ${scene.version} (${scene.file}) with dist/index.js, as a runner would:\n`,
    );
    const result = await play({
      inputs: { ...account.inputs, file: scene.file, "build-args": `VERSION=${scene.version}` },
      workspace: account.workspace,
      environment: account.simulator.environment(account.url),
      commit: scene.commit,
    });
    console.log(`The service answers: ${await answer()}`);
    console.log("\nOutputs:");
    for (const [output, value] of Object.entries(result.outputs))
      console.log(`  ${output}=${value}`);
    console.log(`\nJob summary:\n\n${result.summary}`);
    console.log(`outcome=${result.outputs["outcome"] ?? "none"}`);
    return result.exitCode;
  } finally {
    await account.close();
  }
}

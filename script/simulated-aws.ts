// Opens the account of examples/hello, prints one line of JSON (a role that the job may take, and the variables that a runner would
// set), and keeps it until SIGTERM or SIGINT: node script/simulated-aws.ts

import { openHelloAccount } from "../__tests__/rig/hello-account.ts";

const account = await openHelloAccount();
const { roleArn, simulator, url } = account;
console.log(JSON.stringify({ roleArn, environment: simulator.environment(url) }));

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void end());

async function end(): Promise<void> {
  await account.close();
  process.exit(0);
}

// What the runner starts for `main:` of the action `run-task`.

import { main } from "../main.ts";
import { runRunTask } from "./run-task.ts";

await main(process.env, runRunTask);

// What the runner starts for `main:` of the action `rehearse`.

import { main } from "../main.ts";
import { runRehearse } from "./rehearse.ts";

await main(process.env, runRehearse);

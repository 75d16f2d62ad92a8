// What the runner starts for `main:` of the action `build`.

import { main } from "../main.ts";
import { runBuild } from "./build.ts";

await main(process.env, runBuild);

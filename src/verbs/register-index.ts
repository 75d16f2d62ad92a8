// What the runner starts for `main:` of the action `register`.

import { main } from "../main.ts";
import { runRegister } from "./register.ts";

await main(process.env, runRegister);

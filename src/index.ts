// What the runner starts for `main:`.

import { main } from "./main.ts";

await main(process.env);

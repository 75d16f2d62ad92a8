// script/house [--names | --check] [FOLDER]: see the head of script/house.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { barsOf, isMet } from "../tools/house/bars.ts";
import { readCheckout } from "../tools/house/checkout.ts";
import { figuresOf } from "../tools/house/figures.ts";
import { barTableOf, namesOf, tableOf } from "../tools/house/report.ts";

const { values, positionals } = parseArgs({
  options: { names: { type: "boolean" }, check: { type: "boolean" } },
  allowPositionals: true,
});
const folder = resolve(import.meta.dirname, "..", positionals[0] ?? ".");
const figures = figuresOf(readCheckout(folder));
if (values.check) {
  const bars = barsOf(figures);
  console.log(barTableOf(bars));
  process.exitCode = bars.every(isMet) ? 0 : 1;
} else {
  console.log(tableOf(figures));
  if (values.names)
    console.log(
      ["", namesOf("src", figures.src), namesOf("simulator", figures.simulator)].join("\n\n"),
    );
}

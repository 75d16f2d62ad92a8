// The terraform of this machine, and one that notes what it is sent.

import { execFileSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./deployment.ts";

export const standInPossible = answers("terraform") && answers("aws");

/** A `terraform` to put first on a PATH that notes which signals reach its group during an apply. */
export async function notingTerraform() {
  const path = await temporaryFolder();
  const notes = join(path, "notes");
  const real = execFileSync("which", ["terraform"], { encoding: "utf8" }).trim();
  const lines = [
    "#!/bin/bash",
    `[[ " $* " == *" apply "* ]] || exec ${real} "$@"`,
    `for signal in INT TERM; do trap "echo $signal >>${notes}" $signal; done`,
    `${real} "$@" &`,
    "child=$!",
    'while :; do wait "$child"; status=$?; kill -0 "$child" 2>/dev/null || exit "$status"; done',
  ];
  await writeFile(join(path, "terraform"), `${lines.join("\n")}\n`);
  await chmod(join(path, "terraform"), 0o755);
  return {
    path,
    seen: async () => (await readFile(notes, "utf8").catch(() => "")).split("\n").filter(Boolean),
  };
}

function answers(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore", timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

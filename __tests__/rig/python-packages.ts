// What script/python-packages has from PyPI; undefined where no pip is.

import { spawnSync } from "node:child_process";

export function pythonPackages(
  set: "emulator" | "clients" | "linter" | "github",
): string | undefined {
  const { status, stdout } = spawnSync("script/python-packages", [set], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

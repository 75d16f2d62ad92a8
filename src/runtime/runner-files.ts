// The files that the runner gives a step to write to (GITHUB_OUTPUT, GITHUB_STATE,
// GITHUB_STEP_SUMMARY). One that cannot be written costs what would stand in it, never the verdict.

import { statSync, truncateSync } from "node:fs";
import { messageOf } from "../errors.ts";

/**
 * Adds to one of these files. Where that fails half-way, what was added is taken off again: of a
 * value that breaks off the runner makes an error of the step, and it reads none of those behind
 * it.
 * @param write calls the toolkit, whose functions append
 * @throws Error whose message names the variable
 */
export function appendAtomically(variable: string, write: () => void): void {
  const path = process.env[variable] ?? "";
  const size = sizeOf(path);
  try {
    write();
  } catch (error) {
    truncateTo(path, size);
    throw writeError(variable, error);
  }
}

export function writeError(variable: string, error: unknown): Error {
  return new Error(`${variable} could not be written: ${messageOf(error)}`, {
    cause: error,
  });
}

function sizeOf(path: string): number | undefined {
  const found = path === "" ? undefined : statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return found.size;
  return undefined;
}

function truncateTo(path: string, size: number | undefined): void {
  try {
    if (size !== undefined && sizeOf(path) !== size) truncateSync(path, size);
  } catch {
    // The file is out of reach altogether: there is nothing to take off.
  }
}

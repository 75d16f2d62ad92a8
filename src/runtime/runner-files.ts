// The files that the runner provides for a step's results (GITHUB_OUTPUT, GITHUB_STATE,
// GITHUB_STEP_SUMMARY). If one cannot be written, its contents are lost, but the verdict stays.

import { statSync, truncateSync } from "node:fs";
import { messageOf } from "../errors.ts";

/**
 * Appends to one of these files. If that fails half-way, the appended part is removed again: an
 * incomplete value makes the runner fail the step, and it ignores all values after it.
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
    // The file cannot be opened: there is nothing to remove.
  }
}

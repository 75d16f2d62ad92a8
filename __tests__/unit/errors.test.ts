// A failure of the disk is not a mistake in this action; an unexpected error is.

import { expect, test } from "vitest";
import { asDeployError } from "../../src/errors.ts";

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: what the system says, ${syscall} '/runner/_temp/x'`), {
    code,
    syscall,
  });
}

test.each([
  ["ENOSPC", "write", /docker system prune/],
  ["ENOSPC", "mkdir", /docker system prune/],
  ["EDQUOT", "write", /quota/],
  ["EROFS", "mkdir", /read-only/],
  ["EROFS", "open", /read-only/],
  ["EACCES", "open", /may not write/],
  ["EPERM", "symlink", /may not write/],
  ["ENOTDIR", "mkdir", /is a file, not a folder/],
])("%s of %s is the runner's disk", (code, syscall, hint) => {
  const error = asDeployError(systemError(code, syscall));
  expect(error).toMatchObject({
    code: "DiskNotWritable",
    message: `A file could not be written on this runner: ${code}: what the system says, ${syscall} '/runner/_temp/x'.`,
    hint: expect.stringMatching(hint),
  });
});

test.each([
  ["EACCES", "spawn docker"],
  ["EACCES", "connect"],
  ["EPERM", "kill"],
  ["ENOENT", "open"],
  ["", ""],
])("%s of %s is not", (code, syscall) => {
  expect(asDeployError(systemError(code, syscall)).code).toBe("Bug");
});

test.each(["text", undefined, null, 7])("%j was thrown: an unexpected error", (thrown) => {
  expect(asDeployError(thrown)).toMatchObject({
    code: "Bug",
    message: expect.stringContaining(String(thrown)),
  });
});

// The words of the builders, as they were seen, and what we make of them.

import { expect, test } from "vitest";
import { failedAtPush, judgePushFailure } from "../../../src/image/push-failure.ts";

test.each([
  [
    "tag-taken",
    "tag invalid: The image tag 'x' already exists in the 'a' repository and cannot be overwritten because the tag is immutable.",
  ],
  [
    "tag-taken",
    "ERROR: failed to push a:x: The image tag 'x' already exists in the 'a' repository and cannot be overwritten because the repository is immutable.",
  ],
  ["password-expired", "denied: Your authorization token has expired. Reauthenticate and try again."],
  ["no-repository", "name unknown: The repository with name 'a' does not exist in the registry with id '1'"],
  ["forbidden", "denied: User: arn:aws:sts::1:x is not authorized to perform: ecr:InitiateLayerUpload"],
  [
    "forbidden",
    "ERROR: failed to push a:x: unexpected status from POST request to https://h/v2/a/blobs/uploads/: 403 Forbidden",
  ],
  ["unauthorized", "no basic auth credentials"],
  ["unauthorized", "unexpected status from HEAD request to https://h/v2/a/blobs/sha256:1: 401 Unauthorized"],
  ["passing", "toomanyrequests: Rate exceeded"],
  ["passing", "received unexpected HTTP status: 503 Service Unavailable"],
  ["passing", "write tcp 10.0.0.1:5->10.0.0.2:443: write: broken pipe"],
  ["passing", 'Put "http://127.0.0.1:5/v2/a/manifests/x": EOF'],
  ["passing", "net/http: TLS handshake timeout"],
  ["disk-full", "write /tmp/x: no space left on device"],
  ["unknown", "An image does not exist locally with the tag: a"],
] as const)("%s: %s", (expected, line) => {
  expect(judgePushFailure(["The push refers to repository [h/a]", line])).toBe(expected);
});

test.each([
  [true, "ERROR: failed to build: failed to solve: failed to push 127.0.0.1:5/a:x: unexpected status from PUT request"],
  [true, "#9 ERROR: pushing 127.0.0.1:5/a:x with docker: denied"],
  [false, 'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1'],
  [
    false,
    "ERROR: failed to solve: h/base: failed to resolve source metadata for h/base: HEAD request to https://h/v2/base/manifests/1: 401",
  ],
])("at the push: %s, %s", (expected, line) => {
  expect(failedAtPush([line])).toBe(expected);
});

// The words of the builders, as they were seen, and what we make of them.

import { expect, test } from "vitest";
import {
  buildxErrorLines,
  classifyPushFailure,
  failedDuringPush,
} from "../../../src/image/push-failure.ts";

test.each([
  [
    "tag-taken",
    "tag invalid: The image tag 'x' already exists in the 'a' repository and cannot be overwritten because the tag is immutable.",
  ],
  [
    "tag-taken",
    "ERROR: failed to push a:x: The image tag 'x' already exists in the 'a' repository and cannot be overwritten because the repository is immutable.",
  ],
  [
    "password-expired",
    "denied: Your authorization token has expired. Reauthenticate and try again.",
  ],
  [
    "no-repository",
    "name unknown: The repository with name 'a' does not exist in the registry with id '1'",
  ],
  [
    "forbidden",
    "denied: User: arn:aws:sts::1:x is not authorized to perform: ecr:InitiateLayerUpload",
  ],
  [
    "forbidden",
    "ERROR: failed to push a:x: unexpected status from POST request to https://h/v2/a/blobs/uploads/: 403 Forbidden",
  ],
  ["forbidden", "denied: User: arn:aws:sts::1:x is not authorized to perform: ecr:PutImage"],
  ["forbidden", "server message: insufficient_scope: authorization failed"],
  [
    "quota",
    "denied: The repository with name 'shop' in registry with id '123456789012' already has the maximum allowed number of images which is '100000'",
  ],
  ["quota", "denied: The image tag limit has been exceeded: at most 1000 tags per image"],
  [
    "quota",
    "LimitExceededException: The operation did not succeed because it would have exceeded a service limit",
  ],
  ["quota", "denied: the manifest exceeds the maximum number of layers"],
  ["quota", "ERROR: failed to push a:x: 403 Forbidden: storage quota exceeded"],
  ["transient", "denied: 429 Too Many Requests: rate limit exceeded"],
  ["unauthorized", "no basic auth credentials"],
  [
    "unauthorized",
    "unexpected status from HEAD request to https://h/v2/a/blobs/sha256:1: 401 Unauthorized",
  ],
  ["transient", "toomanyrequests: Rate exceeded"],
  ["transient", "received unexpected HTTP status: 503 Service Unavailable"],
  ["transient", "write tcp 10.0.0.1:5->10.0.0.2:443: write: broken pipe"],
  ["transient", 'Put "http://127.0.0.1:5/v2/a/manifests/x": EOF'],
  ["transient", "net/http: TLS handshake timeout"],
  ["disk-full", "write /tmp/x: no space left on device"],
  ["unknown", "An image does not exist locally with the tag: a"],
] as const)("%s: %s", (expected, line) => {
  expect(classifyPushFailure(["The push refers to repository [h/a]", line])).toBe(expected);
});

test.each([
  [
    true,
    "ERROR: failed to build: failed to solve: failed to push 127.0.0.1:5/a:x: unexpected status from PUT request",
  ],
  [true, "#9 ERROR: pushing 127.0.0.1:5/a:x with docker: denied"],
  [
    false,
    "#9 0.121 error: failed to push: tag v1 already exists, tags of this registry are immutable",
  ],
  [false, "0.121 ERROR: failed to push h/a:x: denied"],
  [
    false,
    'ERROR: failed to solve: process "/bin/sh -c echo failed to push; exit 1" did not complete successfully: exit code: 1',
  ],
  [
    false,
    'ERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1',
  ],
  [
    false,
    "ERROR: failed to solve: h/base: failed to resolve source metadata for h/base: HEAD request to https://h/v2/base/manifests/1: 401",
  ],
])("at the push: %s, %s", (expected, line) => {
  expect(failedDuringPush([line])).toBe(expected);
});

test("with the engine's own BuildKit only the step that failed says that it was a push", () => {
  const lines = [
    "#7 pushing 127.0.0.1:33721/app:cut with docker",
    "#7 pushing layer e01b14cc62d1 0.8s done",
    '#7 ERROR: Put "http://127.0.0.1:33721/v2/app/manifests/cut": read: connection reset by peer',
    "------",
    " > pushing 127.0.0.1:33721/app:cut with docker:",
    "------",
    'ERROR: failed to build: Put "http://127.0.0.1:33721/v2/app/manifests/cut": read: connection reset by peer',
  ];
  expect(failedDuringPush(lines)).toBe(true);
  expect(classifyPushFailure(buildxErrorLines(lines))).toBe("transient");
  const build = [
    "#6 [2/2] RUN false",
    "#6 0.10 pushing a:x with docker",
    "#6 ERROR: process did not complete",
    ...lines.slice(0, 2),
  ];
  expect(failedDuringPush(build)).toBe(false);
});

test("only what buildx says itself is read: what the build printed may be anything", () => {
  const lines = [
    "#9 0.121 tag v1 already exists, tags of this registry are immutable",
    "#10 pushing layers",
    "#10 ERROR: failed to push h/a:x: denied: not authorized",
    "ERROR: failed to solve: failed to push h/a:x: denied: not authorized",
  ];
  expect(failedDuringPush(lines)).toBe(true);
  expect(classifyPushFailure(buildxErrorLines(lines))).toBe("forbidden");
});

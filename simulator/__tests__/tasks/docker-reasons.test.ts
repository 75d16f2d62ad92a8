import { expect, test } from "vitest";
import {
  describeCreateFailure,
  describePullFailure,
  describeSignInFailure,
  describeStartFailure,
} from "../../src/tasks/docker-reasons.ts";

const IMAGE = "127.0.0.1:5000/app:1";
const UNRESOLVED = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${IMAGE}`;
const PLATFORM =
  "CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'";
const FORBIDDEN = `${UNRESOLVED}: pulling from host 127.0.0.1:5000 failed with status code [manifests 1]: 403 Forbidden`;
const REFUSED =
  'Get "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused';

// What docker 20.10 and 28 say, as they say it.
test.each([
  [
    `manifest for ${IMAGE} not found: manifest unknown: Requested image not found`,
    `${UNRESOLVED}: ${IMAGE}: not found`,
  ],
  [
    "repository 127.0.0.1:5000/app not found: name unknown: no such thing",
    `${UNRESOLVED}: ${IMAGE}: not found`,
  ],
  [
    `failed to resolve reference "${IMAGE}": ${IMAGE}: not found`,
    `${UNRESOLVED}: ${IMAGE}: not found`,
  ],
  ['Head "http://127.0.0.1:5000/v2/app/manifests/1": no basic auth credentials', FORBIDDEN],
  ["unauthorized: authentication required", FORBIDDEN],
  [
    "pull access denied for app, repository does not exist or may require 'docker login': denied: no",
    FORBIDDEN,
  ],
  [
    "unexpected status from HEAD request to http://127.0.0.1:5000/v2/app/manifests/1: status code 403",
    FORBIDDEN,
  ],
  ["no matching manifest for linux/arm64 in the manifest list entries", PLATFORM],
  [
    "no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest",
    PLATFORM,
  ],
  [REFUSED, `${UNRESOLVED}: failed to do request: ${REFUSED}`],
  [
    "toomanyrequests: You have reached your pull rate limit.",
    "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit.",
  ],
  [
    "write /x: no space left on device",
    "CannotPullContainerError: write /x: no space left on device",
  ],
])("pull: %s", (said, expected) => {
  expect(describePullFailure(IMAGE, `Error response from daemon: ${said}\n`)).toBe(expected);
});

test("a tag or a port of 403 is not a refusal", () => {
  const said =
    'Error response from daemon: Head "http://127.0.0.1:4030/v2/app/manifests/403": dial tcp: connection refused';
  expect(describePullFailure("127.0.0.1:4030/app:403", said)).toContain("failed to do request");
});

test("start and create: the engine's own message, without the client's text around it", () => {
  const said = [
    "WARNING: IPv4 forwarding is disabled. Networking will not work.",
    'Error response from daemon: OCI runtime create failed: exec: "nope": executable file not found in $PATH: unknown',
    "Error: failed to start containers: app",
  ].join("\n");
  const words =
    'Error response from daemon: OCI runtime create failed: exec: "nope": executable file not found in $PATH: unknown';
  expect(describeStartFailure(said)).toBe(`CannotStartContainerError: ${words}`);
  expect(describeCreateFailure(said)).toBe(`CannotCreateContainerError: ${words}`);
});

test("sign-in", () => {
  const refusal = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
  expect(describeSignInFailure(refusal)).toMatch(
    /^ResourceInitializationError: unable to pull secrets or registry auth: .*: AccessDeniedException: not authorized$/,
  );
});

// The faults that a sweep gives to each call.

import type { Fault } from "ecs-simulator";

export const faults: readonly {
  readonly name: string;
  readonly fault: Fault;
  readonly times: number;
}[] = [
  {
    name: "throttle ×3",
    fault: { kind: "error", name: "ThrottlingException", message: "Rate exceeded" },
    times: 3,
  },
  {
    name: "500 ×3",
    fault: { kind: "error", name: "ServerException", message: "Internal", status: 500 },
    times: 3,
  },
  { name: "reset", fault: { kind: "reset" }, times: 1 },
  { name: "hang", fault: { kind: "hang" }, times: 1 },
  {
    name: "garbage",
    fault: { kind: "garbage", status: 502, body: "<html>Bad Gateway</html>" },
    times: 1,
  },
  { name: "empty answer", fault: { kind: "empty", operate: true }, times: 1 },
  { name: "only empty answers", fault: { kind: "empty", operate: false }, times: 1_000 },
  { name: "truncated answer", fault: { kind: "half", operate: true }, times: 1 },
  { name: "lost answer", fault: { kind: "lost", operate: true }, times: 1 },
  { name: "no answer", fault: { kind: "lost", operate: true }, times: 1_000 },
  {
    name: "AccessDenied",
    fault: {
      kind: "error",
      name: "AccessDeniedException",
      message: "User is not authorized to perform this action",
    },
    times: 1_000,
  },
  {
    name: "ExpiredToken",
    fault: {
      kind: "error",
      name: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    },
    times: 1,
  },
];

/** GitHub's token endpoint is not AWS: it throttles and refuses with HTTP's own status, and without a name that AWS's SDK would know. */
const gitHubs: Readonly<Record<string, Fault>> = {
  "throttle ×3": { kind: "garbage", status: 429, body: '{"message":"API rate limit exceeded"}' },
  AccessDenied: { kind: "garbage", status: 403, body: '{"message":"Forbidden"}' },
  ExpiredToken: { kind: "garbage", status: 401, body: '{"message":"Unauthorized"}' },
};

export function faultOf(call: string, name: string, fault: Fault): Fault {
  return (call.startsWith("oidc:") ? gitHubs[name] : undefined) ?? fault;
}

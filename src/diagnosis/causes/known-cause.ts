// What a row of the tables of known causes is, and the patterns that several of them share. PURE.
//
// Texts: AWS's pages on stopped tasks and service events (each table names its own), the ECS
// agent's source (https://github.com/aws/amazon-ecs-agent), published reports. A pattern matches
// the part of AWS's words that stays the same.

import type { CausePriority } from "../../run/diagnosis.ts";

/** One way to recognise a cause; everything that is given must match. */
export interface Pattern {
  /** All are found in ECS's words: stopped reason and container reason, or a service event. */
  readonly text?: readonly RegExp[];
  /** None of these is: such words have a row of their own. */
  readonly notText?: readonly RegExp[];
  readonly stopCode?: string;
  /** `failure`: any but 0. */
  readonly exitCodes?: readonly number[] | "any" | "failure";
  readonly notExitCodes?: readonly number[];
  /** Found in the container's own last lines, where ECS itself says nothing. */
  readonly log?: RegExp;
  /** Name of the container that the words are about. */
  readonly container?: RegExp;
  readonly notContainer?: RegExp;
  /** The container's own health check fails. */
  readonly unhealthy?: true;
  /** Another container has not started because of this one. */
  readonly dependencyState?: "failed" | "unhealthy" | "not-yet";
  /** The container can fail without ending its task. */
  readonly sidecar?: true;
}

/**
 * Which row is taken where several match: what ECS states by a stop code or a fixed phrase comes
 * before the words of an error, these before what only names a class of errors, and that before
 * exit codes. Within one level no two rows match the same text: a test holds that.
 */
export const precedences = ["stop-code", "words", "class", "exit-code"] as const;

/**
 * What may stand in braces in the texts of a cause: match-cause.ts fills each from ECS's text, or
 * with a general name. `{Image}` begins a sentence.
 */
export const placeholderNames = [
  "action",
  "becauseOf",
  "capacityProvider",
  "closest",
  "command",
  "container",
  "ended",
  "exitCode",
  "healthReason",
  "hookLog",
  "hookStep",
  "hookTarget",
  "image",
  "instance",
  "key",
  "logGroup",
  "parameter",
  "platform",
  "platformOnly",
  "port",
  "resource",
  "role",
  "secret",
  "signal",
  "state",
  "subnet",
  "targetGroup",
  "waiting",
  "withExitCode",
] as const;
export type PlaceholderName = (typeof placeholderNames)[number];

export interface KnownCause {
  readonly name: string;
  /** Default: `words`. */
  readonly precedence?: (typeof precedences)[number];
  readonly patterns: readonly Pattern[];
  readonly priority: CausePriority;
  /** With placeholders (`placeholderNames`). */
  readonly cause: string;
  readonly remedy: string;
  /**
   * ECS's own words are shown with the cause: they say more, and the next step may refer to them.
   */
  readonly quotesEcs?: true;
  /**
   * The reason stands in the container's own log: when that cannot be shown, the next step says
   * why.
   */
  readonly isExplainedInLog?: true;
  /** The remedy if the last log lines of the container are shown. Default: `remedy`. */
  readonly remedyWithLog?: string;
}

export const textMatches = (...text: readonly RegExp[]): readonly Pattern[] => [{ text }];

export const accessDenied =
  /AccessDenied|not authorized to perform|UnauthorizedOperation|doesn't have (?:the )?permissions?|missing permissions|\b403\b|Forbidden/i;
export const requestThrottled =
  /throttl|rate (?:limit )?exceeded|RequestLimitExceeded|too ?many ?requests/i;
export const connectionFailed =
  /connection issue|i\/o timeout|deadline exceeded|request send failed|send request failed|no such host|dial tcp|signal: killed|network is unreachable|no route to host|connection re(?:fused|set)|TLS handshake timeout|RequestCanceled/i;
export const secretsManager = /\basm\b|secrets ?manager/i;
export const parameterStore = /\bssm\b|parameter store/i;
export const cannotPull = /CannotPull\w*|can(?:'t|not) pull/i;

export const outboundAccess = "a NAT gateway, a public IP (assignPublicIp), or VPC endpoints";

// The type of a row in the tables of known causes, and the patterns that several rows share. PURE.
//
// Texts: AWS's pages on stopped tasks and service events (each table names its own), the ECS
// agent's source (https://github.com/aws/amazon-ecs-agent), published reports. A pattern matches
// the constant part of AWS's text.

import type { CausePriority } from "../../run/diagnosis.ts";

/** One way to recognize a cause; every member that is set must match. */
export interface Pattern {
  /** All must be found in ECS's text: stopped reason and container reason, or a service event. */
  readonly text?: readonly RegExp[];
  /** None of these may match: such texts have a row of their own. */
  readonly notText?: readonly RegExp[];
  readonly stopCode?: string;
  /** `failure`: any except 0. */
  readonly exitCodes?: readonly number[] | "any" | "failure";
  readonly notExitCodes?: readonly number[];
  /** Found in the container's last log lines, where ECS itself gives no reason. */
  readonly log?: RegExp;
  /** Name of the container that the text is about. */
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
 * Which row is used if several match: what ECS states by a stop code or a fixed phrase comes before
 * the text of an error, this before a text that only names a class of errors, and that before exit
 * codes. Within one level no two rows match the same text: a test checks that.
 */
export const precedences = ["stop-code", "words", "class", "exit-code"] as const;

/**
 * The placeholders in the texts of a cause: match-cause.ts fills each from ECS's text, or with a
 * general name. `{Image}` begins a sentence.
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
   * ECS's own text is shown with the cause: it has more details, and the remedy may refer to it.
   */
  readonly quotesEcs?: true;
  /** The reason is in the container's own log: if the log cannot be shown, the remedy says why. */
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

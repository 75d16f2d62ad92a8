// What ECS reports of one failure, as one plain value. Types and bounds only.

import type { UnmetDependency } from "./failure-candidates.ts";

/** What ECS reports of one failure. */
export interface Symptom {
  /** Stopped reason and container reason, or the message of an event. */
  readonly text: string;
  readonly stopCode?: string | undefined;
  readonly exitCode?: number | undefined;
  /** Only where it is certain which container is meant. */
  readonly container?: string | undefined;
  /** Its image, as the task definition names it. */
  readonly image?: string | undefined;
  readonly logGroup?: string | undefined;
  /**
   * `valueFrom` of the secrets that can be meant, and the role that reads them: used where ECS
   * names neither.
   */
  readonly secrets?: readonly string[] | undefined;
  readonly executionRoleArn?: string | undefined;
  /** The container's last log lines, if they were read. */
  readonly log?: string | undefined;
  readonly unhealthy?: true | undefined;
  /** Another container waits for this one. */
  readonly unmetDependency?: UnmetDependency | undefined;
  /** The container's failure did not stop its task. */
  readonly isSidecar?: true | undefined;
}

/**
 * Longer than any text of ECS (1,024 characters each, two of them together); a limit for the
 * patterns.
 */
export const maxTextLength = 4_096;

/** One line, with plain apostrophes: AWS writes both "can't" and "can’t". */
export function plainText(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("’", "'").trim();
}

// What the one error annotation says, PURE: cause, next step, where to read on. Its title is the code.

import type { DeployErrorDetails } from "../errors.ts";

/** GitHub cuts a message at 4096 characters (FACTS G); what does not fit stands in the summary. */
const limit = 4096;

export function annotationText({ message, hint }: DeployErrorDetails, helpUrl: string): string {
  const help = `\nMore: ${helpUrl}`;
  const told = [message, hint].filter(Boolean).join("\n");
  const room = limit - help.length;
  return `${told.length > room ? `${told.slice(0, room - 1)}…` : told}${help}`;
}

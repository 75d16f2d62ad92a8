// From ECS's text to a known cause, PURE: what one task or event says, which row of the table
// matches, and the names that fill its placeholders.

import { type KnownCause, type Pattern, precedences } from "./causes/known-cause.ts";
import { knownCauses } from "./causes/known-causes.ts";
import { renderTemplate } from "./placeholders.ts";
import { maxTextLength, plainText, type Symptom } from "./symptom.ts";

const maxLogLength = 16_384;
const causesByPrecedence = precedences.flatMap((level) =>
  knownCauses.filter(({ precedence = "words" }) => precedence === level),
);

/** undefined: the text is not recognized. */
export function findCause(symptom: Symptom): KnownCause | undefined {
  const truncated = truncateSymptom(symptom);
  return causesByPrecedence.find((cause) => matchesCause(cause, truncated));
}

/** All rows that match, of every precedence. */
export function findCauses(symptom: Symptom): readonly KnownCause[] {
  const truncated = truncateSymptom(symptom);
  return causesByPrecedence.filter((cause) => matchesCause(cause, truncated));
}

function truncateSymptom(symptom: Symptom): Symptom {
  // Without the service's name: a service called "service-registry" has nothing to do with
  // registries.
  const text = plainText(symptom.text.slice(0, maxTextLength)).replace(
    /\(service [^)]{1,300}\)/g,
    "(service)",
  );
  return { ...symptom, text, log: symptom.log?.slice(-maxLogLength) };
}

function matchesCause({ patterns }: KnownCause, symptom: Symptom): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, symptom));
}

function matchesPattern(pattern: Pattern, symptom: Symptom): boolean {
  const { text = [], notText = [], log, dependencyState } = pattern;
  return (
    text.every((regex) => regex.test(symptom.text)) &&
    !notText.some((regex) => regex.test(symptom.text)) &&
    (pattern.stopCode === undefined || (symptom.stopCode ?? "") === pattern.stopCode) &&
    matchesExitCode(pattern, symptom.exitCode) &&
    matchesContainer(pattern, symptom.container ?? "") &&
    (log === undefined || log.test(symptom.log ?? "")) &&
    (pattern.unhealthy === undefined || symptom.unhealthy === true) &&
    (pattern.sidecar === undefined || symptom.isSidecar === true) &&
    (dependencyState === undefined || symptom.unmetDependency?.state === dependencyState)
  );
}

function matchesExitCode(
  { exitCodes, notExitCodes = [] }: Pattern,
  exitCode: number | undefined,
): boolean {
  if (exitCodes === undefined) return true;
  if (exitCode === undefined || notExitCodes.includes(exitCode)) return false;
  if (exitCodes === "any") return true;
  if (exitCodes === "failure") return exitCode !== 0;
  return exitCodes.includes(exitCode);
}

function matchesContainer({ container, notContainer }: Pattern, name: string): boolean {
  return (container?.test(name) ?? true) && !(notContainer?.test(name) ?? false);
}

/** The cause in one or two sentences; `more` is text with the names that ECS's own text lacks. */
export function causeSentence(cause: KnownCause, symptom: Symptom, extraText = ""): string {
  const sentence = renderTemplate(
    cause.cause,
    extraText === "" ? symptom : { ...symptom, text: `${symptom.text} ${extraText}` },
  );
  if (cause.quotesEcs && symptom.text !== "")
    return `${sentence} ECS says: ${plainText(symptom.text)}`;
  return sentence;
}

/** Whether the container's log is shown, or why not. */
export type LogAvailability = "shown" | { readonly reason: string } | undefined;

/** The remedy; if the reason is in the container's log and that is not shown, also why not. */
export function remedyText(cause: KnownCause, symptom: Symptom, log: LogAvailability): string {
  const remedy = renderTemplate(
    log === "shown" ? (cause.remedyWithLog ?? cause.remedy) : cause.remedy,
    symptom,
  );
  if (cause.isExplainedInLog && log !== "shown" && log !== undefined)
    return `${log.reason}\n${remedy}`;
  return remedy;
}

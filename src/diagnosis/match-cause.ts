// From ECS's words to a known cause, PURE: what one task or event says, which row of the table fits, and the names to tell it with.

import { describeContainer, type Waiting } from "./blame.ts";
import { type Clue, type KnownCause, precedences } from "./causes/known-cause.ts";
import { knownCauses } from "./causes/known-causes.ts";

/** What ECS says of one failure, in one place. */
export interface Sign {
  /** Stopped reason and container reason, or the message of an event. */
  readonly text: string;
  readonly stopCode?: string | undefined;
  readonly exitCode?: number | undefined;
  /** Only where it is certain which container is meant. */
  readonly container?: string | undefined;
  /** Its image, as the task definition names it. */
  readonly image?: string | undefined;
  readonly logGroup?: string | undefined;
  /** `valueFrom` of the secrets that can be meant, and the role that reads them: for where ECS names neither. */
  readonly secrets?: readonly string[] | undefined;
  readonly executionRoleArn?: string | undefined;
  /** The container's last lines, where they were read. */
  readonly log?: string | undefined;
  readonly unhealthy?: true | undefined;
  /** The container is one that another waits for. */
  readonly waiting?: Waiting | undefined;
  /** The container's failure did not end its task. */
  readonly isCompanion?: true | undefined;
}

/** Longer than any text of ECS (1,024 characters each, two of them together); a bound for the patterns. */
const longestText = 4_096;
const longestLog = 16_384;

/** One line, with plain apostrophes: AWS writes both "can't" and "can’t". */
export function plainText(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("’", "'").trim();
}

const inOrder = precedences.flatMap((level) =>
  knownCauses.filter(({ precedence = "words" }) => precedence === level),
);

/** undefined: a text that this action does not know. */
export function findCause(sign: Sign): KnownCause | undefined {
  const bounded = boundSign(sign);
  return inOrder.find((cause) => matches(cause, bounded));
}

/** All rows that match, of every precedence. */
export function findCauses(sign: Sign): readonly KnownCause[] {
  const bounded = boundSign(sign);
  return inOrder.filter((cause) => matches(cause, bounded));
}

function boundSign(sign: Sign): Sign {
  // Without the service's name: one that is called "service-registry" says nothing of registries.
  const text = plainText(sign.text.slice(0, longestText)).replace(
    /\(service [^)]{1,300}\)/g,
    "(service)",
  );
  return { ...sign, text, log: sign.log?.slice(-longestLog) };
}

function matches({ clues }: KnownCause, sign: Sign): boolean {
  return clues.some((clue) => fits(clue, sign));
}

function fits(clue: Clue, sign: Sign): boolean {
  const { text = [], without = [], log, waiting } = clue;
  return (
    text.every((pattern) => pattern.test(sign.text)) &&
    !without.some((pattern) => pattern.test(sign.text)) &&
    (clue.stopCode === undefined || (sign.stopCode ?? "") === clue.stopCode) &&
    fitsExit(clue, sign.exitCode) &&
    fitsContainer(clue, sign.container ?? "") &&
    (log === undefined || log.test(sign.log ?? "")) &&
    (clue.unhealthy === undefined || sign.unhealthy === true) &&
    (clue.companion === undefined || sign.isCompanion === true) &&
    (waiting === undefined || sign.waiting?.state === waiting)
  );
}

function fitsExit({ exitCodes, notExitCodes = [] }: Clue, exitCode: number | undefined): boolean {
  if (exitCodes === undefined) return true;
  if (exitCode === undefined || notExitCodes.includes(exitCode)) return false;
  if (exitCodes === "any") return true;
  return exitCodes === "failure" ? exitCode !== 0 : exitCodes.includes(exitCode);
}

function fitsContainer({ container, notContainer }: Clue, name: string): boolean {
  return (container?.test(name) ?? true) && !(notContainer?.test(name) ?? false);
}

/** The cause in one sentence or two; `more` is text that names what ECS's own lacks. */
export function causeSentence(cause: KnownCause, sign: Sign, more = ""): string {
  const sentence = fill(
    cause.cause,
    more === "" ? sign : { ...sign, text: `${sign.text} ${more}` },
  );
  return cause.quoted && sign.text !== ""
    ? `${sentence} ECS says: ${plainText(sign.text)}`
    : sentence;
}

/** What became of the container's log: its lines are shown, or why not. */
export type LogShown = "shown" | { readonly why: string } | undefined;

/** The next step; where the reason stands in the container's log and that is not shown, also why not. */
export function nextStep(cause: KnownCause, sign: Sign, log: LogShown): string {
  const next = fill(log === "shown" ? (cause.nextWithLog ?? cause.next) : cause.next, sign);
  return cause.inLog && log !== "shown" && log !== undefined ? `${log.why}\n${next}` : next;
}

/** Fills `{image}` with `image x:1`, or with "the image" where the text names none; `{Image}` begins a sentence. */
export function fill(template: string, sign: Sign): string {
  const words = wordsOf(sign);
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const word = words[`${name.charAt(0).toLowerCase()}${name.slice(1)}`] ?? "";
    return /^[A-Z]/.test(name) ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word;
  });
}

type Words = Readonly<Record<string, string>>;

const named = (
  value: string | undefined,
  words: (value: string) => string,
  otherwise: string,
): string => (value === undefined || value === "" ? otherwise : words(value));

/** First group that the pattern found. */
const finder =
  (text: string) =>
  (pattern: RegExp): string | undefined =>
    text.match(pattern)?.slice(1).find(Boolean);

function wordsOf(sign: Sign): Words {
  const text = plainText(sign.text.slice(0, longestText));
  return {
    ...containerWords(sign, text),
    ...resourceWords(sign, text),
    ...placeWords(text),
    ...hookWords(text),
  };
}

function containerWords(sign: Sign, text: string): Words {
  const { container, exitCode, waiting } = sign;
  const one = finder(text);
  const words = named(container, describeContainer, "a container");
  return {
    container: words,
    image: named(imageIn(text) ?? sign.image, (image) => `image ${image}`, "the image"),
    command: named(
      one(/exec: \\?"([^"\\]*)/) ?? one(/exec (\/\S+): (?:permission denied|no such file)/),
      (name) => `"${name}"`,
      "or entry point",
    ),
    port: named(
      one(/:(\d+) failed: port is already/) ??
        one(/[:\s](\d+)(?:\/tcp|\/udp)?: bind: address already/),
      (port) => `port ${port}`,
      "a host port of the task definition",
    ),
    exitCode: String(exitCode ?? "unknown"),
    withExitCode: named(exitCode?.toString(), (code) => ` (exit code ${code})`, ""),
    signal: exitCode === 130 ? "SIGINT" : "SIGTERM",
    waiting: named(waiting?.container, describeContainer, "a container"),
    becauseOf:
      waiting?.condition === undefined
        ? `, and ${words}`
        : `: it depends on ${words} (condition ${waiting.condition}), which`,
    ended: exitCode === undefined ? "was not started" : `exited with code ${exitCode}`,
    state:
      waiting?.dependency.lastStatus === "RUNNING"
        ? stillRunning(waiting)
        : "has not started itself",
  };
}

function stillRunning({ condition, dependency }: Waiting): string {
  return condition === "HEALTHY"
    ? `runs, but is not HEALTHY yet (its health is ${dependency.health ?? "UNKNOWN"})`
    : "runs and has not ended";
}

function resourceWords(sign: Sign, text: string): Words {
  const one = finder(text);
  const key = one(/json key ([^\s,.]+)/i);
  return {
    secret: named(
      one(/:secret:([^\s,:'"]+)/) ?? secretOfKey(sign.secrets ?? [], key),
      (name) => `secret ${name}`,
      "a secret of the task definition",
    ),
    key: named(key, (name) => `"${name}"`, "of that name"),
    parameter: named(
      parameterIn(text),
      (name) => `parameter ${name}`,
      "a parameter of the task definition",
    ),
    role: named(
      roleIn(text) ?? roleIn(sign.executionRoleArn ?? ""),
      (name) => `role ${name}`,
      "the task's execution role",
    ),
    action: one(/not authorized to perform: ?([\w-]+:\w+)/i) ?? "what ECS asks for",
    logGroup: named(
      sign.logGroup,
      (name) => `log group ${name}`,
      "the log group of the task definition",
    ),
  };
}

function placeWords(text: string): Words {
  const one = finder(text);
  const platform =
    one(/platform '?((?:linux|windows)\/[\w/]+)/i) ??
    one(/for ((?:linux|windows)\/[\w/]+) in the manifest/i);
  const targetGroup = one(/target-?group\/([^/)\s]+)/i) ?? one(/target-group ([^)\s]+)\)/i);
  return {
    platform: platform ?? "the platform of the task",
    platformOnly: platform ?? "linux/amd64 (or linux/arm64, as the task is)",
    targetGroup: named(targetGroup, (name) => ` (target group ${name})`, ""),
    healthReason: named(
      one(/due to \(reason (.{1,300}?)\)(?:\.|$)/i)?.replace(/\.$/, ""),
      (reason) => `: ${reason}`,
      "",
    ),
    instance: named(one(/\binstance (i-[0-9a-f]+)/i), (id) => ` (${id})`, ""),
    closest: named(
      one(/(the closest matching[^.]{1,300}|no container instances were found[^.]{1,100})/i),
      (what) => `: ${what}`,
      "",
    ),
    resource: named(one(/RESOURCE:([A-Z]+)/), (what) => ` (it lacks ${what})`, ""),
    subnet: named(one(/\b(subnet-[0-9a-f]+)/), (id) => ` ${id}`, ""),
    capacityProvider: named(one(/for capacity provider ([\w-]+)/i), (name) => ` ${name}`, ""),
  };
}

function hookWords(text: string): Words {
  const name = finder(text)(/:function:([\w-]+)/);
  const log = named(name, (of) => `log group /aws/lambda/${of}`, "log group /aws/lambda/NAME");
  return {
    hookTarget: named(name, (of) => ` (function ${of})`, ""),
    hookLog: log,
    hookStep: /hook execution failure/i.test(text)
      ? "ECS does not say which: look at the deployment's lifecycle hooks in the console, and at the logs of their functions. A service that went from blue/green to rolling may still have hooks, or their role may not be usable any more: take them out of its deployment configuration."
      : name === undefined
        ? "See in the deployment's lifecycle hooks which one it was. Of a Lambda function the log says why (CloudWatch Logs, /aws/lambda/NAME); a pause hook fails when it is answered with ROLLBACK, or by nobody in time."
        : `The log of the hook's Lambda function says why: CloudWatch Logs, ${log}.`,
  };
}

/** `host/name:tag` or `host/name@sha256:…`, wherever a pull error puts it. */
function imageIn(text: string): string | undefined {
  const quoted = text.match(
    /(?:ref|reference|image|pull|denied for|manifest for) "?((?:[\w.-]+(?::\d+)?\/)+[\w.-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?)/i,
  );
  return quoted?.[1]?.replace(/[.:]+$/, "");
}

/** ECS names the JSON key that it missed, and not the secret: it is the one of which this key is asked, where only one is. */
function secretOfKey(secrets: readonly string[], key: string | undefined): string | undefined {
  const asked = secrets.flatMap((valueFrom) => {
    const [, name, itsKey] = valueFrom.match(/:secret:([^:]+):([^:]+)/) ?? [];
    return name !== undefined && (key === undefined || key === itsKey) ? name : [];
  });
  const [name] = asked;
  return asked.every((one) => one === name) ? name : undefined;
}

function parameterIn(text: string): string | undefined {
  return (
    text.match(/:parameter(\/[^\s,'"]+)/)?.[1] ??
    text.match(/invalid (?:ssm )?parameters: ?\[?([^\s,\]]+)/i)?.[1]
  );
}

/** The role's name, out of its ARN or out of its session's. */
function roleIn(text: string): string | undefined {
  return (
    text.match(/assumed-role\/([^/\s]+)/)?.[1] ??
    text.match(/:role\/(?:[^\s']*\/)?([\w+=,.@-]+)/)?.[1]
  );
}

// From ECS's words to a known cause, PURE: what one task or event says, which row of the table fits, and the names to tell it with.

import { type Clue, type KnownCause, knownCauses } from "./causes.ts";

/** What ECS says of one failure, in one place. */
export interface Sign {
  /** Stopped reason and container reason, or the message of an event. */
  readonly text: string;
  readonly stopCode?: string;
  readonly exitCode?: number;
  /** Only where it is certain which container is meant. */
  readonly container?: string;
  /** Its image, as the task definition names it. */
  readonly image?: string;
  readonly logGroup?: string;
  /** `valueFrom` of the secrets that can be meant, and the role that reads them: for where ECS names neither. */
  readonly secrets?: readonly string[];
  readonly executionRoleArn?: string;
  /** The container's last lines, where they were read. */
  readonly log?: string;
  readonly unhealthy?: true;
}

/** One line, with plain apostrophes: AWS writes both "can't" and "can’t". */
export function plainText(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("’", "'").trim();
}

/** The first row that fits; undefined: nobody has met this text before. */
export function findCause(sign: Sign): KnownCause | undefined {
  const text = plainText(sign.text);
  return knownCauses.find(({ clues }) => clues.some((clue) => fits(clue, { ...sign, text })));
}

function fits({ text, stopCode, exitCodes, log, unhealthy }: Clue, sign: Sign): boolean {
  return (
    (text ?? []).every((pattern) => pattern.test(sign.text)) &&
    (stopCode === undefined || sign.stopCode === stopCode) &&
    (exitCodes === undefined || fitsExit(exitCodes, sign.exitCode)) &&
    (log === undefined || log.test(sign.log ?? "")) &&
    (unhealthy === undefined || sign.unhealthy === true)
  );
}

function fitsExit(wanted: NonNullable<Clue["exitCodes"]>, exitCode: number | undefined): boolean {
  if (exitCode === undefined) return false;
  return wanted === "failure" ? exitCode !== 0 : wanted.includes(exitCode);
}

/** Fills `{image}` with `image x:1`, or with "the image" where the text names none; `{Image}` begins a sentence. */
export function fill(template: string, sign: Sign): string {
  const words = wordsOf(sign);
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const word = words[`${name.charAt(0).toLowerCase()}${name.slice(1)}`] ?? "";
    return /^[A-Z]/.test(name) ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word;
  });
}

function wordsOf(sign: Sign): Readonly<Record<string, string>> {
  const text = plainText(sign.text);
  const one = (pattern: RegExp): string | undefined => text.match(pattern)?.slice(1).find(Boolean);
  const named = (value: string | undefined, words: (value: string) => string, otherwise: string) =>
    value === undefined ? otherwise : words(value);
  const key = one(/json key ([^\s,.]+)/i);
  const platform =
    one(/platform '?((?:linux|windows)\/[\w/]+)/i) ?? one(/for ((?:linux|windows)\/[\w/]+) in the manifest/i);
  const targetGroup = one(/target-?group\/([^/)\s]+)/i) ?? one(/target-group ([^)\s]+)\)/i);
  return {
    container: named(sign.container, (name) => `container "${name}"`, "a container"),
    image: named(imageIn(text) ?? sign.image, (image) => `image ${image}`, "the image"),
    secret: named(
      one(/:secret:([^\s,:'"]+)/) ?? secretOfKey(sign.secrets ?? [], key),
      (name) => `secret ${name}`,
      "a secret of the task definition",
    ),
    key: named(key, (name) => `"${name}"`, "of that name"),
    parameter: named(parameterIn(text), (name) => `parameter ${name}`, "a parameter of the task definition"),
    role: named(
      roleIn(text) ?? roleIn(sign.executionRoleArn ?? ""),
      (name) => `role ${name}`,
      "the task's execution role",
    ),
    logGroup: named(sign.logGroup, (name) => `log group ${name}`, "the log group of the task definition"),
    platform: platform ?? "the platform of the task",
    platformOnly: platform ?? "linux/amd64 (or linux/arm64, as the task is)",
    command: named(
      one(/exec: "([^"]*)"/) ?? one(/exec (\/\S+): permission denied/),
      (name) => `"${name}"`,
      "or entry point",
    ),
    port: named(one(/:(\d+) failed: port is already/), (port) => `port ${port}`, "a host port of the task definition"),
    targetGroup: named(targetGroup, (name) => ` (target group ${name})`, ""),
    healthReason: named(one(/due to \(reason (.+?)\)(?:\.|$)/i), (reason) => `: ${reason}`, ""),
    instance: named(one(/\binstance (i-[0-9a-f]+)/i), (id) => ` (${id})`, ""),
    closest: named(
      one(/(the closest matching[^.]*|no container instances were found[^.]*)/i),
      (what) => `: ${what}`,
      "",
    ),
    exitCode: String(sign.exitCode ?? "unknown"),
    withExitCode: named(sign.exitCode?.toString(), (code) => ` (exit code ${code})`, ""),
    signal: sign.exitCode === 130 ? "SIGINT" : "SIGTERM",
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
  return text.match(/:parameter(\/[^\s,'"]+)/)?.[1] ?? text.match(/invalid ssm parameters: ?\[?([^\s,\]]+)/i)?.[1];
}

/** The role's name, out of its ARN or out of its session's. */
function roleIn(text: string): string | undefined {
  return text.match(/assumed-role\/([^/\s]+)/)?.[1] ?? text.match(/:role\/(?:[^\s']*\/)?([\w+=,.@-]+)/)?.[1];
}

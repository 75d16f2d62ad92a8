// The names in the texts of a cause, filled from ECS's words, PURE.

import { type PlaceholderName, placeholderNames } from "./causes/known-cause.ts";
import { describeContainer, type UnmetDependency } from "./failure-candidates.ts";
import { maxTextLength, plainText, type Symptom } from "./symptom.ts";

/**
 * Fills `{image}` with `image x:1`, or with "the image" where the text names none; `{Image}` begins
 * a sentence.
 */
export function renderTemplate(template: string, symptom: Symptom): string {
  const placeholders = placeholdersOf(symptom);
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const lowerName = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const value = isPlaceholderName(lowerName) ? placeholders[lowerName] : "";
    if (/^[A-Z]/.test(name)) return `${value.charAt(0).toUpperCase()}${value.slice(1)}`;
    return value;
  });
}

type Placeholders = Readonly<Record<PlaceholderName, string>>;

/** The name in braces; one that begins a sentence has a capital. */
function isPlaceholderName(name: string): name is PlaceholderName {
  return (placeholderNames as readonly string[]).includes(name);
}

const describeIfKnown = (
  value: string | undefined,
  render: (value: string) => string,
  otherwise: string,
): string => {
  if (value === undefined || value === "") return otherwise;
  return render(value);
};

/** First group that the pattern found. */
const firstGroupIn =
  (text: string) =>
  (pattern: RegExp): string | undefined =>
    text.match(pattern)?.slice(1).find(Boolean);

function placeholdersOf(symptom: Symptom): Placeholders {
  const text = plainText(symptom.text.slice(0, maxTextLength));
  return {
    ...containerPlaceholders(symptom, text),
    ...resourcePlaceholders(symptom, text),
    ...placementPlaceholders(text),
    ...hookPlaceholders(text),
  };
}

function containerPlaceholders(symptom: Symptom, text: string) {
  const { container, exitCode, unmetDependency } = symptom;
  const match = firstGroupIn(text);
  const containerText = describeIfKnown(container, describeContainer, "a container");
  return {
    container: containerText,
    image: describeIfKnown(
      imageIn(text) ?? symptom.image,
      (image) => `image ${image}`,
      "the image",
    ),
    command: describeIfKnown(
      match(/exec: \\?"([^"\\]*)/) ?? match(/exec (\/\S+): (?:permission denied|no such file)/),
      (name) => `"${name}"`,
      "or entry point",
    ),
    port: describeIfKnown(
      match(/:(\d+) failed: port is already/) ??
        match(/[:\s](\d+)(?:\/tcp|\/udp)?: bind: address already/),
      (port) => `port ${port}`,
      "a host port of the task definition",
    ),
    exitCode: String(exitCode ?? "unknown"),
    withExitCode: describeIfKnown(exitCode?.toString(), (code) => ` (exit code ${code})`, ""),
    signal: exitCode === 130 ? "SIGINT" : "SIGTERM",
    waiting: describeIfKnown(unmetDependency?.container, describeContainer, "a container"),
    becauseOf:
      unmetDependency?.condition === undefined
        ? `, and ${containerText}`
        : `: it depends on ${containerText} (condition ${unmetDependency.condition}), which`,
    ended: exitCode === undefined ? "was not started" : `exited with code ${exitCode}`,
    state:
      unmetDependency?.dependency.lastStatus === "RUNNING"
        ? stillRunning(unmetDependency)
        : "has not started itself",
  };
}

function stillRunning({ condition, dependency }: UnmetDependency): string {
  if (condition === "HEALTHY")
    return `runs, but is not HEALTHY yet (its health is ${dependency.health ?? "UNKNOWN"})`;
  return "runs and has not ended";
}

function resourcePlaceholders(symptom: Symptom, text: string) {
  const match = firstGroupIn(text);
  const key = match(/json key ([^\s,.]+)/i);
  return {
    secret: describeIfKnown(
      match(/:secret:([^\s,:'"]+)/) ?? secretOfKey(symptom.secrets ?? [], key),
      (name) => `secret ${name}`,
      "a secret of the task definition",
    ),
    key: describeIfKnown(key, (name) => `"${name}"`, "of that name"),
    parameter: describeIfKnown(
      parameterIn(text),
      (name) => `parameter ${name}`,
      "a parameter of the task definition",
    ),
    role: describeIfKnown(
      roleIn(text) ?? roleIn(symptom.executionRoleArn ?? ""),
      (name) => `role ${name}`,
      "the task's execution role",
    ),
    action: match(/not authorized to perform: ?([\w-]+:\w+)/i) ?? "what ECS asks for",
    logGroup: describeIfKnown(
      symptom.logGroup,
      (name) => `log group ${name}`,
      "the log group of the task definition",
    ),
  };
}

function placementPlaceholders(text: string) {
  const match = firstGroupIn(text);
  const platform =
    match(/platform '?((?:linux|windows)\/[\w/]+)/i) ??
    match(/for ((?:linux|windows)\/[\w/]+) in the manifest/i);
  const targetGroup = match(/target-?group\/([^/)\s]+)/i) ?? match(/target-group ([^)\s]+)\)/i);
  return {
    platform: platform ?? "the platform of the task",
    platformOnly: platform ?? "linux/amd64 (or linux/arm64, as the task is)",
    targetGroup: describeIfKnown(targetGroup, (name) => ` (target group ${name})`, ""),
    healthReason: describeIfKnown(
      match(/due to \(reason (.{1,300}?)\)(?:\.|$)/i)?.replace(/\.$/, ""),
      (reason) => `: ${reason}`,
      "",
    ),
    instance: describeIfKnown(match(/\binstance (i-[0-9a-f]+)/i), (id) => ` (${id})`, ""),
    closest: describeIfKnown(
      match(/(the closest matching[^.]{1,300}|no container instances were found[^.]{1,100})/i),
      (what) => `: ${what}`,
      "",
    ),
    resource: describeIfKnown(match(/RESOURCE:([A-Z]+)/), (what) => ` (it lacks ${what})`, ""),
    subnet: describeIfKnown(match(/\b(subnet-[0-9a-f]+)/), (id) => ` ${id}`, ""),
    capacityProvider: describeIfKnown(
      match(/for capacity provider ([\w-]+)/i),
      (name) => ` ${name}`,
      "",
    ),
  };
}

function hookPlaceholders(text: string) {
  const name = firstGroupIn(text)(/:function:([\w-]+)/);
  const log = describeIfKnown(
    name,
    (of) => `log group /aws/lambda/${of}`,
    "log group /aws/lambda/NAME",
  );
  return {
    hookTarget: describeIfKnown(name, (of) => ` (function ${of})`, ""),
    hookLog: log,
    hookStep: hookStep(text, name, log),
  };
}

function hookStep(text: string, name: string | undefined, log: string): string {
  if (/hook execution failure/i.test(text))
    return (
      "ECS does not say which: check the deployment's lifecycle hooks in the console, and the " +
      "logs of their functions. A service that was changed from blue/green to rolling may " +
      "still have hooks, or their role may no longer be usable: remove them from its " +
      "deployment configuration."
    );
  if (name === undefined)
    return (
      "Check the deployment's lifecycle hooks to see which one it was. The log of a Lambda " +
      "function says why (CloudWatch Logs, /aws/lambda/NAME); a pause hook fails when it is " +
      "answered with ROLLBACK, or not in time."
    );
  return `The log of the hook's Lambda function says why: CloudWatch Logs, ${log}.`;
}

/** `host/name:tag` or `host/name@sha256:…`, wherever a pull error puts it. */
function imageIn(text: string): string | undefined {
  const quoted = text.match(
    /(?:ref|reference|image|pull|denied for|manifest for) "?((?:[\w.-]+(?::\d+)?\/)+[\w.-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?)/i,
  );
  return quoted?.[1]?.replace(/[.:]+$/, "");
}

/**
 * ECS names the missing JSON key, but not the secret: it is the only one that uses this key, if
 * there is just one.
 */
function secretOfKey(secrets: readonly string[], key: string | undefined): string | undefined {
  const matching = secrets.flatMap((valueFrom) => {
    const [, name, secretKey] = valueFrom.match(/:secret:([^:]+):([^:]+)/) ?? [];
    if (name !== undefined && (key === undefined || key === secretKey)) return name;
    return [];
  });
  const [name] = matching;
  if (matching.every((candidate) => candidate === name)) return name;
  return undefined;
}

function parameterIn(text: string): string | undefined {
  return (
    text.match(/:parameter(\/[^\s,'"]+)/)?.[1] ??
    text.match(/invalid (?:ssm )?parameters: ?\[?([^\s,\]]+)/i)?.[1]
  );
}

/** The role's name, from its ARN or from its session's. */
function roleIn(text: string): string | undefined {
  return (
    text.match(/assumed-role\/([^/\s]+)/)?.[1] ??
    text.match(/:role\/(?:[^\s']*\/)?([\w+=,.@-]+)/)?.[1]
  );
}

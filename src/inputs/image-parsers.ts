// Parsers of the inputs for image and build, PURE. The names and their meanings are those of
// docker/build-push-action.

import {
  InputProblem,
  imageTag,
  lines,
  malformedLine,
  quoted,
  unexpectedValue,
} from "./parsers.ts";
import { normalizePlatform } from "./platforms.ts";

/** The first tag is the one that is deployed. */
export function imageTags(given: string): readonly string[] {
  return [...new Set(lines(given).map(imageTag))];
}

/**
 * A reference that names one image: with a tag or a digest.
 * https://github.com/distribution/reference/blob/main/reference.go
 */
function externalImage(given: string): string {
  const name = String.raw`[a-zA-Z0-9.-]+(?::\d+)?(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*`;
  const reference = new RegExp(
    `^${name}(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
  );
  if (!reference.test(given))
    throw unexpectedValue("an image, like registry.example.com/app:v1", given);
  if (given.includes("@") || given.lastIndexOf(":") > given.lastIndexOf("/")) return given;
  throw new InputProblem(
    `${quoted(given)} has neither a tag nor a digest: which image is meant? Add :TAG`,
  );
}

/** One line of `image`. */
export interface RequestedImage {
  /** undefined: the only line; container-name or the image's repository chooses the containers. */
  readonly container: string | undefined;
  readonly reference: string;
}

/** One reference, or `container=reference` lines. */
export function externalImages(given: string): readonly [RequestedImage, ...RequestedImage[]] {
  const [first = "", ...others] = lines(given);
  if (others.length === 0) return [requestedImage(first)];
  const images = [requestedImage(first), ...others.map(requestedImage)] as const;
  const unnamed = images.find(({ container }) => container === undefined);
  if (unnamed)
    throw new InputProblem(
      `several images need a container each, but ${quoted(unnamed.reference)} has none: write ` +
        "CONTAINER=IMAGE, one per line",
    );
  const names = images.map(({ container }) => container);
  const duplicate = names.find((name, index) => names.indexOf(name) < index);
  if (duplicate !== undefined)
    throw new InputProblem(`container ${quoted(duplicate)} is given twice`);
  return images;
}

/** An image reference has no `=`. */
function requestedImage(line: string): RequestedImage {
  const at = line.indexOf("=");
  if (at < 0) return { container: undefined, reference: externalImage(line) };
  const container = line.slice(0, at).trim();
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(container))
    throw unexpectedValue("CONTAINER=IMAGE, like app=registry.example.com/app:v1", line);
  return { container, reference: externalImage(line.slice(at + 1).trim()) };
}

/** https://docs.docker.com/reference/dockerfile/#from */
export function stageName(given: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(given)) return given;
  throw unexpectedValue("the name of a stage in the Dockerfile", given);
}

/**
 * `os/architecture[/variant]`, separated by commas or lines; aliases of a CPU (`x86_64`) become
 * Docker's own name.
 */
export function platforms(given: string): readonly string[] {
  const named = given.split(/[\s,]+/).filter(Boolean);
  for (const platform of named) {
    if (!/^(linux|windows)\/[a-z0-9_-]+(\/v?\d+)?$/i.test(platform))
      throw unexpectedValue("platforms like linux/amd64 or linux/arm64", platform);
  }
  return [...new Set(named.map(normalizePlatform))];
}

/** `name=value`; names may contain dots and slashes. */
export function labels(given: string): readonly string[] {
  return lines(given).map((line, index) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*=/.test(line)) throw malformedLine("name=value", line, index);
    return line;
  });
}

/** `NAME=value`; or `NAME` alone, whose value is taken from the job's environment, as in docker. */
export function buildArguments(given: string): readonly string[] {
  return lines(given).map((line, index) => {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*(=|$)/.test(line))
      throw malformedLine("NAME=value, or NAME for a variable of the job", line, index);
    return line;
  });
}

/** On, off, or a configuration: `true`, `false`, `mode=max`. */
export function parseAttestation(given: string): string {
  if (
    /^(true|false|(mode|generator|inline-only|version|reproducible|filename|builder-id)=\S+)$/.test(
      given,
    )
  )
    return given;
  throw unexpectedValue('"true", "false" or attributes like "mode=max"', given);
}

export interface BuildSecret {
  readonly id: string;
  readonly value: string;
}

/**
 * `ID=value`, one per line; an entry in double quotes may have several lines, and `""` in it is one
 * quote. Error messages never quote the line: it may be the secret.
 */
export function buildSecrets(given: string): readonly BuildSecret[] {
  const secrets = splitEntries(given).map((entry, index) => {
    const at = entry.indexOf("=");
    const [id, value] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(id) || value === "")
      throw new InputProblem(
        `expected NAME=value, one per line, but entry ${index + 1} is something else (it is ` +
          "not shown because it may be secret). Is the secret set? A value of several lines " +
          "needs the whole entry in double quotes",
      );
    return { id, value };
  });
  const duplicate = secrets.find(
    ({ id }, index) => secrets.findIndex((other) => other.id === id) < index,
  );
  if (duplicate) throw new InputProblem(`${duplicate.id} is given twice`);
  return secrets;
}

/**
 * Lines; or a text in double quotes that starts at the beginning of a line and ends at a quote at
 * the end of this or a later line.
 */
function splitEntries(given: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < given.length; ) {
    const end = given.indexOf("\n", at);
    const line = given.slice(at, end < 0 ? given.length : end);
    const start = at + line.length - line.trimStart().length;
    const closing = given[start] === '"' ? closingQuote(given, start + 1) : undefined;
    const afterQuote = closing === undefined ? undefined : given.indexOf("\n", closing);
    const next = afterQuote ?? end;
    // A quote that is not closed, or is followed by more text, stays in the value, which then is no
    // valid NAME=value.
    const raw = given.slice(start, next < 0 ? given.length : next).trim();
    const isQuoted = closing !== undefined && start + raw.length === closing + 1;
    const entry = isQuoted ? raw.slice(1, -1).replaceAll('""', '"') : raw;
    if (entry !== "") found.push(entry);
    if (next < 0) break;
    at = next + 1;
  }
  return found;
}

/** The end of the quoted text; two quotes stand for one. */
function closingQuote(given: string, from: number): number {
  let at = given.indexOf('"', from);
  while (at >= 0 && given[at + 1] === '"') at = given.indexOf('"', at + 2);
  if (at < 0) return given.length;
  return at;
}

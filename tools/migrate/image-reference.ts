// `registry/repository:tag`, with expressions in any place, PURE.

import { canonical, expressionsIn } from "./expressions.ts";

export interface ImageReference {
  /** Undefined: the reference has none, such as a local name or an image of Docker Hub. */
  readonly registry: string | undefined;
  readonly repository: string;
  /** Undefined: the reference has none, so it means `latest`. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Undefined: the text does not show its parts, for example if one secret holds the whole URI. */
export function splitReference(text: string): ImageReference | undefined {
  const atoms: string[] = [];
  // Each expression becomes one character, so that its own dots and slashes do not count.
  const flat = canonical(text.trim()).replace(/\$\{\{.*?\}\}/gs, (whole) => {
    atoms.push(whole);
    return String.fromCharCode(firstAtom + atoms.length - 1);
  });
  if (flat === "" || /\s/.test(flat)) return undefined;
  const restored = (part: string) =>
    part.replace(/[\uE000-\uE0FF]/g, (atom) => atoms[atom.charCodeAt(0) - firstAtom] ?? "");
  const [name = "", digest] = flat.split("@", 2);
  const slash = name.lastIndexOf("/");
  const colon = name.indexOf(":", slash + 1);
  const path = colon < 0 ? name : name.slice(0, colon);
  const tag = colon < 0 ? undefined : restored(name.slice(colon + 1));
  const [first = "", ...rest] = path.split("/");
  const registry = rest.length > 0 && isRegistry(first) ? first : undefined;
  const repository = registry === undefined ? path : rest.join("/");
  if (repository === "" || tag === "") return undefined;
  return {
    registry: registry === undefined ? undefined : restored(registry),
    repository: restored(repository),
    tag,
    digest: digest === undefined ? undefined : restored(digest),
  };
}

/** The private use area of Unicode. */
const firstAtom = 0xe000;

/** A host has a dot or a port; a first part with an expression is the registry. */
function isRegistry(part: string): boolean {
  return /[.:\uE000-\uE0FF]/.test(part) || part === "localhost";
}

/**
 * A tag that is used again for the next commit: a word (`latest`, `staging`), a branch, an
 * environment. Whatever else an expression holds may be a version, so it counts as a fixed tag.
 */
export function isMovingTag(resolved: string): boolean {
  const expressions = expressionsIn(resolved);
  if (expressions.length === 0)
    return !/\d+\.\d+/.test(resolved) && !/^[0-9a-f]{7,40}$/.test(resolved);
  if (/latest/.test(resolved)) return true;
  return expressions.every((inner) =>
    /^(github\.(ref_name|head_ref|base_ref|ref)|matrix\.[\w-]+|.*\b(environment|env|stage))$/.test(
      inner,
    ),
  );
}

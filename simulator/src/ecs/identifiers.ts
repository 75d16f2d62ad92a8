// Identifiers in ECS's format, from a seeded generator: the same scenario gives the same ids, so
// that snapshots are stable. Formats:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html

import { type AccountRegion, regionalArn } from "../iam/partitions.ts";

const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

export interface Identifiers {
  /** `length` characters of [0-9a-f]. */
  hex(length: number): string;
  /** `length` decimal digits, the first one not 0. */
  digits(length: number): string;
  /** `length` characters of [A-Za-z0-9_-]. */
  word(length: number): string;
  uuid(): string;
}

export function createIdentifiers(seed: string): Identifiers {
  const random = generator(seed);
  const pick = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
  const hex = (length: number) => pick("0123456789abcdef", length);
  return {
    hex,
    digits: (length) => pick("123456789", 1) + pick("0123456789", length - 1),
    word: (length) => pick(idAlphabet, length),
    uuid: () => [8, 4, 4, 4, 12].map(hex).join("-"),
  };
}

/**
 * Numbers in [0, 1) that depend on the seed alone: FNV-1a for the seed, then a Weyl sequence with a
 * mixing step.
 */
function generator(seed: string): () => number {
  let state = 2166136261;
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

export function arn(place: AccountRegion, resource: string): string {
  return regionalArn(place, "ecs", resource);
}

/** The last part of an ARN, or the name itself: ECS accepts either nearly everywhere. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}

/** `family`, `family:7` or `arn:…:task-definition/family:7`. */
export function parseTaskDefinition(reference: string): {
  readonly family: string;
  readonly revision?: number;
} {
  const [family = "", revision] = nameOf(reference).split(":");
  return revision === undefined ? { family } : { family, revision: Number(revision) };
}

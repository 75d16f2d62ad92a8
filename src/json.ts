// JSON as AWS sends it, with all members: those that are newer than our SDK are kept.

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: JsonValue | undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of an array member; [] if the member is missing or something else. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  if (Array.isArray(value)) return value.filter(isJsonObject);
  return [];
}

/** {} if the value is missing or something else. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  if (isJsonObject(value)) return value;
  return {};
}

export function stringOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  return undefined;
}

export function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === "number") return value;
  return undefined;
}

/** The object that a JSON text holds; {} if it holds anything else. */
export function parseJsonObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
    return {};
  } catch {
    return {};
  }
}

/**
 * The members that are not undefined: for a request or a document, where `undefined` and absent
 * differ.
 */
export function definedOnly<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } {
  const defined = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as {
    [Name in keyof Members]?: Exclude<Members[Name], undefined>;
  };
}

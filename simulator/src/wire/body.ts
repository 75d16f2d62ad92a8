// Bodies: whole, or arriving in pieces.

import type { WireResponse } from "../contract.ts";

export function isWhole(body: WireResponse["body"]): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}

export async function wholeBody({ body }: Pick<WireResponse, "body">): Promise<Buffer> {
  return isWhole(body) ? Buffer.from(body as Uint8Array) : collect(body);
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

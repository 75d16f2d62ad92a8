// Status and request id of the response to a call, also where its body cannot be read: for the
// debug log and for error messages.

import { AsyncLocalStorage } from "node:async_hooks";

export interface ResponseFacts {
  status?: number | undefined;
  /** AWS support needs it first. */
  requestId?: string | undefined;
}

interface HttpResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface DeserializeOutput {
  readonly response: unknown;
}

/** The attempt for which code runs: a client does not know which call uses it. */
const currentAttempt = new AsyncLocalStorage<ResponseFacts>();

/** Runs the work; `noteResponse` writes into `facts` meanwhile. */
export function withResponseFacts<Answer>(
  facts: ResponseFacts,
  work: () => Promise<Answer>,
): Promise<Answer> {
  return currentAttempt.run(facts, work);
}

export function noteResponse({ status, requestId }: ResponseFacts): void {
  const facts = currentAttempt.getStore();
  if (!facts) return;
  facts.status = status;
  facts.requestId = requestId;
}

/** The same client; every response is noted before it is deserialized. */
export function notingResponses<Client extends { readonly middlewareStack: unknown }>(
  client: Client,
): Client {
  const stack = client.middlewareStack as { add(middleware: unknown, options: unknown): void };
  stack.add(
    (next: (args: unknown) => Promise<DeserializeOutput>) => async (args: unknown) => {
      const result = await next(args);
      const { statusCode, headers } = result.response as HttpResponse;
      noteResponse({ status: statusCode, requestId: requestIdOf(headers) });
      return result;
    },
    { step: "deserialize", priority: "low", name: "noteResponse" },
  );
  return client;
}

/** Each AWS protocol has its own header for it. */
export function requestIdOf(headers: HttpResponse["headers"]): string | undefined {
  return (
    headers?.["x-amzn-requestid"] ?? headers?.["x-amzn-request-id"] ?? headers?.["x-amz-request-id"]
  );
}

// Sends and reads JSON without the SDK's types. The SDK drops members that its model does not know,
// in both directions; a task definition must keep all of them, also those that AWS added after our
// SDK was built.

import type { ECSClient } from "@aws-sdk/client-ecs";
import { isJsonObject, type JsonObject } from "../json.ts";
import { MalformedResponse } from "./aws-errors.ts";

/** Any command of the client; only its middleware stack matters here. */
interface EcsCommand {
  readonly middlewareStack: unknown;
}

interface RawRequest {
  request: { body?: unknown; hostname: string; headers: Record<string, string> };
}

interface RawResponse {
  response: { body?: unknown };
}

/** An operation of another service with the same protocol. */
interface OtherTarget {
  /** Takes the place of `ecs` in the host's name; another endpoint of the user is kept. */
  readonly service: string;
  /** `secretsmanager.DescribeSecret` */
  readonly header: string;
}

/**
 * Sends `input` instead of what the SDK would serialize from the command's own input, and returns
 * the response's JSON unchanged. Errors are the SDK's own.
 */
export async function sendRawJson(
  client: ECSClient,
  command: EcsCommand,
  input: JsonObject,
  abortSignal: AbortSignal,
  target?: OtherTarget,
): Promise<JsonObject> {
  let answer: unknown;
  const stack = command.middlewareStack as {
    addRelativeTo(middleware: unknown, options: unknown): void;
  };
  stack.addRelativeTo(
    (next: (args: RawRequest) => Promise<unknown>) => (args: RawRequest) => {
      args.request.body = JSON.stringify(input);
      if (target) redirect(args.request, target);
      return next(args);
    },
    { relation: "after", toMiddleware: "serializerMiddleware", name: "sendRawJson" },
  );
  stack.addRelativeTo(
    (next: (args: RawRequest) => Promise<RawResponse>) => async (args: RawRequest) => {
      const result = await next(args);
      const { body } = result.response;
      const bytes = body instanceof Uint8Array ? body : await client.config.streamCollector(body);
      result.response.body = bytes;
      answer = parseJsonOrUndefined(bytes);
      return result;
    },
    { relation: "after", toMiddleware: "deserializerMiddleware", name: "readRawJson" },
  );
  await client.send(command as never, { abortSignal });
  if (!isJsonObject(answer)) throw new MalformedResponse("the answer is not a JSON object");
  return answer;
}

/**
 * Invalid JSON is reported by the SDK's own deserializer, which has the status and the request id.
 */
function parseJsonOrUndefined(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Before the request is signed. `ecs-fips.` becomes `ssm-fips.` */
function redirect(request: RawRequest["request"], { service, header }: OtherTarget): void {
  request.hostname = request.hostname.replace(/^ecs(?=[-.])/, service);
  request.headers["x-amz-target"] = header;
}

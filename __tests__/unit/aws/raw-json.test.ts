// What the SDK's typing would drop goes through in both directions.

import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { sendRawJson } from "../../../src/aws/raw-json.ts";
import type { JsonObject } from "../../../src/json.ts";

interface Answer {
  readonly status?: number;
  readonly body: string;
}

/** A client whose other end keeps what it is sent and gives this answer. */
function clientThatHears({ status = 200, body }: Answer) {
  const sent: { body: string; target: string | undefined; length: string | undefined }[] = [];
  const client = new ECSClient({
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    requestHandler: {
      async handle(request: { body: string; headers: Record<string, string> }) {
        const { headers } = request;
        sent.push({
          body: request.body,
          target: headers["x-amz-target"],
          length: headers["content-length"],
        });
        const bytes = Buffer.from(body);
        return {
          response: {
            statusCode: status,
            headers: { "content-type": "application/x-amz-json-1.1" },
            body: bytes,
          },
        };
      },
    } as never,
  });
  return { client, sent };
}

async function send(client: ECSClient, input: JsonObject): Promise<JsonObject> {
  const signal = new AbortController().signal;
  return sendRawJson(client, new DescribeServicesCommand({ services: [] }), input, signal);
}

test("the request body is sent unchanged, with the command's name and the right length", async () => {
  const { client, sent } = clientThatHears({ body: "{}" });
  const input = { membersOfTomorrow: [{ empty: "", none: 0, off: false, null: null }], text: "ü" };
  await send(client, input);
  const [request] = sent;
  expect(JSON.parse(request?.body ?? "")).toEqual(input);
  expect(request?.target).toBe("AmazonEC2ContainerServiceV20141113.DescribeServices");
  expect(Number(request?.length)).toBe(Buffer.byteLength(JSON.stringify(input)));
});

test("the response body is returned unchanged", async () => {
  const answer = {
    services: [
      { serviceName: "api", membersOfTomorrow: { kept: true }, createdAt: 1753000000.123 },
    ],
  };
  const { client } = clientThatHears({ body: JSON.stringify(answer) });
  expect(await send(client, {})).toEqual(answer);
});

test("an error is the SDK's own", async () => {
  const body = JSON.stringify({
    __type: "ClusterNotFoundException",
    message: "Cluster not found.",
  });
  const { client } = clientThatHears({ status: 400, body });
  await expect(send(client, {})).rejects.toMatchObject({
    name: "ClusterNotFoundException",
    message: "Cluster not found.",
    $metadata: { httpStatusCode: 400 },
  });
});

test.each(["<html>", '{"services": [', "[]"])("no JSON object (%s) is an error", async (body) => {
  const { client } = clientThatHears({ body });
  await expect(send(client, {})).rejects.toThrow();
});

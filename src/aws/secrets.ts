// Secrets Manager and Parameter Store: whether secrets exist. Values are never read.
//
// Their protocol is that of ECS. So a client of ECS sends the requests under the other services'
// names; clients of their own would cost more than the check (docs/decisions/0015).

import { DescribeClustersCommand, ECSClient, type ECSClientConfig } from "@aws-sdk/client-ecs";
import type { SecretStatus } from "../ecs/observed.ts";
import { type JsonObject, objectsOf, stringOf } from "../json.ts";
import { isAwsError, MalformedResponse } from "./aws-errors.ts";
import type { Call, CallOptions } from "./call.ts";
import { sendRawJson } from "./raw-json.ts";
import { notingResponses } from "./response-facts.ts";

export type SecretStores = ReturnType<typeof createSecretStores>;

/** What Parameter Store holds, as far as it was read. */
interface ParameterList {
  /** Names and ARNs. */
  readonly found: ReadonlySet<string>;
  /** false: there are more pages than are read. */
  readonly isComplete: boolean;
}

/**
 * Pages of Parameter Store that are read for one list. With a filter AWS still returns pages of
 * all parameters, many of them empty, and few requests per second are allowed
 * (https://github.com/minamijoyo/myaws/issues/31).
 */
const maxPages = 20;

export function createSecretStores(configuration: ECSClientConfig, call: Call) {
  const send = createSend(configuration);
  const readPages = (region: string, options: CallOptions | undefined) => (input: JsonObject) =>
    call(
      "ssm:DescribeParameters",
      (signal) => send({ ...describeParameters, region, input }, signal),
      options,
    );
  return {
    /** By ARN, partial ARN or name. One that is scheduled for deletion is still described. */
    async describeSecret(region: string, id: string, options?: CallOptions): Promise<SecretStatus> {
      const request = { ...describeSecret, region, input: { SecretId: id } };
      try {
        const { DeletedDate: deletedAt } = await call(
          "secretsmanager:DescribeSecret",
          (signal) => send(request, signal),
          options,
        );
        if (deletedAt === undefined || deletedAt === null) return "exists";
        return "deleted";
      } catch (error) {
        if (isAwsError(error, "ResourceNotFoundException")) return "missing";
        throw error;
      }
    },

    /**
     * Those of the names (at most 50) that exist in this account.
     * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
     */
    findParameters(region: string, names: readonly string[], options?: CallOptions) {
      const filters = [{ Key: "Name", Option: "Equals", Values: names }];
      const isEnough = (found: ReadonlySet<string>) => names.every((name) => found.has(name));
      return listParameters(readPages(region, options), { ParameterFilters: filters }, isEnough);
    },

    /**
     * All that other accounts share with this one. A parameter that is shared by a resource policy
     * only can be read without being listed:
     * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
     */
    listSharedParameters(region: string, options?: CallOptions) {
      return listParameters(readPages(region, options), { Shared: true }, () => false);
    },
  };
}

interface SecretRequest {
  /** In the host's name, and in the signature. */
  readonly service: "secretsmanager" | "ssm";
  /** The header x-amz-target. */
  readonly target: string;
  /** A member that every answer has. */
  readonly required: string;
  readonly region: string;
  readonly input: JsonObject;
}

const describeSecret = {
  service: "secretsmanager",
  target: "secretsmanager.DescribeSecret",
  required: "ARN",
} as const;

const describeParameters = {
  service: "ssm",
  target: "AmazonSSM.DescribeParameters",
  required: "Parameters",
} as const;

type Send = (request: SecretRequest, signal: AbortSignal) => Promise<JsonObject>;

function createSend(configuration: ECSClientConfig): Send {
  return async ({ service, target, required, region, input }, signal) => {
    const client = notingResponses(
      new ECSClient({
        ...configuration,
        region,
        httpAuthSchemeProvider: () => [sigv4Option(service, region)],
      }),
    );
    const command = new DescribeClustersCommand({});
    const other = { service, header: target };
    const answer = await sendRawJson(client, command, input, signal, other);
    if (answer[required] === undefined)
      throw new MalformedResponse(`the answer has no ${required}`);
    return answer;
  };
}

async function listParameters(
  readPage: (input: JsonObject) => Promise<JsonObject>,
  filter: JsonObject,
  isEnough: (found: ReadonlySet<string>) => boolean,
): Promise<ParameterList> {
  const first: JsonObject = { ...filter, MaxResults: 50 };
  const found = new Set<string>();
  let input = first;
  for (let pages = 0; pages < maxPages; pages++) {
    const { Parameters: page, NextToken: token } = await readPage(input);
    for (const { Name: name, ARN: arn } of objectsOf(page))
      for (const text of [name, arn]) found.add(stringOf(text) ?? "");
    if (!stringOf(token) || isEnough(found)) return { found, isComplete: true };
    input = { ...first, NextToken: stringOf(token) ?? "" };
  }
  return { found, isComplete: false };
}

/** Like the client's own, with the other service's name in the signature. */
function sigv4Option(signingName: SecretRequest["service"], signingRegion: string) {
  return {
    schemeId: "aws.auth#sigv4",
    signingProperties: { signingName, signingRegion },
    propertiesExtractor: (config: unknown, context: unknown) => ({
      signingProperties: { config, context },
    }),
  };
}

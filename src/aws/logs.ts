// CloudWatch Logs: what a container logs, while it runs or after it has stopped.

import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { Call, CallOptions } from "./call.ts";
import { requireList } from "./validate-response.ts";

export type Logs = ReturnType<typeof createLogs>;

export function createLogs(client: CloudWatchLogsClient, call: Call) {
  async function getLogEvents(
    command: GetLogEventsCommand,
    options: CallOptions | undefined,
  ): Promise<LogPage> {
    return await call(
      "logs:GetLogEvents",
      async (abortSignal) => {
        const { events, nextForwardToken } = await client.send(command, { abortSignal });
        return {
          lines: requireList(events, "events").map(({ message }) => message ?? ""),
          token: nextForwardToken,
        };
      },
      options,
    );
  }

  return {
    /** Whether there is a log group of exactly this name. */
    async logGroupExists(name: string, options?: CallOptions): Promise<boolean> {
      const command = new DescribeLogGroupsCommand({ logGroupNamePrefix: name });
      const groups = await call(
        "logs:DescribeLogGroups",
        async (abortSignal) => {
          const { logGroups } = await client.send(command, { abortSignal });
          return requireList(logGroups, "logGroups");
        },
        options,
      );
      // The group itself comes first: the list is sorted, and no longer name can come before it.
      return groups.some(({ logGroupName }) => logGroupName === name);
    },

    /** The newest `limit` lines of a stream, oldest first. */
    async readTail(
      logGroupName: string,
      logStreamName: string,
      limit: number,
      options?: CallOptions,
    ): Promise<readonly string[]> {
      const command = new GetLogEventsCommand({
        logGroupName,
        logStreamName,
        limit,
        startFromHead: false,
      });
      return (await getLogEvents(command, options)).lines;
    },

    /**
     * The events of a stream after `token`, or from its beginning; at the end the same token is
     * returned.
     */
    async readFrom(
      logGroupName: string,
      logStreamName: string,
      token: string | undefined,
      options?: CallOptions,
    ): Promise<LogPage> {
      const from =
        token === undefined ? { startFromHead: true } : { startFromHead: true, nextToken: token };
      const command = new GetLogEventsCommand({ logGroupName, logStreamName, ...from });
      const { lines, token: next } = await getLogEvents(command, options);
      return { lines, token: next ?? token };
    },
  };
}

interface LogPage {
  readonly lines: readonly string[];
  readonly token: string | undefined;
}

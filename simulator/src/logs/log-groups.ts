// CloudWatch's log groups: created, kept for a retention period, tagged, deleted.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html

import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  LogGroup,
  LogGroupClass,
  PutRetentionPolicyRequest,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-cloudwatch-logs";
import { AwsError, type SimulatorClock } from "../contract.ts";
import { regionalArn } from "../iam/partitions.ts";
import { byName, paged } from "./paging.ts";

interface LogGroupState<Stream> {
  readonly name: string;
  readonly createdAt: number;
  readonly streams: Map<string, Stream>;
  readonly kmsKeyId?: string;
  readonly logGroupClass: LogGroupClass;
  retentionInDays?: number;
  tags: Readonly<Record<string, string>>;
}

interface LogGroupStoreOptions {
  readonly clock: SimulatorClock;
  readonly region: string;
  readonly accountId: string;
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** The account's groups, whatever their streams contain. */
export class LogGroupStore<Stream> {
  readonly #groups = new Map<string, LogGroupState<Stream>>();
  readonly #options: LogGroupStoreOptions;

  constructor(options: LogGroupStoreOptions) {
    this.#options = options;
  }

  has(name: string): boolean {
    return this.#groups.has(name);
  }

  require(name: string): LogGroupState<Stream> {
    const group = this.#groups.get(name);
    if (!group)
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    return group;
  }

  arnOf(name: string): string {
    return regionalArn(this.#options, "logs", `log-group:${name}`);
  }

  create({
    logGroupName: name = "",
    kmsKeyId,
    tags = {},
    logGroupClass = "STANDARD",
  }: CreateLogGroupRequest): void {
    if (!/^[\w./#-]{1,512}$/.test(name)) {
      throw invalid(
        `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy ` +
          "constraint: " +
          "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
      );
    }
    if (this.has(name))
      throw new AwsError(
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
      );
    const known = kmsKeyId === undefined ? {} : { kmsKeyId };
    const createdAt = this.#options.clock.now();
    this.#groups.set(name, { name, createdAt, streams: new Map(), ...known, logGroupClass, tags });
  }

  delete(name: string): void {
    this.#groups.delete(this.require(name).name);
  }

  describe(input: DescribeLogGroupsRequest): DescribeLogGroupsResponse {
    const { logGroupNamePrefix: prefix = "", logGroupNamePattern: pattern = "" } = input;
    const found = [...this.#groups.values()]
      .filter(
        ({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(pattern.toLowerCase()),
      )
      .sort(byName);
    return paged(
      found.map((group) => this.#view(group)),
      input.limit ?? 50,
      input.nextToken,
      (page, nextToken) => ({ logGroups: page, ...nextToken }),
    );
  }

  /** For tags, ARNs of groups have no `:*` at the end. */
  ofArn(arn = ""): LogGroupState<Stream> {
    const group = [...this.#groups.values()].find(({ name }) => this.arnOf(name) === arn);
    if (!group)
      throw new AwsError("ResourceNotFoundException", "The specified resource does not exist.");
    return group;
  }

  #view(group: LogGroupState<Stream>): LogGroup {
    return {
      logGroupName: group.name,
      creationTime: group.createdAt,
      metricFilterCount: 0,
      arn: `${this.arnOf(group.name)}:*`,
      logGroupArn: this.arnOf(group.name),
      storedBytes: 0,
      logGroupClass: group.logGroupClass,
      retentionInDays: group.retentionInDays,
      kmsKeyId: group.kmsKeyId,
    };
  }
}

export function logGroupOperations(groups: LogGroupStore<unknown>) {
  return {
    CreateLogGroup: (input: CreateLogGroupRequest) => groups.create(input),
    DeleteLogGroup: (input: DeleteLogGroupRequest) => groups.delete(input.logGroupName ?? ""),
    DescribeLogGroups: (input: DescribeLogGroupsRequest) => groups.describe(input),
    PutRetentionPolicy(input: PutRetentionPolicyRequest) {
      const { retentionInDays: days = 0 } = input;
      if (!retentionDays.includes(days)) {
        throw invalid(
          `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy ` +
            "constraint: " +
            `Member must satisfy enum value set: [${retentionDays.join(", ")}]`,
        );
      }
      groups.require(input.logGroupName ?? "").retentionInDays = days;
      return {};
    },
    DeleteRetentionPolicy(input: DeleteRetentionPolicyRequest) {
      delete groups.require(input.logGroupName ?? "").retentionInDays;
      return {};
    },
    TagResource(input: TagResourceRequest) {
      const group = groups.ofArn(input.resourceArn);
      group.tags = { ...group.tags, ...input.tags };
      return {};
    },
    UntagResource(input: UntagResourceRequest) {
      const group = groups.ofArn(input.resourceArn);
      group.tags = Object.fromEntries(
        Object.entries(group.tags).filter(([key]) => !input.tagKeys?.includes(key)),
      );
      return {};
    },
    ListTagsForResource: (input: ListTagsForResourceRequest): ListTagsForResourceResponse => ({
      tags: { ...groups.ofArn(input.resourceArn).tags },
    }),
  };
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

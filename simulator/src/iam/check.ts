// The types of the tables of IAM checks: what is checked for an operation, by its input.

import type { Tag } from "@aws-sdk/client-ecs";
import type { ConditionContext } from "./conditions.ts";

export interface Check {
  readonly action: string;
  readonly resources: readonly string[];
  readonly context?: ConditionContext;
}

/** What a check needs to know about the account. */
export interface AccountLookup {
  readonly region: string;
  readonly accountId: string;
  /** A revision by ARN, `family:revision` or `family`; undefined: it does not exist. */
  taskDefinition(reference: string): KnownTaskDefinition | undefined;
  hasCluster(name: string): boolean;
  /** Of a service, cluster, task or task definition; none: there is no such resource. */
  tagsOf(resourceArn: string): readonly Tag[];
  /** Roles of an Express Mode service, as far as it is one. */
  expressService(serviceArn: string): ExpressRoles;
  secretArn(secretId: string): string;
  /** In S3. */
  hasObject(bucket: string, key: string): boolean;
}

interface ExpressRoles {
  readonly executionRoleArn: string | undefined;
  readonly taskRoleArn: string | undefined;
  readonly infrastructureRoleArn: string | undefined;
}

export interface KnownTaskDefinition {
  readonly arn: string;
  readonly taskRoleArn?: string | undefined;
  readonly executionRoleArn?: string | undefined;
  readonly hasTags: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: an operation's input, as received over the wire
export type Input = any;

/** The checks of one operation; its own action is `action`. */
export type Rule = (input: Input, account: AccountLookup, action: string) => readonly Check[];

/** For an action without resource-level permissions. */
export const anyResource: Rule = (_input, _account, action) => [{ action, resources: ["*"] }];

// The deploy role's statements in examples/start/template.yaml, from the table of permissions.

import { Document, isScalar, visit } from "yaml";
import type { FeatureName } from "../../src/permissions/permissions.ts";
import { type Names, statementsFor } from "./deploy-policy.ts";
import { neededFor } from "./policy-docs.ts";

/**
 * Names as the template knows them. ECS names the family `default-SERVICE`, sometimes with four more
 * characters, and the log group always with four more: docs/iam.md.
 */
const startNames: Names = {
  PARTITION: reference("AWS::Partition"),
  REGION: reference("AWS::Region"),
  ACCOUNT: reference("AWS::AccountId"),
  CLUSTER: "default",
  SERVICE: reference("ServiceName"),
  FAMILY: [`default-${reference("ServiceName")}`, `default-${reference("ServiceName")}-*`],
  REPOSITORY: reference("ServiceName"),
  LOG_GROUP: `/aws/ecs/default/${reference("ServiceName")}-*`,
  TASK_ROLE: [],
  EXECUTION_ROLE: reference("ExecutionRole"),
  INFRASTRUCTURE_ROLE: reference("InfrastructureRole"),
};

function reference(name: string): string {
  return `\${${name}}`;
}

/**
 * What its workflow uses the deploy role for: the default path, and that the service is created. ECS
 * tags what it makes, task definitions included; a new revision keeps their tags.
 */
export async function startFeatures(): Promise<readonly FeatureName[]> {
  return [...(await neededFor({})), "tags", "express", "expressCreate", "expressFirst"];
}

/** As YAML, with `!Sub` where a name is filled in. */
export async function startPolicy(): Promise<string> {
  const document = new Document({ Statement: statementsFor(await startFeatures(), startNames) });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && String(node.value).includes("${")) node.tag = "!Sub";
    },
  });
  const lines = document.toString({ lineWidth: 0 }).trimEnd().split("\n");
  return lines.map((line) => `${" ".repeat(12)}${line}`).join("\n");
}

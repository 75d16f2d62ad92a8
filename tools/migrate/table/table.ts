// The 116 inputs of the official actions: the one table that the converter follows, and from which
// script/docs writes the tables of docs/migrating.md.

import { buildRows } from "./build.ts";
import { deployRows } from "./deploy.ts";
import { renderRows } from "./render.ts";
import type { Row, Rows } from "./row.ts";
import { loginRows, signInRows } from "./sign-in.ts";

export const chainTable = {
  "aws-actions/configure-aws-credentials": signInRows,
  "aws-actions/amazon-ecr-login": loginRows,
  "docker/build-push-action": buildRows,
  "aws-actions/amazon-ecs-render-task-definition": renderRows,
  "aws-actions/amazon-ecs-deploy-task-definition": deployRows,
} as const satisfies Readonly<Record<string, Rows>>;

export type ChainAction = keyof typeof chainTable;

export function isChainAction(action: string | undefined): action is ChainAction {
  return action !== undefined && Object.hasOwn(chainTable, action);
}

/** Undefined: the action has no such input, or had it only in an old version. */
export function rowOf(action: ChainAction, input: string): Row | undefined {
  const rows: Rows = chainTable[action];
  const name = Object.keys(rows).find((each) => each.toLowerCase() === input.toLowerCase());
  return name === undefined ? undefined : rows[name];
}

/** Names of our inputs, or of variables of the step, that a row leads to. */
export function targetsOf({ treatment }: Row): readonly string[] {
  switch (treatment.kind) {
    case "input":
    case "environment":
      return [treatment.to];
    case "joined":
      return treatment.to;
    case "task-definition-patch":
    case "service-patch":
      return [treatment.kind];
    case "automatic":
    case "stays":
    case "comment":
      return [];
  }
}

// A container's `secrets`: from `valueFrom` to the value, read as the task's execution role.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html

import type { ContainerDefinition, Secret } from "@aws-sdk/client-ecs";
import { AwsError } from "../contract.ts";
import { regionalArn } from "../iam/partitions.ts";
import type { EcsState, TaskState } from "./state.ts";
import { type CheckRole, retrievalError, type TaskStartError } from "./task-account.ts";

/** Variables by container. */
export type TaskSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function readSecrets(world: EcsState, task: TaskState, ask: CheckRole): TaskSecrets {
  const containers = task.definition.definition.containerDefinitions ?? [];
  return Object.fromEntries(
    containers.map((one) => [one.name ?? "", readContainer(world, one, ask)]),
  );
}

function readContainer(
  world: EcsState,
  container: ContainerDefinition,
  ask: CheckRole,
): Record<string, string> {
  const read = ({ name = "", valueFrom = "" }: Secret): [string, string] => [
    name,
    readOne(world, valueFrom, ask),
  ];
  // The log driver's secrets are read as well, although no driver here uses them.
  for (const secret of container.logConfiguration?.secretOptions ?? []) read(secret);
  return Object.fromEntries((container.secrets ?? []).map(read));
}

/**
 * Everything except an ARN of Secrets Manager means Parameter Store:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
 */
function readOne(world: EcsState, valueFrom: string, ask: CheckRole): string {
  return /^arn:[^:]+:secretsmanager:/.test(valueFrom)
    ? readSecret(world, valueFrom, ask)
    : readParameter(world, valueFrom, ask);
}

const asm = (error: string): TaskStartError =>
  retrievalError("unable to retrieve secret from asm", error);
const ssm = (error: string): TaskStartError =>
  retrievalError("unable to retrieve secrets from ssm", error);

/**
 * `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`, optionally with
 * `:JSON-KEY:VERSION-STAGE:VERSION-ID`, each of which may be empty.
 */
function readSecret({ account }: EcsState, valueFrom: string, ask: CheckRole): string {
  const parts = valueFrom.split(":");
  const id = parts.slice(0, 7).join(":");
  const [key, stage, version] = parts.slice(7);
  const { secretsManager } = account;
  const notFetched = (error: string) =>
    asm(`failed to fetch secret ${id} from secrets manager: ${error}`);
  const refusal = ask("secretsmanager:GetSecretValue", secretsManager.arnOf(id));
  if (refusal) throw notFetched(`AccessDeniedException: ${refusal}`);
  try {
    const value = secretsManager.read(id, stage || undefined, version || undefined);
    return key ? jsonMember(value, key) : value;
  } catch (error) {
    if (error instanceof AwsError) throw notFetched(`${error.name}: ${error.message}`);
    throw error;
  }
}

/** With the agent's texts: https://github.com/aws/amazon-ecs-agent/blob/master/agent/asm/asm.go */
function jsonMember(text: string, key: string): string {
  const members = parsed(text);
  if (members === undefined)
    throw asm(`invalid character '${text.trim().charAt(0)}' looking for beginning of value`);
  const member = Object.hasOwn(members, key) ? members[key] : undefined;
  if (member === undefined)
    throw asm(`retrieved secret from Secrets Manager did not contain json key ${key}`);
  return typeof member === "string" ? member : JSON.stringify(member);
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function readParameter(world: EcsState, valueFrom: string, ask: CheckRole): string {
  const ownPrefix = regionalArn(world, "ssm", "parameter/");
  const path = valueFrom.startsWith(ownPrefix) ? valueFrom.slice(ownPrefix.length) : undefined;
  const name = path?.includes("/") ? `/${path}` : (path ?? valueFrom);
  const arn = `${ownPrefix}${name.replace(/^\//, "")}`;
  const refusal = ask("ssm:GetParameters", valueFrom.startsWith("arn:") ? valueFrom : arn);
  if (refusal) throw ssm(`AccessDeniedException: ${refusal}`);
  const value = world.account.parameters.get(name);
  if (value === undefined) throw ssm(`invalid ssm parameters: ${name}`);
  return value;
}

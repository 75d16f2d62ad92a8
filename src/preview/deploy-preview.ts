// Creates or updates the preview of a pull request: it is prepared here, and deployed like any
// other service.

import { deploy } from "../deploy.ts";
import { DeployError } from "../errors.ts";
import { type PreviewInputs, toDeployInputs } from "../inputs/preview-inputs.ts";
import type { Inputs } from "../inputs/schema.ts";
import { objectOf, objectsOf, stringOf } from "../json.ts";
import type { RunState } from "../run/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import {
  describeConfiguration,
  type PatternService,
  patternOf,
  previewConfiguration,
} from "./configuration.ts";
import type { PreviewSession } from "./session.ts";
import {
  expiresTag,
  expiryAfter,
  foreignReason,
  previewName,
  previewTag,
  previewTags,
} from "./tags.ts";

/**
 * @throws DeployError `PreviewRefused` where the service is not a preview of this pattern and
 * repository, `ServiceNotFound`, `ServiceNotActive`, and what `deploy` throws
 */
export async function deployPreview(
  inputs: PreviewInputs,
  pullRequest: number,
  session: PreviewSession,
  runtime: Runtime,
  runState: RunState,
): Promise<void> {
  const { family, cluster } = session;
  const { clock, reporter } = runtime;
  const name = previewName(family.pattern, pullRequest);
  const prepared = await reporter.phase("Read the pattern", async () => {
    const pattern = await readPattern(session);
    const expiresAt = expiryAfter(clock.now(), inputs.previewTtlDays);
    const exists = await renewExistingPreview(name, expiresAt, session);
    const express = previewConfiguration(pattern, {
      overlay: inputs.express,
      tags: previewTags(family, expiresAt),
    });
    const expiry = new Date(expiresAt).toISOString().slice(0, 10);
    const how = exists ? "is updated" : `is created from ${family.pattern}`;
    reporter.info(`Preview ${name} ${how}. It expires on ${expiry}, unless it is deployed again.`);
    const notes = exists
      ? []
      : describeConfiguration(name, pattern, { express, secrets: inputs.secrets });
    for (const note of notes) reporter.notice(note);
    // Of a preview that exists, nothing is said about `express` unless the workflow gives it.
    const isUsed = !exists || inputs.express !== undefined;
    return { express: isUsed && express, notes: [...notes, `Preview until ${expiry}.`] };
  });
  runState.preview = { headline: undefined, notes: prepared.notes, deleted: false };
  const deployInputs: Inputs = {
    ...toDeployInputs(inputs),
    service: [{ cluster, service: name }],
    cluster,
    express: prepared.express || undefined,
  };
  await deploy(deployInputs, runtime, runState);
}

async function readPattern({
  family: { pattern },
  arnOf,
  calls,
  cluster,
}: PreviewSession): Promise<PatternService> {
  const service = await calls.describeExpressService(arnOf(pattern));
  if (service === undefined)
    throw new DeployError({
      code: "ServiceNotFound",
      message: `There is no Express Mode service ${pattern} in cluster ${cluster}.`,
      hint:
        "Nothing was built or changed. The input service names the service whose configuration " +
        "previews get: deploy it first, or correct the name, cluster or aws-region.",
    });
  const tags = objectsOf(service.tags).map(({ key }) => key);
  if (tags.includes(previewTag)) throw patternIsPreview(pattern);
  const status = stringOf(objectOf(service.status).statusCode);
  const found = status === "ACTIVE" ? patternOf(service) : undefined;
  if (found) return found;
  const reason =
    status === "ACTIVE" ? "has no active configuration yet" : `is ${status ?? "in no known state"}`;
  throw new DeployError({
    code: "ServiceNotActive",
    message: `The pattern ${pattern} ${reason}, so a preview cannot be created from it.`,
    hint: "Nothing was built or changed. Deploy the pattern first.",
  });
}

function patternIsPreview(pattern: string): DeployError {
  return new DeployError({
    code: "PreviewRefused",
    message: `The service ${pattern} is a preview itself.`,
    hint: "Nothing was built or changed. The input service names the pattern, not a preview of it.",
  });
}

/**
 * Renews the time of a preview that is there, before it is deployed: a step that deletes expired
 * previews may run at the same time.
 * @returns false: there is none
 */
async function renewExistingPreview(
  name: string,
  expiresAt: number,
  { family, cluster, calls }: PreviewSession,
): Promise<boolean> {
  const [found] = await calls.describeTaggedServices(cluster, [name]);
  if (found?.status !== "ACTIVE") return false;
  const reason = foreignReason(family, found.tags);
  if (reason !== undefined) throw notOurs(name, reason, "changed");
  await calls.tagResource(found.arn, expiresTag, new Date(expiresAt).toISOString());
  return true;
}

export function notOurs(name: string, reason: string, what: "changed" | "deleted"): DeployError {
  return new DeployError({
    code: "PreviewRefused",
    message: `The service ${name} is not a preview that this action made: ${reason}. It is not ${what}.`,
    hint: "Nothing was built or changed. Rename or delete that service, or give the pattern another name.",
  });
}

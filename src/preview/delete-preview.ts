// Deletes previews: that of a pull request which is closed, and those whose time is over.

import { maxDescribedServices, type TaggedService } from "../aws/ecs-preview.ts";
import { resourceId } from "../ecs/arn.ts";
import { chunks } from "../ecs/chunks.ts";
import { DeployError, messageOf } from "../errors.ts";
import type { PreviewInputs } from "../inputs/preview-inputs.ts";
import type { PreviewOutcome } from "../run/outcome.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { pluralize } from "../text/format.ts";
import { pollUntil } from "../timing/poll.ts";
import { notOurs } from "./deploy-preview.ts";
import type { PreviewSession } from "./session.ts";
import { foreignReason, isExpired, isPreviewName, previewName } from "./tags.ts";

type DeleteInputs = Pick<PreviewInputs, "waitForServiceStability" | "waitForMinutes">;

/** @throws DeployError `PreviewRefused`, `RolloutTimedOut` */
export async function deletePreview(
  inputs: DeleteInputs,
  pullRequest: number,
  session: PreviewSession,
  runtime: Runtime,
  errorsPage: string,
): Promise<PreviewOutcome> {
  const { family, cluster, calls } = session;
  const { reporter } = runtime;
  const name = previewName(family.pattern, pullRequest);
  const remainsPage = errorsPage.replace(/errors\.md$/, "previews.md#what-remains");
  return await reporter.phase("Delete the preview", async () => {
    const [found] = await calls.describeTaggedServices(cluster, [name]);
    const unchanged = (headline: string) => ({ headline, notes: [], deleted: false });
    if (!found || found.status === "INACTIVE")
      return unchanged(`Nothing to do: there is no preview ${name}`);
    if (found.status === "DRAINING")
      return unchanged(`Nothing to do: preview ${name} is being deleted already`);
    const reason = foreignReason(family, found.tags);
    if (reason !== undefined) throw notOurs(name, reason, "deleted");
    if (!(await calls.deleteExpressService(found.arn)))
      return unchanged(`Nothing to do: preview ${name} is being deleted already`);
    reporter.info(`ECS deletes ${name}: it stops the tasks first (DRAINING).`);
    if (inputs.waitForServiceStability) await waitUntilDeleted(found, inputs, session, runtime);
    const notes = [`Its log group and its task definition revisions remain: ${remainsPage}`];
    return { headline: `Deleted preview ${name}`, notes, deleted: true };
  });
}

const pollMilliseconds = 10_000;

async function waitUntilDeleted(
  { name, arn }: TaggedService,
  { waitForMinutes }: DeleteInputs,
  { cluster, calls }: PreviewSession,
  { clock, signal, reporter }: Runtime,
): Promise<void> {
  const until = clock.now() + waitForMinutes * 60_000;
  const read = async () => {
    const [found] = await calls.describeTaggedServices(cluster, [arn]);
    if (!found || found.status === "INACTIVE") return true;
    if (clock.now() < until) return undefined;
    throw new DeployError({
      code: "RolloutTimedOut",
      message: `${name} is still ${found.status} after ${pluralize(waitForMinutes, "minute")}.`,
      hint: "ECS continues the deletion. Check the service in the console.",
    });
  };
  await pollUntil(read, pollMilliseconds, { clock, signal });
  reporter.info(`${name} is deleted.`);
}

/**
 * Deletes every preview of this pattern and repository whose time is over. A failure is a warning:
 * the next step tries again.
 * @returns a sentence for each
 */
export async function deleteExpiredPreviews(
  session: PreviewSession,
  runtime: Runtime,
): Promise<readonly string[]> {
  const { reporter, signal } = runtime;
  const deleted: string[] = [];
  return await reporter.phase("Delete expired previews", async () => {
    try {
      for (const { name, arn } of await readExpired(session, runtime))
        if (await session.calls.deleteExpressService(arn)) deleted.push(name);
    } catch (error) {
      if (signal.aborted) throw error;
      reporter.warning(`Not all expired previews could be deleted: ${messageOf(error)}`);
    }
    const notes = deleted.map((name) => `Deleted expired preview ${name}.`);
    for (const note of notes) reporter.info(note);
    if (notes.length === 0) reporter.info("No expired preview was deleted.");
    return notes;
  });
}

async function readExpired(
  session: PreviewSession,
  { clock }: Runtime,
): Promise<readonly TaggedService[]> {
  const previews = await readPreviews(session);
  return previews.filter(
    ({ status, tags }) => status === "ACTIVE" && isExpired(session.family, tags, clock.now()),
  );
}

async function readPreviews({
  family,
  cluster,
  calls,
}: PreviewSession): Promise<readonly TaggedService[]> {
  const arns = await calls.listExpressServices(cluster);
  const ofPattern = arns.filter((arn) => isPreviewName(family.pattern, resourceId(arn)));
  const found: TaggedService[] = [];
  for (const some of chunks(ofPattern, maxDescribedServices))
    found.push(...(await calls.describeTaggedServices(cluster, some)));
  return found;
}

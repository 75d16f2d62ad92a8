// What a rehearsal makes on the runner's Docker engine, and how all of it is removed: also by a post
// step that knows nothing but the job's own variables.

import { createHash } from "node:crypto";
import type { RunProcess } from "../process/run-process.ts";

type JobVariables = Readonly<Record<string, string | undefined>>;

/** On the image that is built; its value is the rehearsal's id. */
export const imageLabel = "io.github.deploy-ecs.rehearsal";
/** On containers (by the simulator), volumes and networks. */
export const resourceLabel = "deploy-ecs.simulator";

/** What makes this step different from all others that use the same engine. */
const identifying = [
  "RUNNER_NAME",
  "RUNNER_TEMP",
  "GITHUB_REPOSITORY",
  "GITHUB_RUN_ID",
  "GITHUB_RUN_ATTEMPT",
  "GITHUB_JOB",
  "GITHUB_ACTION",
];

/** The same in main and post of one step. */
export function rehearsalId(environment: JobVariables): string {
  const text = identifying.map((name) => environment[name] ?? "").join("\n");
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

export type DockerCommand = (...args: readonly string[]) => Promise<string>;

/** A docker whose failures are empty answers. */
export function dockerCommand(run: RunProcess, environment: JobVariables): DockerCommand {
  const own = Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [[name, value] as const];
  });
  return async (...args) => {
    const { exitCode, stdout } = await run({
      command: "docker",
      arguments: args,
      environment: Object.fromEntries(own),
    });
    if (exitCode === 0) return stdout.trim();
    return "";
  };
}

/** Safe to run twice. Containers of the job that were connected to a network stay. */
export async function removeLeftovers(
  id: string,
  docker: DockerCommand,
  { keepImage }: { readonly keepImage: boolean },
): Promise<void> {
  const ours = `label=${resourceLabel}=${id}`;
  await removeAll(await docker("ps", "--all", "--quiet", "--filter", ours), (ids) =>
    docker("rm", "--force", "--volumes", ...ids),
  );
  for (const network of listedIds(await docker("network", "ls", "--quiet", "--filter", ours))) {
    const format = "{{range $id, $_ := .Containers}}{{$id}} {{end}}";
    const members = await docker("network", "inspect", "--format", format, network);
    for (const member of members.split(" ").filter(Boolean))
      await docker("network", "disconnect", "--force", network, member);
    await docker("network", "rm", network);
  }
  await removeAll(await docker("volume", "ls", "--quiet", "--filter", ours), (names) =>
    docker("volume", "rm", "--force", ...names),
  );
  if (keepImage) return;
  const images = `label=${imageLabel}=${id}`;
  await removeAll(await docker("images", "--quiet", "--filter", images), (ids) =>
    docker("rmi", "--force", ...ids),
  );
}

async function removeAll(
  listed: string,
  remove: (ids: readonly string[]) => Promise<string>,
): Promise<void> {
  const ids = [...new Set(listedIds(listed))];
  if (ids.length > 0) await remove(ids);
}

function listedIds(text: string): readonly string[] {
  return text.split("\n").filter(Boolean);
}

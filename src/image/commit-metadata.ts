// The commit that is built: its time, and the URL of its repository.

import { readFile } from "node:fs/promises";
import type { ObservedCommit } from "../ecs/observed.ts";
import { objectOf, parseJsonObject, stringOf } from "../json.ts";
import type { RunProcess } from "../process/run-process.ts";

interface CommitPorts {
  readonly run: RunProcess;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export async function readCommitMetadata(
  sha: string,
  { run, environment }: CommitPorts,
): Promise<ObservedCommit> {
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_WORKSPACE: workspace,
  } = environment;
  return {
    sha,
    time: await readCommitTime(sha, run, environment),
    workspace: workspace || undefined,
    source: server && repository && `${server}/${repository}`,
  };
}

async function readCommitTime(
  sha: string,
  run: RunProcess,
  environment: CommitPorts["environment"],
): Promise<number | undefined> {
  if (sha === "") return undefined;
  const time = await commitTimeFromGit(sha, run, environment);
  return time ?? commitTimeFromEvent(environment);
}

/**
 * The checkout may belong to another user than ours (jobs in containers):
 * https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory
 */
async function commitTimeFromGit(
  sha: string,
  run: RunProcess,
  environment: CommitPorts["environment"],
): Promise<number | undefined> {
  const { PATH = "", HOME = "" } = environment;
  const log = await run({
    command: "git",
    arguments: ["-c", "safe.directory=*", "log", "-1", "--no-show-signature", "--format=%ct", sha],
    environment: { PATH, HOME },
  });
  const seconds = log.stdout.trim();
  if (log.exitCode === 0 && /^\d+$/.test(seconds)) return Number(seconds);
  return undefined;
}

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
async function commitTimeFromEvent({
  GITHUB_EVENT_PATH: path,
}: CommitPorts["environment"]): Promise<number | undefined> {
  try {
    const event = parseJsonObject(await readFile(path ?? "", "utf8"));
    const head = objectOf(event.head_commit);
    const milliseconds = Date.parse(stringOf(head.timestamp) ?? "");
    if (Number.isNaN(milliseconds)) return undefined;
    return Math.floor(milliseconds / 1000);
  } catch {
    return undefined;
  }
}

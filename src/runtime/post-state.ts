// State from main for the post step: texts in the runner's state file, which come back as STATE_*
// variables.
//
// Each fact is a value of its own, JSON with a version. The file is only appended to, and the
// runner reads its values in order, so a file whose end is missing is the state of an earlier
// moment, never a mixture. (One value for everything would be written again with every service, and
// Linux starts no process that has a variable of 128 KiB.) The values are not trusted when they are
// read back.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#sending-values-to-the-pre-and-post-actions

import { basename, dirname, resolve } from "node:path";
import { DeployError } from "../errors.ts";
import { isJsonObject, type JsonObject, numberOf, stringOf } from "../json.ts";
import type {
  InProgressRollout,
  InProgressTask,
  PendingTerraform,
  PostStateWriter,
} from "./runtime.ts";

/** Facts that only main.ts records. */
export interface MainPostStateWriter extends PostStateWriter {
  /** Called first. */
  readonly started: () => void;
  /** The runner has cancelled the run. */
  readonly cancelled: () => void;
  /** The outcome has been reported to the user. */
  readonly ended: () => void;
}

export interface PostState {
  /** `none`: main has recorded nothing. `begun`: it ended before it reported its outcome. */
  readonly main: "none" | "begun" | "ended";
  readonly cancelled: boolean;
  readonly privateFolder: string | undefined;
  readonly rollouts: readonly InProgressRollout[];
  readonly tasks: readonly InProgressTask[];
  readonly terraform: PendingTerraform | undefined;
  /** Names of values that this version did not write, or that have another form. */
  readonly unreadable: readonly string[];
}

/** A value with a different version is ignored. */
const version = 1;

/** @param save adds one value to the state. It never throws; false: it could not be written */
export function createPostStateWriter(
  save: (name: string, value: string) => boolean,
): MainPostStateWriter {
  const saved = new Map<string, string>();
  const numbers = new Map<string, number>();
  const put = (name: string, fact: object | undefined): boolean => {
    const value = fact ? JSON.stringify({ version, ...fact }) : "";
    if ((saved.get(name) ?? "") === value) return true;
    const done = save(name, value);
    if (done) saved.set(name, value);
    return done;
  };
  const numberedName = (kind: "rollout" | "task", ...key: readonly string[]) => {
    const number = numbers.get(key.join("/")) ?? numbers.size;
    numbers.set(key.join("/"), number);
    return `${kind}-${number}`;
  };
  const rolloutName = ({ cluster, service }: Pick<InProgressRollout, "cluster" | "service">) =>
    numberedName("rollout", cluster, service);
  const taskName = ({
    moment,
    cluster,
    service,
  }: Pick<InProgressTask, "moment" | "cluster" | "service">) =>
    numberedName("task", moment, cluster, service ?? "");
  return {
    started: () => void put("main", { is: "begun" }),
    ended: () => void put("main", { is: "ended" }),
    cancelled: () => void put("cancelled", {}),
    privateFolder: (folder) => void put("private-folder", { folder }),
    rolloutInProgress: (rollout) => void put(rolloutName(rollout), rolloutFact(rollout)),
    rolloutEnded: (rollout) => void put(rolloutName(rollout), undefined),
    taskInProgress: (task) => void put(taskName(task), task),
    taskEnded: (task) => void put(taskName(task), undefined),
    terraform(pending) {
      if (put("terraform", pending) || !pending) return;
      throw new DeployError({
        code: "DiskNotWritable",
        message:
          "The runner's state file (GITHUB_STATE) could not be written, so Terraform is not " +
          "started.",
        hint:
          "If the run were cancelled while Terraform holds the lock of its state, the post step " +
          "would not know of it and could not wait for it. Make room on the runner's disk, and " +
          "run the job again.",
      });
    },
  };
}

function rolloutFact(rollout: InProgressRollout): InProgressRollout {
  const {
    cluster,
    service,
    startedAt,
    taskDefinitionArn,
    earlierIds,
    id,
    serviceDeploymentArn,
    rollbackRequested,
    leftToEcs,
  } = rollout;
  return {
    cluster,
    service,
    startedAt,
    taskDefinitionArn,
    earlierIds,
    id,
    serviceDeploymentArn,
    rollbackRequested,
    leftToEcs,
  };
}

/**
 * @param temporaryFolder RUNNER_TEMP: folders elsewhere were not created by this action, and are
 * never removed
 */
export function readPostState(
  environment: Readonly<Record<string, string | undefined>>,
  temporaryFolder: string,
): PostState {
  const unreadable: string[] = [];
  const texts = Object.entries(environment).flatMap(([variable, value = ""]) => {
    if (variable.startsWith("STATE_") && value !== "")
      return [[variable.slice("STATE_".length), value] as const];
    return [];
  });
  const facts = new Map(texts.map(([name, text]) => [name, parseFact(text)]));
  const read = <Value>(
    name: string,
    of: (fact: JsonObject) => Value | undefined,
  ): Value | undefined => {
    if (!facts.has(name)) return undefined;
    const fact = facts.get(name);
    const value = fact && of(fact);
    if (value === undefined) unreadable.push(name);
    return value;
  };
  const all = <Value>(
    kind: string,
    of: (fact: JsonObject) => Value | undefined,
  ): readonly Value[] =>
    [...facts.keys()]
      .filter((name) => entryKind(name) === kind)
      .flatMap((name) => read(name, of) ?? []);
  const isOwnFolder = (folder: string) =>
    dirname(folder) === resolve(temporaryFolder) &&
    /^deploy-ecs-(docker|terraform)-\w+$/.test(basename(folder));
  const folderOf = (fact: JsonObject) => [stringOf(fact.folder) ?? ""].find(isOwnFolder);
  const state = {
    main: read("main", ({ is }) => (["begun", "ended"] as const).find((name) => name === is)),
    cancelled: read("cancelled", () => true) ?? false,
    privateFolder: read("private-folder", folderOf),
    rollouts: all("rollout", parseRollout),
    tasks: all("task", parseTask),
    terraform: read("terraform", (fact) => parseTerraform(fact, folderOf(fact))),
  };
  unreadable.push(...[...facts.keys()].filter((name) => !entryKind(name) && !(name in fixedNames)));
  const readable = facts.size > unreadable.length;
  return { ...state, main: state.main ?? (readable ? "begun" : "none"), unreadable };
}

const fixedNames: Readonly<Record<string, true>> = {
  main: true,
  cancelled: true,
  "private-folder": true,
  terraform: true,
};

/** `rollout` of `rollout-3`. */
function entryKind(name: string): string | undefined {
  return name.match(/^(rollout|task)-\d+$/)?.[1];
}

function parseFact(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value) && value.version === version) return value;
    return undefined;
  } catch {
    return undefined;
  }
}

function parseRollout(fact: JsonObject): InProgressRollout | undefined {
  const [cluster, service] = [stringOf(fact.cluster), stringOf(fact.service)];
  const [startedAt, taskDefinitionArn] = [
    numberOf(fact.startedAt),
    stringOf(fact.taskDefinitionArn),
  ];
  const earlierIds = Array.isArray(fact.earlierIds) ? fact.earlierIds.map(stringOf) : [undefined];
  if (!cluster || !service || !startedAt || !taskDefinitionArn || earlierIds.includes(undefined))
    return undefined;
  const [id, serviceDeploymentArn] = [stringOf(fact.id), stringOf(fact.serviceDeploymentArn)];
  return rolloutFact({
    cluster,
    service,
    startedAt,
    taskDefinitionArn,
    earlierIds: earlierIds.filter((one) => one !== undefined),
    id,
    serviceDeploymentArn,
    rollbackRequested: fact.rollbackRequested === true || undefined,
    leftToEcs: fact.leftToEcs === true || undefined,
  });
}

function parseTask(fact: JsonObject): InProgressTask | undefined {
  const moments = ["pre-deploy", "verification", "post-deploy", "one-off"] as const;
  const moment = moments.find((one) => one === fact.moment);
  const [cluster, service, arn] = [
    stringOf(fact.cluster),
    stringOf(fact.service),
    stringOf(fact.arn),
  ];
  if (!moment || !cluster || (!service && moment !== "one-off")) return undefined;
  return { moment, cluster, service, arn };
}

function parseTerraform(
  fact: JsonObject,
  folder: string | undefined,
): PendingTerraform | undefined {
  const [directory, pid, command] = [
    stringOf(fact.directory),
    numberOf(fact.pid),
    stringOf(fact.command),
  ];
  if (folder === undefined || directory === undefined) return undefined;
  // A process id of 0 or below would mean a process group.
  if (pid === undefined || !Number.isSafeInteger(pid) || pid < 2) return { folder, directory };
  if (command === "plan" || command === "apply") return { folder, directory, pid, command };
  return undefined;
}

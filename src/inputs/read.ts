// Reads and checks all inputs: reports all mistakes together, before the first network call to AWS.

import { parseArn } from "../ecs/arn.ts";
import type { Partition } from "../ecs/partition.ts";
import { DeployError } from "../errors.ts";
import { answerPauseProblems } from "./answer-pause-problems.ts";
import { readDefinitionFiles } from "./definition-files.ts";
import type { InputSpec } from "./input-spec.ts";
import { InputProblem, type InputProblemLine, quoted, withoutTrailingSlashes } from "./parsers.ts";
import { arnLocationProblems, clusterProblems, isForDefaultCluster } from "./requested-services.ts";
import { type InputName, type Inputs, inputSpecs, toMemberName } from "./schema.ts";
import { missingPathHint, unexpandedVariableHint } from "./shell-variables.ts";
import { terraformProblems } from "./terraform-problems.ts";
import { verificationProblems } from "./verification-problems.ts";

/** What reading the inputs needs from the machine. */
export interface InputSource<Name extends string = InputName> {
  /** The job's variables, for build arguments that are given without a value. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of an input, "" if it is not set. */
  readonly get: (name: Name) => string;
  /**
   * What a path is, relative to the workspace. `outside`: a folder that is not in the workspace.
   */
  readonly kindOf: (path: string) => "file" | "folder" | "outside" | "nothing";
  /** The text of a file of the workspace; undefined if it cannot be read. */
  readonly readText: (path: string) => string | undefined;
  /** Whether a host name is known to the DNS; undefined when it cannot be asked. */
  readonly hostExists: (host: string) => Promise<boolean | undefined>;
  /** According to the SDK's own data. */
  readonly partitionOf: (region: string) => Partition;
}

/**
 * Reads and checks every input.
 * @throws DeployError `InvalidInput` with one line for each mistake.
 */
export async function readInputs(source: InputSource): Promise<Inputs> {
  return await readTable(inputSpecs, source);
}

/** What the step needs: nothing else is missing. */
export interface StepNeeds {
  /** An image: `ecr-repository` or `image`, a Dockerfile. */
  readonly image: boolean;
  /** `services`: at least one. `cluster`: for a task, with or without a service. */
  readonly target: "services" | "cluster" | "none";
  /** Contradictions of the step's own inputs; one that could not be read has no member. */
  readonly problemsOf?: (values: Readonly<Record<string, unknown>>) => readonly string[];
}

/**
 * The same for any table that has at least the rows of `deploy`; the values have its other rows,
 * too.
 */
export async function readTable<Name extends string>(
  table: Readonly<Record<Name, InputSpec<unknown>>>,
  source: InputSource<Name>,
  needs: StepNeeds = { image: true, target: "services" },
): Promise<Inputs> {
  const problems: InputProblemLine[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries<InputSpec<unknown>>(table)) {
    const given = source.get(name as Name).trim() || (spec.default ?? "");
    if (given === "" && spec.required) {
      problems.push(`${name}: required, but empty. ${spec.description}`);
      continue;
    }
    const remedy = spec.allowsDollar ? undefined : unexpandedVariableHint(given);
    if (remedy !== undefined) {
      problems.push(`${name}: got ${quoted(given)}; ${remedy}`);
      continue;
    }
    try {
      values[toMemberName(name)] = spec.parse(given);
    } catch (problem) {
      if (!(problem instanceof InputProblem)) throw problem;
      problems.push(`${name}: ${problem.message}`);
    }
  }
  const inputs = values as Partial<Inputs>;
  if (isForDefaultCluster(inputs)) values["cluster"] = "default";
  if (inputs.buildArgs)
    values["buildArgs"] = resolveBuildArguments(inputs.buildArgs, source.environment);
  problems.push(
    ...(needs.image ? fileProblems(inputs, source) : []),
    ...(await regionProblems(inputs, source)),
    ...partitionProblems(inputs, source),
    ...roleProblems(inputs),
    ...targetProblems(inputs, needs.target),
    ...(needs.image ? imageProblems(inputs) : []),
    ...readDefinitionFiles(values, source),
    ...terraformProblems(values, source),
    ...(needs.problemsOf?.(values) ?? []),
    ...answerPauseProblems(inputs.answerPause, table, (name) => source.get(name as Name)),
    ...verificationProblems(inputs),
  );
  if (problems.length === 0) return inputs as Inputs;
  throw invalidInput(problems);
}

/**
 * Build arguments without a value get that of the job's environment, as in docker; if it is not set
 * there, docker omits the argument. The runner's own tokens are never passed on.
 */
function resolveBuildArguments(
  given: readonly string[],
  environment: InputSource["environment"],
): readonly string[] {
  return given.map((line) => {
    const value = line.startsWith("ACTIONS_") ? undefined : environment[line];
    if (line.includes("=") || value === undefined) return line;
    return `${line}=${value}`;
  });
}

/** An annotation holds 4,096 characters; a much longer text would not be read. */
const maxProblemLength = 1_000;
const maxProblems = 80;

/** One error for all problems, one line each. */
export function invalidInput(problems: readonly InputProblemLine[]): DeployError {
  const messages = problems.map((problem) =>
    truncateProblem(typeof problem === "string" ? problem : problem.message),
  );
  const places = problems.flatMap((problem) => {
    if (typeof problem === "string") return [];
    return [problem.at];
  });
  const withBlock = places.length === problems.length ? [] : ["the `with:` block of this step"];
  const toCorrect = [...withBlock, ...places.map(({ file }) => `the file ${file}`)].join(" and ");
  const more = messages.length > maxProblems ? [`- and ${messages.length - maxProblems} more`] : [];
  const listed = [...messages.slice(0, maxProblems).map((problem) => `- ${problem}`), ...more];
  return new DeployError({
    code: "InvalidInput",
    message:
      messages.length === 1
        ? `Input ${messages[0]}`
        : `${messages.length} inputs are wrong:\n${listed.join("\n")}`,
    hint: `Nothing was built or changed. Correct ${toCorrect}.`,
    at: withBlock.length === 0 && places.length === 1 ? places[0] : undefined,
  });
}

function truncateProblem(problem: string): string {
  if (problem.length > maxProblemLength) return `${problem.slice(0, maxProblemLength)}…`;
  return problem;
}

/** The path of the Dockerfile, defined here for both the check and the build. */
export function dockerfilePath(inputs: Pick<Inputs, "context" | "file">): string {
  return inputs.file ?? `${withoutTrailingSlashes(inputs.context)}/Dockerfile`;
}

/** A rollback or an answer builds nothing, so it needs neither a checkout nor a repository. */
function needsNoBuild({ image, rollback, to, answerPause }: Partial<Inputs>): boolean {
  return image !== undefined || rollback === true || to !== undefined || answerPause !== undefined;
}

function fileProblems(inputs: Partial<Inputs>, { kindOf }: Pick<InputSource, "kindOf">): string[] {
  const { context, file } = inputs;
  if (context === undefined || needsNoBuild(inputs)) return [];
  if (kindOf(context) === "outside")
    return [
      `context: ${quoted(context)} is outside the workspace; only what is checked out there ` +
        "can be traced to its commit. Use a folder inside it, or add other folders with " +
        "build-contexts.",
    ];
  if (kindOf(context) !== "folder")
    return [
      `context: expected a folder of the workspace, got ${quoted(context)}. ` +
        `${missingPathHint(context)}`,
    ];
  const path = dockerfilePath({ context, file });
  if (kindOf(path) === "file") return [];
  const where =
    file === undefined
      ? `file: not given, and there is no Dockerfile at ${quoted(path)}`
      : `file: there is no Dockerfile at ${quoted(path)}`;
  const problem = `${where}. The path is taken from the workspace, not from the context.`;
  if (unexpandedVariableHint(path) === undefined) return [problem];
  return [`${problem} ${missingPathHint(path)}`];
}

/**
 * A region that is not in the SDK's list may be newer than the list, or mistyped: without an STS
 * host it does not exist. This is trusted only if the DNS resolves another host of that partition.
 */
async function regionProblems(
  { awsRegion }: Partial<Inputs>,
  { hostExists, partitionOf }: Pick<InputSource, "hostExists" | "partitionOf">,
): Promise<string[]> {
  if (awsRegion === undefined) return [];
  const { isListed, dnsSuffix, firstRegion: exampleRegion } = partitionOf(awsRegion);
  if (isListed || (await hostExists(`sts.${awsRegion}.${dnsSuffix}`)) !== false) return [];
  if (!(await hostExists(`sts.${exampleRegion}.${dnsSuffix}`))) return [];
  return [
    `aws-region: expected the name of an AWS region, like us-east-1, got ${quoted(awsRegion)}: ` +
      "AWS has no endpoint there",
  ];
}

/** Roles and regions must be in the same partition; STS would only report an invalid value. */
function partitionProblems(
  { awsRegion, roleToAssume, managedSessionPolicies = [] }: Partial<Inputs>,
  { partitionOf }: Pick<InputSource, "partitionOf">,
): string[] {
  if (awsRegion === undefined) return [];
  const regionPartition = partitionOf(awsRegion).name;
  const given = [
    ...(roleToAssume === undefined ? [] : [["role-to-assume", "role", roleToAssume] as const]),
    ...managedSessionPolicies.map((arn) => ["managed-session-policies", "policy", arn] as const),
  ];
  return given.flatMap(([name, kind, arn]) => {
    const partition = parseArn(arn)?.partition;
    if (partition === regionPartition) return [];
    return (
      `${name}: ${JSON.stringify(arn)} is a ${kind} of the partition ${partition}, but ` +
      `aws-region ${awsRegion} is in the partition ${regionPartition}. A ${kind} works only in ` +
      "the regions of its own partition: correct one of the two"
    );
  });
}

function roleProblems({
  roleToAssume,
  inlineSessionPolicy,
  managedSessionPolicies,
}: Partial<Inputs>): string[] {
  if (roleToAssume !== undefined) return [];
  const given = [
    inlineSessionPolicy && "inline-session-policy",
    managedSessionPolicies?.length && "managed-session-policies",
  ].filter(Boolean);
  return given.map(
    (name) => `${name}: needs role-to-assume, because only a role session can be restricted`,
  );
}

/** Where to deploy. With Terraform, missing values may come from the root's outputs. */
function targetProblems(inputs: Partial<Inputs>, needed: StepNeeds["target"]): readonly string[] {
  const { cluster, service, terraformDirectory, roleToAssume, awsRegion } = inputs;
  const role = parseArn(roleToAssume ?? "");
  const session = { region: awsRegion, accountId: role?.accountId, partition: role?.partition };
  const isService =
    needed === "services" && terraformDirectory === undefined && service?.length === 0;
  const isCluster = needed !== "none" && (terraformDirectory === undefined || cluster !== "");
  return [
    ...(isCluster ? clusterProblems(inputs).map((problem) => `cluster: ${problem}`) : []),
    ...(isService ? [`service: required, but empty. ${inputSpecs.service.description}`] : []),
    ...arnLocationProblems(inputs, { ...session, identity: "role-to-assume is" }),
  ];
}

/**
 * Inputs that depend on each other. One that could not be parsed is not in `inputs`, and its
 * problem is reported already.
 */
function imageProblems(inputs: Partial<Inputs>): string[] {
  const empty = (name: keyof Inputs) => name in inputs && inputs[name] === undefined;
  return [
    ...(empty("image") && empty("ecrRepository") && !needsNoBuild(inputs)
      ? [`ecr-repository: required, but empty. ${inputSpecs["ecr-repository"].description}`]
      : []),
    ...(inputs.latestWhen === "succeeded" && inputs.waitForServiceStability === false
      ? [
          "latest-when: succeeded needs wait-for-service-stability: without waiting, success " +
            "is unknown",
        ]
      : []),
    ...(inputs.postDeployCommand && inputs.waitForServiceStability === false
      ? [
          "post-deploy-command: needs wait-for-service-stability: it runs after a successful " +
            "deployment",
        ]
      : []),
    ...(inputs.waitUntil !== undefined && inputs.waitForServiceStability === false
      ? ["wait-until: needs wait-for-service-stability: without waiting, no stage is seen"]
      : []),
    ...(inputs.taskDefinitionFamily !== undefined && (inputs.taskDefinition?.length ?? 0) > 1
      ? [
          "task-definition-family: cannot be used with several lines in task-definition, because " +
            "their revisions would be in one family",
        ]
      : []),
    ...(inputs.preDeployContainer !== undefined &&
    empty("preDeployCommand") &&
    empty("preDeployTaskDefinition") &&
    empty("postDeployCommand") &&
    empty("verifyCommand")
      ? [
          "pre-deploy-container: given, but there is no pre-deploy-command, " +
            "post-deploy-command or verify-command to run in it",
        ]
      : []),
  ];
}

// Reads the files that inputs name as task definitions.

import { definedOnly, type JsonObject } from "../json.ts";
import { parseObject } from "./document.ts";
import { DocumentProblem } from "./json-text.ts";
import { InputProblem, type InputProblemLine, quoted } from "./parsers.ts";
import { taskDefinitionProblems } from "./requested-services.ts";
import type { InputName, Inputs } from "./schema.ts";
import { missingPathHint } from "./shell-variables.ts";
import type { DefinitionSource } from "./task-definition-parsers.ts";

interface ReadText {
  /** The text of a file of the workspace; undefined if it cannot be read. */
  readonly readText: (path: string) => string | undefined;
}

/**
 * Parses the files that `task-definition` and `pre-deploy-task-definition` name: their mistakes are
 * reported together with all others.
 */
export function readDefinitionFiles(
  values: Record<string, unknown>,
  { readText }: ReadText,
): readonly InputProblemLine[] {
  const inputs = values as Partial<Inputs>;
  const { taskDefinition, preDeployTaskDefinition, rollback, to, answerPause } = inputs;
  if (rollback || to || answerPause) return [];
  const problems: InputProblemLine[] = [];
  const withDocument = <Source extends DefinitionSource>(input: InputName, source: Source) => {
    if (!("path" in source)) return source;
    const { document, problem } = readDefinitionFile(input, source.path, readText);
    if (problem) problems.push(problem);
    return { ...source, ...definedOnly({ document }) };
  };
  if (taskDefinition)
    values["taskDefinition"] = taskDefinition.map((one) => withDocument("task-definition", one));
  if (preDeployTaskDefinition)
    values["preDeployTaskDefinition"] = withDocument(
      "pre-deploy-task-definition",
      preDeployTaskDefinition,
    );
  return [
    ...taskDefinitionProblems(values).map((problem) => `task-definition: ${problem}`),
    ...distinctProblems(problems),
  ];
}

/** Two services may have the same file. */
function distinctProblems(problems: readonly InputProblemLine[]): readonly InputProblemLine[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function readDefinitionFile(
  input: InputName,
  path: string,
  readText: ReadText["readText"],
): {
  readonly document: JsonObject | undefined;
  readonly problem: InputProblemLine | undefined;
} {
  const text = readText(path);
  if (text === undefined) {
    const message =
      `${input}: there is no file at ${quoted(path)} in the workspace, and a family or revision ` +
      `has no slash and no dot. ${missingPathHint(path)}`;
    return { document: undefined, problem: message };
  }
  try {
    return { document: parseObject(text), problem: undefined };
  } catch (problem) {
    if (!(problem instanceof InputProblem)) throw problem;
    const line = problem instanceof DocumentProblem ? problem.line : undefined;
    const message = `${input}: ${path}: ${problem.message}`;
    return { document: undefined, problem: { message, at: { file: path, line } } };
  }
}

// The inputs of each verb: which rows of the tables it has.

import type { InputSpec } from "./input-spec.ts";
import { type PreviewInputs, previewInputs } from "./preview-inputs.ts";
import { type InputSource, readTable } from "./read.ts";
import { inputSpecs } from "./schema.ts";
import type { Verb } from "./verbs.ts";

type Table = Readonly<Record<string, InputSpec<unknown>>>;

/** All rows, the verb's own in the place of shared ones. */
function tableFor(verb: Verb): Table {
  if (verb === "preview") return { ...inputSpecs, ...previewInputs };
  return inputSpecs;
}

/** The rows that the verb has, in the order of its documentation. */
export function inputsOf(verb: Verb): readonly (readonly [string, InputSpec<unknown>])[] {
  return Object.entries(tableFor(verb)).filter(([, spec]) => spec.verbs.includes(verb));
}

/**
 * Rows that the verb does not have get their defaults, also if a workflow gives them.
 * @param closes the event closes a pull request: a deletion needs neither a checkout nor an image
 * @throws DeployError `InvalidInput` with one line for each mistake
 */
export async function readPreviewInputs(
  source: InputSource<string>,
  closes = false,
): Promise<PreviewInputs> {
  const table = tableFor("preview");
  const get = (name: string) => {
    if (table[name]?.verbs.includes("preview")) return source.get(name);
    return "";
  };
  const builds = !closes && get("preview-delete").trim() !== "true";
  return (await readTable(table, { ...source, get }, { builds })) as PreviewInputs;
}

// Text from elsewhere (containers, builds, ECS, inputs) must neither speak to the runner, nor paint the terminal, nor show its reader
// something else than it says. Everything that is printed goes through here. PURE.

/** Colours, cursor movements, titles of the terminal: ECMA-48, 5.4 and 5.6, also by the C1 characters that begin them. */
const escapeSequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;

/** C0 but for the tabulator, DEL, C1, and the line and paragraph separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Marks that let text run the other way (https://trojansource.codes), and characters without a width, in which words can hide. */
const invisibleCharacters = /(?!\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]/gu;

/**
 * One line without control, direction and invisible characters, and without anything that the runner would take for a command:
 * `::set-env…` at the start of a line, `##[…]` anywhere in it (runner: src/Runner.Common/ActionCommand.cs).
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function sanitizeLine(line: string): string {
  const plain = line
    .replace(escapeSequences, "")
    .replace(controlCharacters, "")
    .replace(invisibleCharacters, "")
    .trimEnd();
  return plain
    .toWellFormed()
    .replace(/^(\s*)::/, "$1\u200b::")
    .replaceAll("##[", "##\u200b[");
}

/** The same of a text of several lines. */
export function sanitizeText(text: string): string {
  return text.split(/\r?\n/).map(sanitizeLine).join("\n");
}

// Text from outside (containers, builds, ECS, inputs) must not run workflow commands, control the
// terminal, or display something else than it contains. Everything that is printed is sanitized
// here. PURE.

/**
 * Colours, cursor movements, titles of the terminal: ECMA-48, 5.4 and 5.6, also by the C1
 * characters that begin them.
 */
const escapeSequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are searched for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;

/** C0 except the tab, DEL, C1, and the line and paragraph separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are searched for
const controlCharacters = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * Marks that reverse the direction of text (https://trojansource.codes), and characters without a
 * width, which can hide text.
 */
const invisibleCharacters = /(?!\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]/gu;

/**
 * One line without control, direction and invisible characters, and without anything that the
 * runner would read as a command: `::set-env…` at the start of a line, `##[…]` anywhere in it
 * (runner: src/Runner.Common/ActionCommand.cs).
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

/** The same for a text of several lines. */
export function sanitizeText(text: string): string {
  return text.split(/\r?\n/).map(sanitizeLine).join("\n");
}

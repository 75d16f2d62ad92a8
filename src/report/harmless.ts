// Text from elsewhere (containers, builds, ECS) must neither speak to the runner nor paint the terminal. PURE.

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const escapeSequences = /\u001b\[[0-9;?]*[A-Za-z]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * One line without control characters, and without anything that the runner would take for a command: `::set-env…` at the start of a
 * line, `##[…]` anywhere in it (runner: src/Runner.Common/ActionCommand.cs).
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function harmlessLine(line: string): string {
  const plain = line.replace(escapeSequences, "").replace(controlCharacters, "").trimEnd();
  return plain.replace(/^(\s*)::/, "$1\u200b::").replaceAll("##[", "##\u200b[");
}

// A `with:` block is not a shell: shell variables arrive unexpanded. Finds them, and suggests
// GitHub's syntax. PURE.

/** `$NAME`, `${NAME…`, PowerShell's `$env:NAME`, and `%NAME%` of Windows. */
const variable = /\$\{?(?:env:)?([A-Za-z_][A-Za-z0-9_]*)|%([A-Za-z_][A-Za-z0-9_]*)%/;

/** What to write instead of the first shell variable in a text; undefined: there is none. */
export function unexpandedVariableHint(text: string): string | undefined {
  if (text.includes("${{"))
    return (
      "GitHub evaluates expressions only where they stand in the workflow file, not in what an " +
      `input or a variable holds: write ${expression("…")} into the \`with:\` block itself`
    );
  if (text.includes("$("))
    return (
      "a `with:` block is not a shell: run the command in an earlier step, and write " +
      `${expression("steps.ID.outputs.NAME")}`
    );
  const [, name, windowsName] = text.match(variable) ?? [];
  const found = name ?? windowsName;
  if (found === undefined) return undefined;
  return `a \`with:\` block is not a shell: write ${expressionFor(found)}`;
}

/** A common reason why a path does not exist. */
export function missingPathHint(path: string): string {
  const hint = unexpandedVariableHint(path);
  if (hint === undefined) return "Is actions/checkout run before this step?";
  return `Note that ${hint}.`;
}

/**
 * The runner's own variables are not in the context `env`.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
 */
export function expressionFor(name: string): string {
  const [, context, member] = name.match(/^(GITHUB|RUNNER)_(.+)$/) ?? [];
  if (context === undefined || member === undefined) return expression(`env.${name}`);
  return expression(`${context.toLowerCase()}.${member.toLowerCase()}`);
}

function expression(inner: string): string {
  return `\`\${{ ${inner} }}\``;
}

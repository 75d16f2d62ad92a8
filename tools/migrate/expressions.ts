// Texts with GitHub's expressions (`${{ env.TAG }}`): how they are compared and resolved, PURE.

type Texts = ReadonlyMap<string, string>;

const expression = /\$\{\{\s*([\s\S]*?)\s*\}\}/g;
const deepest = 8;

/** `${{ … }}` around an expression. */
export function wrap(inner: string): string {
  return `\${{ ${inner} }}`;
}

/** One blank on both sides of each expression, so that equal texts are equal. */
export function canonical(text: string): string {
  return text.replace(expression, (_, inner: string) => wrap(inner.replace(/\s+/g, " ")));
}

/** The expressions of a text, without their braces. */
export function expressionsIn(text: string): readonly string[] {
  return [...text.matchAll(expression)].map(([, inner = ""]) => inner);
}

/** The expression of a text that is nothing else. */
export function soleExpression(text: string): string | undefined {
  const trimmed = text.trim();
  const [whole, inner] = trimmed.match(/^\$\{\{\s*((?:(?!\}\})[\s\S])*?)\s*\}\}$/) ?? [];
  if (whole === undefined) return undefined;
  return inner;
}

/** Replaces each expression for which `find` knows a text, and those of that text, too. */
export function substitute(
  text: string,
  find: (inner: string) => string | undefined,
  depth = 0,
): string {
  if (depth > deepest) return text;
  return canonical(text).replace(expression, (whole, inner: string) => {
    const found = find(inner);
    if (found === undefined || canonical(found) === whole) return whole;
    return substitute(found, find, depth + 1);
  });
}

/** `env.NAME` or `env['NAME']` → NAME. */
export function variableOf(inner: string): string | undefined {
  const [, plain, quoted] = inner.match(/^env(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])$/) ?? [];
  return plain ?? quoted;
}

/** `steps.ID.outputs.NAME`, also with brackets. */
export function stepOutputOf(
  inner: string,
): { readonly id: string; readonly output: string } | undefined {
  const member = String.raw`(?:\.([\w-]+)|\[\s*'([^']+)'\s*\])`;
  const pattern = new RegExp(`^steps${member}\\.outputs${member}$`);
  const [whole, id, quotedId, output, quotedOutput] = inner.match(pattern) ?? [];
  if (whole === undefined) return undefined;
  return { id: id ?? quotedId ?? "", output: output ?? quotedOutput ?? "" };
}

/** `needs.JOB.outputs.NAME`. */
export function jobOutputOf(
  inner: string,
): { readonly job: string; readonly output: string } | undefined {
  const [whole, job, output] = inner.match(/^needs\.([\w-]+)\.outputs\.([\w-]+)$/) ?? [];
  if (whole === undefined) return undefined;
  return { job: job ?? "", output: output ?? "" };
}

/** The text of a variable in the first of these environments that has it. */
export function lookUp(name: string, environments: readonly Texts[]): string | undefined {
  return environments.find((each) => each.has(name))?.get(name);
}

/** A shell's `$GITHUB_SHA` → `${{ github.sha }}`. */
export function runnerVariable(name: string): string | undefined {
  const context = runnerVariables.get(name);
  if (context === undefined) return undefined;
  return wrap(context);
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
const runnerVariables: Texts = new Map([
  ["GITHUB_SHA", "github.sha"],
  ["GITHUB_REF", "github.ref"],
  ["GITHUB_REF_NAME", "github.ref_name"],
  ["GITHUB_HEAD_REF", "github.head_ref"],
  ["GITHUB_BASE_REF", "github.base_ref"],
  ["GITHUB_RUN_ID", "github.run_id"],
  ["GITHUB_RUN_NUMBER", "github.run_number"],
  ["GITHUB_RUN_ATTEMPT", "github.run_attempt"],
  ["GITHUB_REPOSITORY", "github.repository"],
  ["GITHUB_REPOSITORY_OWNER", "github.repository_owner"],
  ["GITHUB_ACTOR", "github.actor"],
  ["GITHUB_WORKFLOW", "github.workflow"],
  ["GITHUB_EVENT_NAME", "github.event_name"],
  ["GITHUB_WORKSPACE", "github.workspace"],
]);

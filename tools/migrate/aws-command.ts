// The commands of the AWS CLI that deploy to ECS, PURE.

type AwsCommand =
  | {
      readonly kind: "update";
      readonly options: ReadonlyMap<string, string>;
      /** `--task-definition $NAME` */
      readonly definitionVariable: string | undefined;
      readonly obstacles: readonly string[];
    }
  | { readonly kind: "register"; readonly file: string }
  | { readonly kind: "describe"; readonly family: string }
  | { readonly kind: "wait" }
  | { readonly kind: "other" };

/** Options of update-service that have an equivalent. */
const known = new Set([
  "cluster",
  "service",
  "task-definition",
  "force-new-deployment",
  "desired-count",
  "region",
]);
/** Options of every command that say nothing about the deployment. */
const ignored = new Set(["output", "query", "no-cli-pager", "no-paginate", "profile", "debug"]);

/**
 * @param texts the words; undefined: only the shell knows it
 * @param variables the name where a word is nothing but `$NAME`
 */
export function readAwsCommand(
  texts: readonly (string | undefined)[],
  variables: readonly (string | undefined)[],
): AwsCommand {
  if (texts[0] !== "aws") return { kind: "other" };
  const { positional, options, unknown } = optionsOf(texts, variables);
  const [service, operation] = positional;
  if (service !== "ecs") return { kind: "other" };
  if (operation === "wait" && positional[2] === "services-stable") return { kind: "wait" };
  if (operation === "update-service") return update(options, unknown);
  if (operation === "register-task-definition") {
    const given = options.get("cli-input-json") ?? "";
    if (given.startsWith("file://")) return { kind: "register", file: given.slice(7) };
  }
  if (operation === "describe-task-definition") {
    const family = options.get("task-definition");
    if (family !== undefined && options.get("query") === "taskDefinition")
      return { kind: "describe", family };
  }
  return { kind: "other" };
}

function update(
  options: ReadonlyMap<string, string>,
  unknown: ReadonlyMap<string, string | undefined>,
): AwsCommand {
  const others = [...options.keys()].filter((name) => !known.has(name) && !ignored.has(name));
  const variable = unknown.get("task-definition");
  const unread = [...unknown.keys()].filter(
    (name) => !ignored.has(name) && !(name === "task-definition" && variable !== undefined),
  );
  return {
    kind: "update",
    options,
    definitionVariable: variable,
    obstacles: [
      ...others.map((name) => `\`aws ecs update-service --${name}\` needs \`service-patch\``),
      ...unread.map((name) => `\`--${name}\` is known only to the shell`),
    ],
  };
}

function optionsOf(
  texts: readonly (string | undefined)[],
  variables: readonly (string | undefined)[],
) {
  const positional: (string | undefined)[] = [];
  const options = new Map<string, string>();
  const unknown = new Map<string, string | undefined>();
  for (let at = 1; at < texts.length; at++) {
    const word = texts[at];
    if (word === undefined || !word.startsWith("--")) {
      positional.push(word);
      continue;
    }
    const [name = "", inline] = word.slice(2).split(/=(.*)/s, 2);
    const next = texts[at + 1];
    if (inline !== undefined) options.set(name, inline);
    else if (at + 1 < texts.length && next === undefined) unknown.set(name, variables[++at]);
    else if (next !== undefined && !next.startsWith("--")) options.set(name, texts[++at] ?? "");
    else options.set(name, "true");
  }
  return { positional, options, unknown };
}

// The arguments of `docker build` and `docker buildx build` → our inputs, PURE.

import { posix } from "node:path";

export interface DockerBuild {
  readonly tags: readonly string[];
  readonly pushes: boolean;
  readonly inputs: ReadonlyMap<string, string>;
  readonly obstacles: readonly string[];
  readonly remarks: readonly string[];
}

/** Options with a value, and the input that takes it. */
const carried: Readonly<Record<string, string>> = {
  "-f": "file",
  "--file": "file",
  "--build-arg": "build-args",
  "--target": "target",
  "--platform": "platforms",
  "--label": "labels",
  "--cache-to": "cache-to",
  "--ssh": "ssh",
  "--provenance": "provenance",
  "--sbom": "sbom",
  "--build-context": "build-contexts",
  "--builder": "builder",
};
const switches: Readonly<Record<string, string>> = { "--no-cache": "no-cache", "--pull": "pull" };
/** They change the output or the log, not the image. */
const ignored = new Set(["--rm", "--force-rm", "-q", "--quiet", "--compress", "--load"]);
const ignoredWithValue = new Set(["--progress"]);

/**
 * @param words after `docker build`; undefined: only the shell knows it
 * @param variable the value of `$NAME`
 * @param folder in which the command runs, relative to the workspace
 */
export function readDockerBuild(
  words: readonly (string | undefined)[],
  folder: string,
  variable: (name: string) => string | undefined,
): DockerBuild {
  const reader = new BuildArguments(folder, variable);
  const queue = words.flatMap((word) => {
    const [, option, value] = word?.match(/^(--[a-z-]+)=([\s\S]*)$/) ?? [];
    return option === undefined ? [word] : [option, value];
  });
  while (queue.length > 0) reader.next(queue);
  return reader.result();
}

class BuildArguments {
  private readonly tags: string[] = [];
  private pushes = false;
  private readonly inputs = new Map<string, string>();
  private readonly obstacles: string[] = [];
  private readonly remarks: string[] = [];
  private readonly folder: string;
  private readonly variable: (name: string) => string | undefined;

  constructor(folder: string, variable: (name: string) => string | undefined) {
    this.folder = folder;
    this.variable = variable;
  }

  next(queue: (string | undefined)[]): void {
    const word = queue.shift();
    if (word === undefined) this.unknown("a word that only the shell knows");
    else if (!word.startsWith("-") || word === "-") this.context(word);
    else if (word === "--push") this.pushes = true;
    else if (switches[word] !== undefined) this.inputs.set(switches[word], "true");
    else if (ignored.has(word)) return;
    else if (ignoredWithValue.has(word)) queue.shift();
    else this.option(word, queue.shift());
  }

  private option(option: string, value: string | undefined): void {
    if (value === undefined) this.unknown(`the value of \`${option}\``);
    else if (option === "-t" || option === "--tag") this.tags.push(value);
    else if (option === "--secret") this.secret(value);
    else if (option === "--cache-from") this.cacheFrom(value);
    else if (option === "-f" || option === "--file") this.path("file", value);
    else if (carried[option] !== undefined) this.add(carried[option], value);
    else this.obstacles.push(`\`docker build ${option}\` has no equivalent`);
  }

  private context(word: string): void {
    if (/^(-|https?:|git@|github\.com\/)/.test(word))
      this.obstacles.push(`the build context \`${word}\` is no folder`);
    else this.path("context", word);
  }

  private path(input: string, value: string): void {
    if (this.folder === "." || value.startsWith("/") || value.startsWith("${{"))
      this.inputs.set(input, value);
    else this.inputs.set(input, posix.join(this.folder, value));
  }

  private add(input: string, value: string): void {
    const before = this.inputs.get(input);
    this.inputs.set(input, before === undefined ? value : `${before}\n${value}`);
  }

  /** `id=X,env=Y` */
  private secret(value: string): void {
    const parts = new Map(value.split(",").map((part) => part.split("=", 2) as [string, string]));
    const [id, name] = [parts.get("id"), parts.get("env")];
    if (id !== undefined && name !== undefined && !parts.has("src"))
      this.add("build-secrets", `${id}=${this.variable(name) ?? `\${{ env.${name} }}`}`);
    else this.obstacles.push("`docker build --secret` with a file has no equivalent");
  }

  private cacheFrom(value: string): void {
    if (value.startsWith("type=")) this.add("cache-from", value);
    else
      this.remarks.push(
        `\`--cache-from\` with an image is not carried over. \`cache-from: registry\` and ` +
          "`cache-to: registry` keep a cache in the repository.",
      );
  }

  private unknown(what: string): void {
    this.obstacles.push(`${what} cannot be read from the file`);
  }

  result(): DockerBuild {
    const { tags, pushes, obstacles, remarks } = this;
    const inputs = new Map(this.inputs);
    if (inputs.get("context") === "." || inputs.get("context") === "./") inputs.delete("context");
    const file = inputs.get("file");
    const context = inputs.get("context") ?? ".";
    if (file !== undefined && posix.normalize(file) === posix.join(context, "Dockerfile"))
      inputs.delete("file");
    return { tags, pushes, inputs, obstacles, remarks };
  }
}

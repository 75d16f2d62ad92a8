// First pass of script/build: src/ and the ES modules of what it imports, without unused exports, in files by subject.
// Why each package is replaced: docs/decisions/0002-bundle-without-undici.md, docs/decisions/0013-rolldown-before-ncc.md.

import { join, resolve } from "node:path";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";
import { verbSpecs } from "../../src/inputs/verbs.ts";
import { onDemand } from "./sdk-on-demand.ts";

const root = resolve(import.meta.dirname, "../..");
const source = join(root, "src");
const packages = join(root, "node_modules");
const noHttpClient = join(root, "tools/bundle/no-http-client.ts");
const noFetch = join(root, "tools/bundle/no-fetch.ts");
const noBrowser = join(root, "tools/bundle/no-browser-sign-in.ts");

/** What a runner starts: the file of dist/ without .js → its source. */
const entries = {
  post: join(source, "post-index.ts"),
  "rehearse-post": join(source, "verbs/rehearse-post-index.ts"),
  ...Object.fromEntries(
    Object.values(verbSpecs).map(({ main, entry }) => [
      main.replace(/\.js$/, ""),
      join(source, entry),
    ]),
  ),
};

const replaced = {
  "@actions/http-client": noHttpClient,
  "@actions/http-client/lib/auth": noHttpClient,
  "@aws-sdk/credential-provider-login": noBrowser,
  "@aws-sdk/credential-provider-sso": noBrowser,
  "@aws-sdk/nested-clients/sts": join(packages, "@aws-sdk/client-sts/dist-es/index.js"),
  undici: noFetch,
  yaml: join(packages, "yaml/browser/dist/index.js"),
};

/** All that the SDK imports on demand is one module, so that it is one file. */
const sdkOnDemand: Plugin = {
  name: "sdk-on-demand",
  resolveId(name, _importer, { kind }) {
    const late = join(root, "sdk-on-demand.js");
    return name === late || (kind === "dynamic-import" && name in onDemand) ? late : undefined;
  },
  load(id) {
    if (id !== join(root, "sdk-on-demand.js")) return undefined;
    return Object.entries(onDemand)
      .map(([name, exported]) => `export { ${exported.join(", ")} } from "${name}";`)
      .join("\n");
  },
};

/** The files of dist/ before ncc, each with the modules that it holds. */
export async function bundleSources(): Promise<readonly OutputChunk[]> {
  const { post } = entries;
  const postFiles = await bundle({ post });
  const startOfPost = postFiles.filter(({ fileName }) => loadedAtStart(postFiles).has(fileName));
  return bundle(entries, groupsFor(modulesOf(startOfPost), modulesOf(postFiles)));
}

type Modules = ReadonlySet<string>;

/**
 * The files of dist/ beside the entries and what is imported on demand; the first that matches has the module.
 * @param startOfPost what a post step without anything to do needs
 * @param post all that a post step can need: it must not load code that starts something
 */
function groupsFor(startOfPost: Modules, post: Modules) {
  const groups = [
    {
      name: "sdk-start",
      test: /@aws-sdk[\\/]client-ecs[\\/]dist-es[\\/]commands[\\/](Register|Update|Run|Start|Create)/,
    },
    {
      name: "sdk",
      test: /node_modules[\\/]@(aws|aws-sdk|smithy)[\\/](?!credential-provider-(?!env|node))/,
    },
    { name: "yaml", test: /node_modules[\\/]yaml[\\/]/ },
    {
      name: "causes",
      test: /src[\\/]diagnosis[\\/](?!explain-rollout|verify-digest|digest-mismatch|pending-infrastructure)/,
    },
    {
      name: "verbs",
      test: /src[\\/](inputs[\\/](read-verb|(preview|register|rehearse|run-task)-inputs)|observe[\\/]observe-revision|plan[\\/]plan-register)\.ts$/,
    },
    { name: "simulator", test: /(simulator[\\/]src|src[\\/]rehearsal)[\\/](?!leftovers)/ },
    { name: "runner", test: (id: string) => startOfPost.has(id), minShareCount: 2 },
    { name: "shared", test: (id: string) => post.has(id), minShareCount: 2 },
    { name: "deployment", minShareCount: 2 },
  ];
  return groups.map((group, index) => ({ ...group, priority: groups.length - index }));
}

async function bundle(
  input: Readonly<Record<string, string>>,
  groups?: ReturnType<typeof groupsFor>,
): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    input,
    platform: "node",
    plugins: [sdkOnDemand],
    preserveEntrySignatures: "allow-extension",
    resolve: {
      alias: replaced,
      conditionNames: ["module", "node", "import"],
      mainFields: ["module", "main"],
    },
    // Without groups all counts that can be reached. These two packages only export, and do not say so in their package.json.
    treeshake: groups !== undefined && {
      moduleSideEffects: [
        { test: /node_modules[\\/](yaml|jsonc-parser)[\\/]/, sideEffects: false },
      ],
    },
    tsconfig: false,
  });
  const { output } = await build.generate({
    chunkFileNames: "[name].js",
    codeSplitting: groups === undefined || { groups, includeDependenciesRecursively: false },
    minify: true,
  });
  await build.close();
  return output.filter((file) => file.type === "chunk");
}

/** Names of the entry's file and of all that it imports at its start. */
function loadedAtStart(files: readonly OutputChunk[]): ReadonlySet<string> {
  const loaded = new Set(files.flatMap(({ isEntry, fileName }) => (isEntry ? fileName : [])));
  for (const name of loaded)
    for (const imported of files.find(({ fileName }) => fileName === name)?.imports ?? [])
      loaded.add(imported);
  return loaded;
}

function modulesOf(files: readonly OutputChunk[]): Modules {
  return new Set(files.flatMap(({ moduleIds }) => moduleIds));
}

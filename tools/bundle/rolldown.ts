// First pass of script/build: src/ and the ES modules of what it imports, without unused exports, in files by subject.
// Why each package is replaced: docs/decisions/0002-bundle-without-undici.md, docs/decisions/0013-rolldown-before-ncc.md.

import { join, resolve } from "node:path";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";
import { onDemand } from "./sdk-on-demand.ts";

const root = resolve(import.meta.dirname, "../..");
const source = join(root, "src");
const packages = join(root, "node_modules");
const noHttpClient = join(root, "tools/bundle/no-http-client.ts");
const noBrowser = join(root, "tools/bundle/no-browser-sign-in.ts");

/** What a runner starts: the file of dist/ without .js → its source. */
const entries = {
  index: join(source, "index.ts"),
  post: join(source, "post-index.ts"),
};

const replaced = {
  "@actions/http-client": noHttpClient,
  "@actions/http-client/lib/auth": noHttpClient,
  "@aws-sdk/credential-provider-login": noBrowser,
  "@aws-sdk/credential-provider-sso": noBrowser,
  "@aws-sdk/nested-clients/sts": join(packages, "@aws-sdk/client-sts/dist-es/index.js"),
  yaml: join(packages, "yaml/browser/dist/index.js"),
};

/** The files of dist/ beside the entries and what is imported on demand. The first that matches has the module. */
const groups = [
  // Commands that start something: the post step's files must not have them.
  {
    name: "sdk-start",
    test: /@aws-sdk[\\/]client-ecs[\\/]dist-es[\\/]commands[\\/](Register|Update|Run|Start|Create)/,
    priority: 4,
  },
  {
    name: "sdk",
    test: /node_modules[\\/]@(aws|aws-sdk|smithy)[\\/](?!credential-provider-(?!env|node))/,
    priority: 3,
  },
  { name: "yaml", test: /node_modules[\\/]yaml[\\/]/, priority: 2 },
  { name: "shared", minShareCount: 2, priority: 1 },
];

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
  const bundle = await rolldown({
    input: entries,
    platform: "node",
    plugins: [sdkOnDemand],
    preserveEntrySignatures: "allow-extension",
    resolve: {
      alias: replaced,
      conditionNames: ["module", "node", "import"],
      mainFields: ["module", "main"],
    },
    // These two only export, and do not say so in their package.json.
    treeshake: {
      moduleSideEffects: [
        { test: /node_modules[\\/](yaml|jsonc-parser)[\\/]/, sideEffects: false },
      ],
    },
    tsconfig: false,
  });
  const { output } = await bundle.generate({
    chunkFileNames: "[name].js",
    codeSplitting: { groups, includeDependenciesRecursively: false },
    minify: true,
  });
  await bundle.close();
  return output.filter((file) => file.type === "chunk");
}

// The documents name what exists: files, links, headings, scripts and reason codes.

import { existsSync, globSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { errorCodes } from "../../src/errors.ts";
import { textsOfSource } from "./banned-phrases.ts";
import { type Page, readPage } from "./markdown.ts";
import {
  brokenLinks,
  missingNpmScripts,
  missingPaths,
  missingTests,
  type Repository,
  unknownNames,
  unknownSections,
} from "./references.ts";
import { readSources, readText, root } from "./source.ts";

const everywhere = { cwd: root, exclude: ["**/node_modules", ".git"] };
const paths = globSync(["*.md", "*/**/*.md", ".github/**/*.md"], everywhere).sort();
const pages = paths.map((path) => readPage(path, readText(path)));
const fileNames = new Set(globSync("**/*", everywhere).map((path) => basename(path)));
const { name, exports } = JSON.parse(readText("simulator/package.json"));
/** What others import from the simulator's package: `ecs-simulator/clock` … */
const specifiers = new Set(Object.keys(exports).map((key) => posix.join(name, key)));

const repository: Repository = {
  has: (path) =>
    specifiers.has(path) ||
    (/[*{]/.test(path) ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path))),
  hasName: (name) => fileNames.has(name),
  npmScripts: new Set(Object.keys(JSON.parse(readText("package.json")).scripts)),
  codes: new Set([...errorCodes, "Succeeded", "ReachedStage", "Unchanged", "NotWatched"]),
  words: new Set(
    ["src", "simulator"]
      .flatMap((folder) => [...readSources(folder).values()])
      .concat(readText("examples/start/template.yaml"))
      .flatMap((text) => text.match(/\w+/g) ?? []),
  ),
};

/** Code spans that look like paths of ours, and belong to other projects: page and span. */
const foreignPaths: readonly string[] = [
  "RELEASING.md: .github/workflows/actions.lock",
  "RELEASING.md: provenance.sigstore.json",
  "README.md: .github/workflows/deploy.yml",
  "bench/README.md: aws-actions/configure-aws-credentials",
  "bench/README.md: docker/build-push-action",
  "docs/build.md: docker/setup-buildx-action",
  "docs/build.md: unknown/unknown",
  "docs/decisions/0008-the-post-step-has-its-own-bundle.md: ./sdk.js",
  "docs/errors.md: ./task-definition",
  "docs/express.md: CLUSTER/SERVICE/RollbackAlarm",
  "docs/errors.md: CLUSTER/SERVICE",
  "docs/errors.md: actions/checkout",
  "docs/errors.md: cluster/name",
  "docs/errors.md: docker/login-action",
  "docs/errors.md: docker/setup-buildx-action",
  "docs/errors.md: feature/x",
  "docs/errors.md: hashicorp/setup-terraform",
  "docs/errors.md: opentofu/setup-opentofu",
  "docs/getting-started.md: ../deploy-ecs",
  "CHANGELOG.md: OWNER/deploy-ecs/build@v1",
  "CHANGELOG.md: OWNER/deploy-ecs/preview@v1",
  "CHANGELOG.md: OWNER/deploy-ecs/register@v1",
  "CHANGELOG.md: OWNER/deploy-ecs/rehearse@v1",
  "CHANGELOG.md: OWNER/deploy-ecs/run-task@v1",
  "docs/verbs.md: OWNER/deploy-ecs/build@v1",
  "docs/verbs.md: OWNER/deploy-ecs/register@v1",
  "docs/verbs.md: OWNER/deploy-ecs/run-task@v1",
  "docs/verbs.md: OWNER/deploy-ecs@v1",
  "docs/README.md: OWNER/deploy-ecs@v1",
  "docs/inputs.md: OWNER/deploy-ecs@v1",
  "docs/inputs.md: cluster/name",
  "docs/outputs.md: OWNER/deploy-ecs@v1",
  "docs/getting-started.md: OWNER/deploy-ecs@v1",
  "docs/iam.md: OWNER@OWNER_ID/REPO@REPO_ID",
  "docs/migrating.md: OWNER/deploy-ecs/build@v1",
  "docs/migrating.md: OWNER/deploy-ecs/register@v1",
  "docs/migrating.md: OWNER/deploy-ecs/run-task@v1",
  "docs/migrating.md: actions/checkout",
  "docs/migrating.md: deploy-ecs/RUN/ATTEMPT",
  "docs/recipes.md: HOSTNAME/_services/token",
  "docs/recipes.md: OWNER/deploy-ecs@v1",
  "docs/task-definition.md: infra/task.json",
  "docs/task-definition.md: task.jsonc",
  "docs/task-definition.md: task.yaml",
  "docs/previews.md: OWNER/REPO",
  "examples/clockko/README.md: OWNER/deploy-ecs@v1",
  "examples/clockko/README.md: backend/infra/bootstrap/terraform.tfvars.json",
  "examples/clockko/README.md: clockko/database-url",
  "examples/clockko/README.md: terraform.tfvars.json",
  "simulator/README.md: container-instance/CLUSTER/*",
  "simulator/README.md: octo/app",
  "simulator/README.md: task/CLUSTER/*",
];

/** Names of the form of a reason code that are neither one nor a word of the sources. */
const foreignNames: readonly string[] = [
  "AppSpec",
  "BeforeAllowTraffic",
  "DeleteRepository",
  "EventBridge",
  "ExpressCreate",
  "ExpressFirst",
  "ExternalImage",
  "GitHubActions",
  "JavaScript",
  "ListSecrets",
  "ParallelChange",
  "TaskService",
  "TaskTags",
  "TerraformCreate",
  "TypeScript",
];

test("there are pages of every kind", () => {
  const expected = [
    "README.md",
    "docs/errors.md",
    "examples/clockko/README.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
  ];
  expect(paths).toEqual(expect.arrayContaining(expected));
});

// The lists of exceptions are a part of what is expected: an entry that is needed no more fails, too.

test("every path exists", () => {
  expect(missingPaths(pages, repository).toSorted()).toEqual(foreignPaths.toSorted());
});

test("every link leads to a file and to a heading", () => {
  expect(brokenLinks(pages, repository)).toEqual([]);
});

test("every link of the issue templates to a page leads to it", () => {
  const files = globSync(".github/ISSUE_TEMPLATE/*.yml", { cwd: root });
  expect(files.flatMap((file) => linkedPages(readText(file)))).toContain("docs/errors.md");
  for (const file of files) expect(missingLinkedPages(readText(file)), file).toEqual([]);
});

test("every npm script exists", () => {
  expect(missingNpmScripts(pages, repository)).toEqual([]);
});

test("every reason code, and every name that looks like one, exists", () => {
  const unknown = unknownNames(pages, repository);
  expect(
    unknown.filter((each) => !foreignNames.some((name) => each.endsWith(`: ${name}`))),
  ).toEqual([]);
  expect(
    foreignNames.filter((name) => !unknown.some((each) => each.endsWith(`: ${name}`))),
  ).toEqual([]);
});

test("the page on errors explains only existing codes", () => {
  expect(unknownSections(page("docs/errors.md"), repository)).toEqual([]);
});

test("every test that docs/threat-model.md names as a proof exists", () => {
  const path = "docs/threat-model.md";
  expect(missingTests(path, readText(path), textOf)).toEqual([]);
});

test("every message that docs/errors.md quotes is one of the sources", () => {
  const page = readText("docs/errors.md");
  expect(quotedMessages(page).length).toBeGreaterThan(8);
  expect(unknownMessages(page)).toEqual([]);
});

describe("a mistake would be found:", () => {
  const planted = readPage(
    "docs/page.md",
    [
      "# One page",
      "## NoSuchCode",
      "See [here](../README.md#nowhere), [there](nothing.md), [above](#one-page) and [the readme](../README.md#inputs).",
      "`src/errors.ts` or `src/error.ts`, `errors.ts` or `error.ts`, `inputs/schema.ts` or `inputs/scheme.ts`, `src/*.js`.",
      "`script/dem clockko`; `RolledBack` or `RolledBak`; it ends as `failed` (RolloutFaild).",
      "`npm run docs` or `npm run doc`",
      '<img src="no.png">',
      "```sh\nscript/tests unit\n```",
      "```mermaid\nflowchart LR\n  a[verdict.ts] -- OurDeploiment --> b[verdikt.ts]\n```",
    ].join("\n\n"),
  );

  test("a path that does not exist", () => {
    expect(missingPaths([planted], repository)).toEqual([
      "docs/page.md: src/error.ts",
      "docs/page.md: error.ts",
      "docs/page.md: inputs/scheme.ts",
      "docs/page.md: src/*.js",
      "docs/page.md: script/dem",
      "docs/page.md: script/tests",
      "docs/page.md: verdikt.ts",
    ]);
  });

  test("a link without a target", () => {
    const broken = brokenLinks([...pages, planted], repository);
    expect(broken.filter((line) => line.startsWith("docs/page.md: "))).toEqual([
      "docs/page.md: ../README.md#nowhere: no such heading",
      "docs/page.md: nothing.md: no such file",
      "docs/page.md: no.png: no such file",
    ]);
  });

  test("an npm script that does not exist", () => {
    expect(missingNpmScripts([planted], repository)).toEqual(["docs/page.md: npm run doc"]);
  });

  test("a reason code that does not exist", () => {
    expect(unknownNames([planted], repository)).toEqual([
      "docs/page.md: RolledBak",
      "docs/page.md: OurDeploiment",
      "docs/page.md: NoSuchCode",
      "docs/page.md: RolloutFaild",
    ]);
    expect(unknownSections(planted, repository)).toEqual(["NoSuchCode"]);
  });

  test("a link of a template that leads nowhere", () => {
    const page = "https://github.com/OWNER/deploy-ecs/blob/main/docs";
    expect(missingLinkedPages(`See ${page}/errors.md and ${page}/error.md.`)).toEqual([
      "docs/error.md",
    ]);
  });

  test("a quoted message that does not exist", () => {
    const quotes = '*"is incomplete"*: a connection that was cut. *"is uncomplete"*: no.';
    expect(unknownMessages(quotes)).toEqual(["is uncomplete"]);
  });

  test("a test that does not exist", () => {
    const one =
      '[one](../__tests__/contract/errors.test.ts) "another class would be found", "another would be"';
    const gone = '[gone](../__tests__/no.test.ts) "a title"';
    expect(missingTests("docs/page.md", `${one}, ${gone}`, textOf)).toEqual([
      "../__tests__/contract/errors.test.ts: another would be",
      "../__tests__/no.test.ts: a title",
    ]);
  });
});

/** `*"the answer is a page"*`: a part of a message of ours, by which a reader finds their case. */
function quotedMessages(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\*"([^"*]+)"\*/g)].map(([, message = ""]) => message);
}

function unknownMessages(markdown: string): readonly string[] {
  const texts = [...readSources("src")].map(([path, source]) => textsOfSource(path, source));
  return quotedMessages(markdown).filter((one) => !texts.some((text) => text.includes(one)));
}

/** Pages of this repository to which a text links with their address on GitHub. */
function linkedPages(text: string): readonly string[] {
  const links = text.matchAll(/deploy-ecs\/blob\/main\/([\w./-]+\w)/g);
  return [...links].map(([, path = ""]) => path);
}

function missingLinkedPages(text: string): readonly string[] {
  return linkedPages(text).filter((path) => !repository.has(path));
}

/** Of a file that does not exist: nothing. */
function textOf(path: string): string {
  return repository.has(path) ? readText(path) : "";
}

function page(path: string): Page {
  const found = pages.find((each) => each.path === path);
  if (!found) throw new Error(`no page ${path}`);
  return found;
}

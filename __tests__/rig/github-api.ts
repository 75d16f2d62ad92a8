// GitHub's API as far as our workflows' scripts need it, for the real `gh`, which sends its requests to a socket.

import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { delimiter, join } from "node:path";
import { buffer } from "node:stream/consumers";

interface Release {
  readonly id: number;
  readonly tag_name: string;
  readonly body: string;
  readonly assets: string[];
  draft: boolean;
  readonly prerelease: boolean;
  immutable: boolean;
}

export interface GitHubRepository {
  /** The setting: what is published from now on cannot be changed. */
  immutability: boolean;
  /** Tag → commit. */
  readonly tags: Map<string, string>;
  /** Commits of main. */
  readonly main: Set<string>;
  readonly releases: Release[];
  /** File of dist/ → blob, of every commit. */
  readonly dist: Map<string, string>;
  /** Head of the one branch; a commit made through the API is the next. */
  head: string;
  /** What CreateCommitOnBranch was given. */
  readonly commits: unknown[];
  /** `METHOD path` of every request that changes something; not those to GraphQL. */
  readonly writes: string[];
  readonly close: () => Promise<void>;
}

type Route = (repository: GitHubRepository, path: RegExpExecArray, body: string) => unknown;

const base = "^/repos/octo/deploy-ecs";
const routes: readonly (readonly [string, RegExp, Route])[] = [
  ["POST", /^\/graphql$/, (repository, _path, body) => graphql(repository, body)],
  [
    "GET",
    new RegExp(`${base}/git/trees/[0-9a-f]{40}:dist$`),
    ({ dist }) => ({ tree: [...dist].map(([path, sha]) => ({ path, sha, type: "blob" })) }),
  ],
  [
    "GET",
    new RegExp(`${base}/commits/(.+)$`),
    ({ tags }, [, tag = ""]) => found(tags.get(tag), (sha) => ({ sha })),
  ],
  [
    "GET",
    new RegExp(`${base}/compare/main\\.\\.\\.(.+)$`),
    ({ main }, [, commit = ""]) => ({ status: main.has(commit) ? "behind" : "ahead" }),
  ],
  ["GET", new RegExp(`${base}/releases(\\?.*)?$`), ({ releases }) => releases],
  ["POST", new RegExp(`${base}/releases$`), (repository, _path, body) => create(repository, body)],
  ["POST", new RegExp(`${base}/releases/(\\d+)/assets\\?(.+)$`), addAsset],
  ["PATCH", new RegExp(`${base}/releases/(\\d+)$`), publish],
  ["DELETE", new RegExp(`${base}/releases/(\\d+)$`), remove],
  [
    "GET",
    new RegExp(`${base}/git/matching-refs/tags/(.+)$`),
    ({ tags }, [, prefix = ""]) =>
      [...tags.keys()]
        .filter((tag) => tag.startsWith(prefix))
        .map((tag) => ({ ref: `refs/tags/${tag}` })),
  ],
  ["PATCH", new RegExp(`${base}/git/refs/tags/(.+)$`), moveTag],
  ["POST", new RegExp(`${base}/git/refs$`), createTag],
];

/** For `gh`, out of `programs` (script/python-packages github), whose requests then go to the socket in this folder. */
export async function ghEnvironment(
  programs: string | undefined,
  folder: string,
): Promise<NodeJS.ProcessEnv> {
  const settings = `version: "1"\nhttp_unix_socket: ${socketIn(folder)}\n`;
  await writeFile(join(folder, "config.yml"), settings);
  return {
    ...process.env,
    PATH: `${programs}/bin${delimiter}${process.env["PATH"]}`,
    GITHUB_REPOSITORY: "octo/deploy-ecs",
    GITHUB_SERVER_URL: "https://github.com",
    GH_TOKEN: "token",
    GH_CONFIG_DIR: folder,
  };
}

function socketIn(folder: string): string {
  return join(folder, "socket");
}

export async function playGitHub(folder: string): Promise<GitHubRepository> {
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString();
    answer(repository, request, body, response);
  });
  const repository: GitHubRepository = {
    immutability: true,
    tags: new Map(),
    dist: new Map(),
    head: "",
    commits: [],
    main: new Set(),
    releases: [],
    writes: [],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  await new Promise<void>((resolve) => server.listen(socketIn(folder), resolve));
  return repository;
}

function answer(
  repository: GitHubRepository,
  { method = "", url = "" }: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  response.setHeader("Content-Type", "application/json");
  if (method !== "GET" && url !== "/graphql") repository.writes.push(`${method} ${url}`);
  for (const [verb, pattern, route] of routes) {
    const path = pattern.exec(url);
    if (verb !== method || !path) continue;
    const result = route(repository, path, body);
    if (result === undefined) break;
    response.statusCode = method === "POST" && url !== "/graphql" ? 201 : 200;
    response.end(JSON.stringify(result));
    return;
  }
  response.statusCode = 404;
  response.end(JSON.stringify({ message: `Not Found: ${method} ${url}` }));
}

function found<T>(value: T | undefined, shape: (value: T) => unknown): unknown {
  return value === undefined ? undefined : shape(value);
}

function graphql(repository: GitHubRepository, body: string): unknown {
  const { query, variables } = JSON.parse(body);
  if (query.includes("createCommitOnBranch")) return commitOnBranch(repository, variables.input);
  // gh release create --verify-tag
  const name = String(variables.tagName).replace("refs/tags/", "");
  return { data: { repository: { ref: repository.tags.has(name) ? { id: name } : null } } };
}

function commitOnBranch(
  repository: GitHubRepository,
  input: { readonly expectedHeadOid: string },
): unknown {
  if (input.expectedHeadOid !== repository.head)
    return { data: null, errors: [{ message: "Expected branch to point to another commit" }] };
  repository.commits.push(input);
  repository.head = "c".repeat(40);
  return { data: { createCommitOnBranch: { commit: { oid: repository.head } } } };
}

function create(repository: GitHubRepository, body: string): unknown {
  const { tag_name, body: notes, draft, prerelease } = JSON.parse(body);
  const id = repository.releases.length + 1;
  repository.releases.push({
    id,
    tag_name,
    body: notes,
    assets: [],
    draft,
    prerelease,
    immutable: false,
  });
  const path = `repos/octo/deploy-ecs/releases/${id}`;
  return {
    id,
    tag_name,
    url: `https://api.github.com/${path}`,
    upload_url: `https://uploads.github.com/${path}/assets{?name,label}`,
  };
}

function releaseOf({ releases }: GitHubRepository, id: string | undefined): Release | undefined {
  return releases.find((release) => release.id === Number(id));
}

function addAsset(repository: GitHubRepository, [, id, query]: RegExpExecArray): unknown {
  const release = releaseOf(repository, id);
  if (!release?.draft) return undefined;
  release.assets.push(new URLSearchParams(query).get("name") ?? "");
  return {};
}

function publish(repository: GitHubRepository, [, id]: RegExpExecArray, body: string): unknown {
  const release = releaseOf(repository, id);
  if (!release) return undefined;
  release.draft = JSON.parse(body).draft;
  release.immutable = repository.immutability && !release.draft;
  return { html_url: `https://github.com/octo/deploy-ecs/releases/tag/${release.tag_name}` };
}

function remove({ releases }: GitHubRepository, [, id]: RegExpExecArray): unknown {
  const index = releases.findIndex((release) => release.id === Number(id) && !release.immutable);
  return index < 0 ? undefined : releases.splice(index, 1);
}

function moveTag({ tags }: GitHubRepository, [, tag = ""]: RegExpExecArray, body: string): unknown {
  const { sha, force } = JSON.parse(body);
  if (!tags.has(tag) || force !== true) return undefined;
  tags.set(tag, sha);
  return { ref: `refs/tags/${tag}` };
}

function createTag({ tags }: GitHubRepository, _path: RegExpExecArray, body: string): unknown {
  const { ref, sha } = JSON.parse(body);
  tags.set(ref.replace("refs/tags/", ""), sha);
  return { ref };
}

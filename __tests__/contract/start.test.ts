// Each action of the bundle starts: its file in dist/ reads exactly the inputs that its action.yml has, and gets as far as AWS with
// the few that it needs.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputsOf } from "../../src/inputs/read-verb.ts";
import { everyVerb, signingInVerbs, type Verb, verbSpecs } from "../../src/inputs/verbs.ts";
import { runStep } from "../rig/actions-runner.ts";

/** It refuses every call. */
const aws = createServer((_request, response) => {
  response.writeHead(403, { "content-type": "text/xml" });
  response.end(
    "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>",
  );
});
let workspace: string;
let endpoint: string;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "deploy-ecs-start-"));
  writeFileSync(join(workspace, "Dockerfile"), "FROM scratch\n");
  const head = { sha: "7", repo: { full_name: "octo/app" } };
  writeFileSync(
    join(workspace, "event.json"),
    JSON.stringify({ pull_request: { number: 12, state: "open", head } }),
  );
  await new Promise<void>((resolve) => aws.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
});

afterAll(() => {
  aws.close();
  rmSync(workspace, { recursive: true, force: true });
});

async function start(verb: Verb, inputs: Readonly<Record<string, string>>) {
  const result = await runStep({
    action: dirname(verbSpecs[verb].file),
    inputs,
    workspace,
    commit: "7".repeat(40),
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      GITHUB_EVENT_NAME: "pull_request",
      GITHUB_EVENT_PATH: join(workspace, "event.json"),
      GITHUB_WORKSPACE: workspace,
    },
  });
  rmSync(result.folder, { recursive: true, force: true });
  return result;
}

/** No shell expands it: every input refuses it that may not contain a `$`. */
const unexpanded = "$NAME";
/** So many that the annotation, which GitHub limits, has all of them. */
const atOnce = 12;

function chunksOf(names: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(names.length / atOnce) }, (_, index) =>
    names.slice(index * atOnce, (index + 1) * atOnce),
  );
}

const chunks = everyVerb.flatMap((verb) =>
  chunksOf(inputsOf(verb).flatMap(([name, { allowsDollar }]) => (allowsDollar ? [] : name))).map(
    (names) => ({ verb, names }),
  ),
);

test.each(chunks)("$verb reads $names", async ({ verb, names }) => {
  const result = await start(verb, Object.fromEntries(names.map((name) => [name, unexpanded])));
  expect(result.exitCode).toBe(1);
  const [error] = result.annotations.filter(({ level }) => level === "error");
  expect(error?.title).toContain("InvalidInput");
  const refused = [...(error?.message ?? "").matchAll(/^(?:- |Input )?([a-z-]+): got "\$NAME"/gm)];
  expect(refused.map(([, name]) => name).sort()).toEqual([...names].sort());
});

/** Whatever an action requires, for those that have the input. */
const few: Readonly<Record<string, string>> = {
  "aws-region": "us-east-1",
  "ecr-repository": "app",
  cluster: "demo",
  service: "app",
  "task-definition": "app",
};

describe.each(signingInVerbs)("%s", (verb) => {
  test("gets as far as AWS with the inputs that it needs, and its post step passes", async () => {
    const having = new Set(inputsOf(verb).map(([name]) => name));
    const given = Object.entries(few).filter(([name]) => having.has(name));
    const result = await start(verb, Object.fromEntries(given));
    expect(result.outputs["reason-code"]).toBe("CredentialsRefused");
    expect(result.outputs["outcome"]).toBe("failed");
    expect(result.postExitCode).toBe(0);
  });
});

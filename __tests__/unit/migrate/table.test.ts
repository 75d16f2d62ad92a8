// Every row of the table of the chain's 116 inputs says what the converter does.

import { describe, expect, test } from "vitest";
import { inputSpecs } from "../../../src/inputs/schema.ts";
import { convert } from "../../../tools/migrate/convert.ts";
import { wrap } from "../../../tools/migrate/expressions.ts";
import type { Row, Rows } from "../../../tools/migrate/table/row.ts";
import {
  type ChainAction,
  chainTable,
  rowOf,
  targetsOf,
} from "../../../tools/migrate/table/table.ts";
import { oursIn, stepsIn } from "./samples.ts";

/** The inputs of the newest majors in November 2026, from their action.yml. */
const official: Readonly<Record<ChainAction, string>> = {
  "aws-actions/configure-aws-credentials":
    "aws-region aws-profile overwrite-aws-profile role-to-assume aws-access-key-id " +
    "aws-secret-access-key aws-session-token web-identity-token-file role-chaining audience " +
    "http-proxy no-proxy mask-aws-account-id role-duration-seconds role-external-id " +
    "role-session-name role-skip-session-tagging transitive-tag-keys inline-session-policy " +
    "managed-session-policies output-credentials output-env-credentials " +
    "unset-current-credentials disable-retry retry-max-attempts special-characters-workaround " +
    "use-existing-credentials allowed-account-ids force-skip-oidc action-timeout-s custom-tags " +
    "sts-endpoint",
  "aws-actions/amazon-ecr-login": "http-proxy mask-password registries registry-type skip-logout",
  "docker/build-push-action":
    "add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to " +
    "call cgroup-parent context file github-token labels load network no-cache " +
    "no-cache-filters outputs platforms provenance pull push sbom secret-envs secret-files " +
    "secrets shm-size ssh tags target ulimit",
  "aws-actions/amazon-ecs-render-task-definition":
    "task-definition task-definition-arn task-definition-family task-definition-revision " +
    "container-name image environment-variables env-files log-configuration-log-driver " +
    "log-configuration-options docker-labels command secrets task-role-arn execution-role-arn",
  "aws-actions/amazon-ecs-deploy-task-definition":
    "task-definition desired-count service cluster wait-for-service-stability wait-for-minutes " +
    "wait-max-delay-seconds codedeploy-appspec codedeploy-application " +
    "codedeploy-deployment-group codedeploy-deployment-description codedeploy-deployment-config " +
    "force-new-deployment service-managed-ebs-volume-name service-managed-ebs-volume run-task " +
    "run-task-container-overrides run-task-security-groups run-task-subnets " +
    "run-task-assign-public-IP run-task-capacity-provider-strategy run-task-launch-type " +
    "run-task-started-by run-task-tags run-task-managed-ebs-volume-name " +
    "run-task-managed-ebs-volume wait-for-task-stopped enable-ecs-managed-tags propagate-tags " +
    "keep-null-value-keys max-retries",
};
const actions = Object.keys(chainTable) as ChainAction[];
const rows = actions.flatMap((action) =>
  Object.entries<Row>(chainTable[action]).map(([input, row]) => ({ action, input, row })),
);

test("the table has the 116 inputs of the chain, and no other", () => {
  expect(rows).toHaveLength(116);
  for (const action of actions)
    expect(Object.keys(chainTable[action]).sort()).toEqual(official[action].split(" ").sort());
});

test("a row is found whatever the case of the input's name", () => {
  expect(rowOf("aws-actions/amazon-ecs-deploy-task-definition", "RUN-TASK-ASSIGN-PUBLIC-IP")).toBe(
    (chainTable["aws-actions/amazon-ecs-deploy-task-definition"] as Rows)[
      "run-task-assign-public-IP"
    ],
  );
  expect(rowOf("docker/build-push-action", "dockerfile")).toBeUndefined();
});

describe.each(rows)("$action: $input", ({ action, input, row }) => {
  const targets = targetsOf(row);
  const text = workflowWith(action, input, row.sample);
  const converted = convert(text);
  const [step] = oursIn(converted.text);
  const left = stepsIn(converted.text).map(({ uses }) => uses?.replace(/@.*/, ""));
  const { kind } = row.treatment;

  test("leads to names that exist", () => {
    for (const name of targets)
      if (kind === "environment") expect(name).toMatch(/^[A-Z_]+$/);
      else expect(Object.keys(inputSpecs)).toContain(name);
    expect(row.note).toMatch(/^$|^[`A-Z].*\.$/s);
  });

  test("is treated as the table says", () => {
    expect(text).toContain(`${input}:`);
    switch (kind) {
      case "environment":
        expect(step).toMatchObject({ env: { [targets[0] ?? ""]: row.sample } });
        break;
      case "input":
      case "task-definition-patch":
      case "service-patch":
        expect(Object.keys(step?.with ?? {})).toContain(targets[0]);
        expect(left).not.toContain(action);
        break;
      case "joined":
        expect(targets.some((name) => name in (step?.with ?? {}))).toBe(true);
        expect(left).not.toContain(action);
        break;
      case "automatic":
        expect(left).not.toContain(action);
        expect(converted.text).not.toContain(`\`${input}`);
        break;
      case "stays":
        expect(left).toContain(action);
        expect(converted.text).toContain(`# deploy-ecs: `);
        expect(comments(converted.text)).toContain(`\`${input}\``);
        break;
      case "comment":
        expect(left).not.toContain(action);
        expect(comments(converted.text)).toContain(`\`${input}: `);
    }
  });

  test("is in the report", () => {
    expect(converted.report.some((line) => line.includes(`: ${input}: `))).toBe(true);
  });
});

test("an input that the chain does not have is not dropped", () => {
  const { text } = convert(workflowWith("docker/build-push-action", "repository", "shop"));
  expect(comments(text)).toContain("`repository` is no input that docker/build-push-action has");
});

/** The comments of a text, as one line. */
function comments(text: string): string {
  return text
    .split("\n")
    .filter((line) => /^\s*#/.test(line))
    .map((line) => line.trim().replace(/^#\s*/, ""))
    .join(" ");
}

/** The whole chain, with one more input, or another value of it, in one of its steps. */
function workflowWith(action: ChainAction, input: string, value: string): string {
  const image = `${wrap("steps.ecr.outputs.registry")}/shop:${wrap("github.sha")}`;
  const inputs: Record<ChainAction, Record<string, string>> = {
    "aws-actions/configure-aws-credentials": {
      "role-to-assume": "arn:aws:iam::123456789012:role/deploy",
      "aws-region": "us-east-1",
    },
    "aws-actions/amazon-ecr-login": {},
    "docker/build-push-action": { push: "true", tags: image },
    "aws-actions/amazon-ecs-render-task-definition": {
      "task-definition": "task.json",
      "container-name": "shop",
      image,
    },
    "aws-actions/amazon-ecs-deploy-task-definition": {
      "task-definition": wrap("steps.td.outputs.task-definition"),
      service: "shop",
      cluster: "main",
    },
  };
  const given = inputs[action];
  if (input.startsWith("aws-") && /key|secret|session/.test(input)) delete given["role-to-assume"];
  if (/^task-definition-(arn|family|revision)$/.test(input)) delete given["task-definition"];
  if (input === "task-definition-revision") given["task-definition-family"] = "shop";
  if (input === "run-task-container-overrides") given["run-task"] = "true";
  if (input === "run-task")
    given["run-task-container-overrides"] = '[{"name": "shop", "command": ["migrate"]}]';
  if (input === "service-managed-ebs-volume") given["service-managed-ebs-volume-name"] = "data";
  if (input === "service-managed-ebs-volume-name") given["service-managed-ebs-volume"] = "{}";
  given[input] = given[input] !== undefined && value === "" ? given[input] : value;
  if (["task-definition", "image"].includes(input) && action.includes("deploy-task"))
    given[input] = wrap("steps.td.outputs.task-definition");
  const ids: Partial<Record<ChainAction, string>> = {
    "aws-actions/amazon-ecr-login": "ecr",
    "aws-actions/amazon-ecs-render-task-definition": "td",
  };
  const steps = actions.map((each) => ({
    ...(ids[each] && { id: ids[each] }),
    uses: `${each}@v9`,
    with: inputs[each],
  }));
  const permissions = "permissions: { id-token: write, contents: read }";
  return [
    `on: push`,
    permissions,
    "jobs:",
    "  deploy:",
    "    runs-on: ubuntu-latest",
    "    steps:",
    "      - uses: actions/checkout@v4",
    ...steps.flatMap(({ id, uses, with: pairs }) => [
      `      - uses: ${uses}`,
      ...(id ? [`        id: ${id}`] : []),
      `        with:`,
      ...Object.entries(pairs).map(([name, text]) => `          ${name}: ${JSON.stringify(text)}`),
    ]),
    "",
  ].join("\n");
}

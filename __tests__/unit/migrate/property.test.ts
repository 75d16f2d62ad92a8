// Whatever a workflow looks like: the result is YAML, what is not of the chain stays byte for byte,
// and nothing is converted twice.

import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { convert } from "../../../tools/migrate/convert.ts";
import { wrap } from "../../../tools/migrate/expressions.ts";
import { NotAWorkflow } from "../../../tools/migrate/source.ts";

/** Lines of a step; `-` begins it. */
type Lines = readonly string[];

const image = `${wrap("steps.ecr.outputs.registry")}/shop:${wrap("github.sha")}`;
const spaces = fc.constantFrom(image, image.replaceAll("{{ ", "{{").replaceAll(" }}", "}}"));

const unrelated: fc.Arbitrary<Lines> = fc.constantFrom(
  ["- uses: actions/setup-node@v4", "  with: { node-version: 22 }   # LTS"],
  ["- run: npm test"],
  ["- name: Two lines", "  run: |", "    echo one", "", "    # no comment of YAML", "    echo two"],
  ["- {name: 'Flow', run: \"echo 'a: b'\"}"],
  [
    "- name: >-",
    "    Folded",
    "    name",
    `  if: ${wrap("always()")}`,
    "  run: echo",
    "  continue-on-error: true",
  ],
  ["-   name: Wide", "    env:", "        A: |+", "            text", "", "    run: 'echo $A'"],
  ["- name: Tell", '  run: curl -d \'{"text":"#1"}\' https://example.com # a fragment'],
);
const comments = fc.constantFrom<Lines>([], ["# a comment"], [""], ["", "# --- part ---", ""]);

const signIn = fc.constantFrom<Lines>(
  [
    "- uses: aws-actions/configure-aws-credentials@v4",
    "  with:",
    `    role-to-assume: ${wrap("vars.ROLE")}`,
    "    aws-region: us-east-1",
  ],
  [
    "- name: Keys",
    "  uses: aws-actions/configure-aws-credentials@v1",
    `  with: {aws-access-key-id: "${wrap("secrets.A")}", aws-secret-access-key: k, aws-region: us-east-1}`,
  ],
  [
    "- uses: aws-actions/configure-aws-credentials@0123456789012345678901234567890123456789 # v5",
    "  with:",
    "    'aws-region': \"us-east-1\"",
    "    # who may deploy",
    "    role-to-assume: >-",
    "      arn:aws:iam::123456789012:role/deploy",
  ],
);
const build = spaces.chain((reference) =>
  fc.constantFrom<Lines>(
    ["- uses: docker/build-push-action@v6", "  with:", "    push: true", `    tags: ${reference}`],
    [
      "- name: Build",
      "  run: |",
      `    docker build -t ${reference} .`,
      `    docker push ${reference}`,
    ],
    [
      "- run: |",
      "    npm run build",
      `    docker build -t "${reference}" --build-arg A='b c' app`,
      `    docker push "${reference}" # push`,
    ],
    ["- run: if true; then docker build -t x .; fi"],
    [
      "- name: Build",
      "  if: github.ref == 'refs/heads/main'",
      "  env:",
      `    IMAGE: ${reference}`,
      "  run: docker build -t $IMAGE . && docker push $IMAGE",
    ],
  ),
);
const render = spaces.map<Lines>((reference) => [
  "- id: td",
  "  uses: aws-actions/amazon-ecs-render-task-definition@v1",
  `  with: {task-definition: task.json, container-name: web, image: "${reference}"}`,
]);
const deploy = fc.constantFrom<Lines>(
  [
    "- uses: aws-actions/amazon-ecs-deploy-task-definition@v2",
    "  with:",
    `    task-definition: ${wrap("steps.td.outputs.task-definition")}`,
    "    service: web",
    "    cluster: main",
  ],
  [
    "- name: Deploy",
    "  id: deploy",
    "  if: github.ref == 'refs/heads/main'",
    "  uses: aws-actions/amazon-ecs-deploy-task-definition@v1",
    "  with:",
    `    task-definition: ${wrap("steps.td.outputs.task-definition").replaceAll(" ", "")}`,
    "    service: web",
    "    cluster: main",
    "    wait-for-service-stability: true",
  ],
  ["- run: aws ecs update-service --cluster main --service web --force-new-deployment"],
);

interface Generated {
  readonly text: string;
  readonly unrelated: readonly string[];
}

const workflow: fc.Arbitrary<Generated> = fc
  .record({
    chain: fc.tuple(signIn, build, render, deploy),
    between: fc.array(unrelated, { minLength: 5, maxLength: 5 }),
    lead: fc.array(comments, { minLength: 9, maxLength: 9 }),
    indent: fc.constantFrom("    ", "      ", "        "),
    lineBreak: fc.constantFrom("\n", "\r\n"),
    ends: fc.boolean(),
  })
  .map(({ chain, between, lead, indent, lineBreak, ends }) => {
    const login: Lines = ["- id: ecr", "  uses: aws-actions/amazon-ecr-login@v2"];
    const [first = [], second = [], ...others] = chain;
    const blocks = [
      between[0],
      first,
      login,
      between[1],
      second,
      between[2],
      ...others,
      between[3],
    ];
    const steps = blocks.flatMap((block = [], index) => [...(lead[index] ?? []), ...block]);
    const lines = [
      ...["on: push", "jobs:", "  deploy:", "    runs-on: ubuntu-latest", "    steps:"],
      ...steps.map((line) => (line === "" ? "" : indent + line)),
    ];
    const own = between
      .slice(0, 4)
      .map((block) => block.map((line) => (line === "" ? "" : indent + line)));
    return {
      text: lines.join(lineBreak) + (ends ? lineBreak : ""),
      unrelated: own.map((block) => block.join(lineBreak)),
    };
  });

test("unrelated steps and comments stay, and the result is YAML that is not converted again", () => {
  fc.assert(
    fc.property(workflow, (generated) => {
      const { text, report } = convert(generated.text);
      expect(report.filter((line) => line.startsWith("not converted"))).toEqual([]);
      expect(() => parse(text)).not.toThrow();
      let at = 0;
      for (const block of generated.unrelated) {
        at = text.indexOf(block, at);
        expect(at, block).toBeGreaterThanOrEqual(0);
        at += block.length;
      }
      for (const comment of ["# a comment", "# --- part ---", "# who may deploy"])
        expect(count(text, comment)).toBe(count(generated.text, comment));
      expect(convert(text).text).toBe(text);
    }),
    { numRuns: 50 },
  );
});

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

test("any text is converted, or refused as no workflow", () => {
  const line = fc.constantFrom(
    "jobs:",
    "  a:",
    "    steps:",
    "      - run: x",
    "- a",
    "  - b",
    "}",
    "x: [",
    "\t",
    "runs:",
    "  using: composite",
    "&a",
    "*a",
    "  steps: []",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(line).map((all) => all.join("\n")),
      ),
      (text) => {
        try {
          expect(convert(text).text).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(NotAWorkflow);
        }
      },
    ),
    { numRuns: 50 },
  );
});

// Nothing is lost: whatever ECS or a file has comes out again, but for what the rules name (docs/task-definition.md).
// Generated definitions use every member that the SDK's model knows, and unknown members. SEED=… plays one run again.

import { ECSClient } from "@aws-sdk/client-ecs";
import { createSimulator, sdkRequestHandler } from "ecs-simulator";
import { VirtualClock } from "ecs-simulator/clock";
import { runs, scriptedRunner } from "ecs-simulator/tasks";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { createCall } from "../../../../src/aws/call.ts";
import { createEcs } from "../../../../src/aws/ecs.ts";
import { requestShapes } from "../../../../src/aws/sdk-schema.ts";
import type { ValueSchema } from "../../../../src/ecs/request-schema.ts";
import { parseObject } from "../../../../src/inputs/document.ts";
import type { JsonObject, JsonValue } from "../../../../src/json.ts";
import { diffTaskDefinitions } from "../../../../src/plan/task-definition/diff.ts";
import { applyChanges, planRevision } from "../../../../src/plan/task-definition/revision.ts";
import {
  readOnlyMembers,
  registrableDocument,
  registrableRevision,
} from "../../../../src/plan/task-definition/source.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 2_147_483_647);
const runsEach = { seed, numRuns: 1_000 };
const timeout = 60_000;
console.info(`seed ${seed}`);

const { taskDefinition } = requestShapes();
const unknownName = fc.stringMatching(/^x[A-Za-z]{4,12}$/);
const text = fc.oneof(
  fc.constant(""),
  fc.string({ maxLength: 12 }),
  fc.constantFrom("no", "0x1f", "a: b", "$X", "=", "é\n"),
);
const leaf = fc.oneof(text, fc.integer({ min: 0, max: 9_999 }), fc.boolean(), fc.constant(null));
const unknownValue: fc.Arbitrary<unknown> = fc.oneof(
  leaf,
  fc.array(text, { maxLength: 2 }),
  fc.dictionary(unknownName, leaf, { maxKeys: 2 }),
);

function arbitraryOf(shape: ValueSchema): fc.Arbitrary<unknown> {
  switch (shape.is) {
    case "text":
      return fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: fc.constant(null) });
    case "number":
      return fc.integer({ min: 0, max: 65_535 });
    case "boolean":
      return fc.boolean();
    case "anything":
      return unknownValue;
    case "list":
      return fc.array(
        arbitraryOf(shape.of).filter((value) => value !== null),
        { maxLength: 2 },
      );
    case "map":
      return fc.dictionary(
        fc.string({ minLength: 1, maxLength: 8 }).filter(isPlain),
        arbitraryOf(shape.of),
        {
          maxKeys: 2,
        },
      );
    case "members": {
      const rarely = (member: ValueSchema) =>
        fc.oneof(
          { weight: 4, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: arbitraryOf(member) },
        );
      const known = Object.entries(shape.members).map(
        ([name, member]) => [name, rarely(member)] as const,
      );
      const unknown = fc.option(fc.tuple(unknownName, unknownValue), { freq: 1 });
      return fc.tuple(fc.record(Object.fromEntries(known)), unknown).map(([some, more]) => ({
        ...Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)),
        ...(more && { [more[0]]: more[1] }),
      }));
    }
  }
}

const isPlain = (name: string) => name !== "__proto__" && !/^\d+$/.test(name);

/** Every member that the model knows, once. */
function fullValue(shape: ValueSchema): unknown {
  switch (shape.is) {
    case "text":
      return "x";
    case "number":
      return 7;
    case "boolean":
      return true;
    case "anything":
      return { x: 1 };
    case "list":
      return [fullValue(shape.of)];
    case "map":
      return { x: fullValue(shape.of) };
    case "members":
      return Object.fromEntries(
        Object.entries(shape.members).map(([name, member]) => [name, fullValue(member)]),
      );
  }
}

/** What ECS itself would refuse is left out: this is about loss, not about its rules. */
const acceptable = ([rest, containers]: readonly [unknown, readonly unknown[]]): JsonObject => ({
  ...(rest as JsonObject),
  executionRoleArn: "clockko-execution",
  family: "clockko-backend",
  requiresCompatibilities: ["EC2"],
  memory: "512",
  containerDefinitions: (containers as JsonObject[]).map((container, index) => ({
    ...container,
    name: `c${index}`,
    image: `image-${index}`,
    essential: true,
    ...(Array.isArray(container.secrets) && { secrets: container.secrets.map(withOwnName) }),
  })),
});

/** No variable and no other secret may have it. */
function withOwnName(secret: JsonObject, index: number): JsonObject {
  return { ...secret, name: `a secret's own name ${index}` };
}

const full = acceptable([fullValue(taskDefinition), [fullValue(containerShape())]]);
const definitions = fc
  .tuple(
    arbitraryOf(taskDefinition),
    fc.array(arbitraryOf(containerShape()), { minLength: 1, maxLength: 3 }),
  )
  .map(acceptable);

function containerShape(): ValueSchema {
  const list =
    taskDefinition.is === "members" ? taskDefinition.members["containerDefinitions"] : undefined;
  return list?.is === "list" ? list.of : { is: "anything" };
}

test(
  "file → register: every leaf comes out as it went in, from JSON and from YAML",
  () => {
    fc.assert(
      fc.property(definitions, fc.boolean(), (definition, asYaml) => {
        const document = parseObject(
          asYaml ? stringify(definition) : JSON.stringify(definition, null, 2),
        );
        expect(leavesOf(registrableDocument(document))).toEqual(
          leavesOf(withoutAwsTags(definition)),
        );
      }),
      {
        ...runsEach,
        examples: [
          [full, false],
          [full, true],
        ],
      },
    );
  },
  timeout,
);

test(
  "file → register → describe → register, through the SDK and the wire: nothing is lost, and nothing differs",
  async () => {
    const ecs = ecsOnTheWire();
    await fc.assert(
      fc.asyncProperty(definitions, async (definition) => {
        const first = registrableDocument(definition);
        const { arn } = await ecs.registerTaskDefinition(first);
        const described = await ecs.describeTaskDefinition(arn);
        const second = registrableRevision(described);
        const left = leavesOf(second);
        for (const [path, value] of leavesOf(first))
          expect([path, left.get(path)]).toEqual([path, value]);
        expect(Object.keys(second).filter((member) => readOnlyMembers.has(member))).toEqual([]);
        expect(diffTaskDefinitions(first, second)).toEqual([]);
      }),
      { ...runsEach, examples: [[full]] },
    );
  },
  timeout,
);

test(
  "a new image changes the image and nothing else",
  () => {
    fc.assert(
      fc.property(definitions, (definition) => {
        const running = {
          arn: "arn:aws:ecs:us-east-1:123456789012:task-definition/clockko-backend:1",
          definition,
          tags: [],
        };
        const draft = {
          source: { kind: "file", path: "app.json", document: definition },
          running: { ...running, definition: registrableDocument(definition) },
          schema: taskDefinition,
        } as const;
        const { register, changes } = planRevision({
          ...draft,
          base: applyChanges(draft, { tags: [] }),
          images: { c0: "new-image" },
          variableContainers: ["c0"],
          variables: { environment: [], secrets: [] },
        });
        expect(changes).toEqual([
          { path: "containerDefinitions[c0].image", from: "image-0", to: "new-image" },
        ]);
        const [before, after] = [leavesOf(withoutAwsTags(definition)), leavesOf(register ?? {})];
        expect([...after].filter(([path, value]) => before.get(path) !== value)).toEqual([
          [".containerDefinitions.0.image", '"new-image"'],
        ]);
        const lost = [...before].filter(([path]) => !after.has(path));
        expect(lost.filter(([path, value]) => value !== '""' || freeText.test(path))).toEqual([]);
      }),
      { ...runsEach, examples: [[full]] },
    );
  },
  timeout,
);

/** Where "" is a value: variables, tags, commands, options and labels, and unknown members. */
const freeText =
  /\.(environment|tags)\.\d+\.value$|\.(command|entryPoint|links|dnsServers)\.\d+$|\.(options|dockerLabels|labels|driverOpts)\.|\.x[A-Za-z]{4,12}(\.|$)/;

test("the first case of each run uses every member that the model knows", () => {
  const seen = new Set<string>();
  collectMembers(full, "", seen);
  expect(membersOf(taskDefinition).filter((member) => !seen.has(member))).toEqual([]);
  expect(seen.size).toBeGreaterThan(150);
});

/** The real client and the real calls of the action; only the network is in memory. */
function ecsOnTheWire() {
  const clock = new VirtualClock();
  const simulator = createSimulator({
    clock,
    runner: scriptedRunner({ clock, behaviour: () => runs() }),
    ecs: { takesAnyTaskDefinition: true },
  });
  const client = new ECSClient({
    region: "us-east-1",
    maxAttempts: 1,
    requestHandler: sdkRequestHandler(simulator),
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  return createEcs(
    client,
    createCall({ clock, random: () => 0.5, signal: new AbortController().signal }),
  );
}

function withoutAwsTags(definition: JsonObject): JsonObject {
  const { tags, ...rest } = definition;
  if (!Array.isArray(tags)) return definition;
  const own = tags.filter((tag) => !String((tag as JsonObject)["key"]).startsWith("aws:"));
  return own.length > 0 ? { ...rest, tags: own } : rest;
}

/** Every value that is neither list nor object, by its path; nulls are none. */
function leavesOf(
  value: JsonValue | undefined,
  path = "",
  leaves = new Map<string, string>(),
): Map<string, string> {
  if (value === null || value === undefined) return leaves;
  if (typeof value !== "object") return leaves.set(path, JSON.stringify(value));
  for (const [name, member] of Object.entries(value)) leavesOf(member, `${path}.${name}`, leaves);
  return leaves;
}

function membersOf(shape: ValueSchema, path = ""): readonly string[] {
  if (shape.is === "list" || shape.is === "map") return membersOf(shape.of, path);
  if (shape.is !== "members") return [];
  return Object.entries(shape.members).flatMap(([name, member]) => [
    `${path}.${name}`,
    ...membersOf(member, `${path}.${name}`),
  ]);
}

function collectMembers(value: unknown, path: string, seen: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectMembers(item, path, seen);
  else if (typeof value === "object" && value !== null)
    for (const [name, member] of Object.entries(value)) {
      seen.add(`${path}.${name}`);
      collectMembers(member, `${path}.${name}`, seen);
    }
}

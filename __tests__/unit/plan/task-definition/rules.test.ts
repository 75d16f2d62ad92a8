// The action's rules and the simulator's, held against each other: they share no code, and what one refuses the other must not take.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { requestShapes } from "../../../../src/aws/sdk-schema.ts";
import { parseObject } from "../../../../src/inputs/document.ts";
import type { JsonObject } from "../../../../src/json.ts";
import { checkDefinition } from "../../../../src/plan/task-definition/check-definition.ts";
import { findBrokenRules, taskView } from "../../../../src/plan/task-definition/rules/rule.ts";
import { taskDefinitionRules } from "../../../../src/plan/task-definition/rules/task-definition.ts";
import {
  registrableDocument,
  withoutEmptyTexts,
} from "../../../../src/plan/task-definition/source.ts";
import { simulateEcs } from "../../../rig/simulated-ecs.ts";
import { examples } from "./task-definition-examples.ts";

const requiresFargate = ({ requiresCompatibilities: required }: JsonObject) =>
  Array.isArray(required) && required.includes("FARGATE");
const broken = (definition: JsonObject) =>
  findBrokenRules(taskDefinitionRules, taskView(definition, requiresFargate(definition)));
const register = (definition: JsonObject) =>
  simulateEcs().call("RegisterTaskDefinition", definition);

test("every rule has its examples, and a source", () => {
  expect(Object.keys(examples).sort()).toEqual(taskDefinitionRules.map(({ id }) => id).sort());
  for (const { source } of taskDefinitionRules) expect(source).toMatch(/^https:\/\//);
});

describe.each(taskDefinitionRules.map(({ id }) => id))("%s", (id) => {
  const { breaks, keeps, path } = examples[id] ?? { breaks: [], keeps: [], path: "" };

  test("is broken where it should be, and says what to do", () => {
    for (const [index, definition] of breaks.entries()) {
      const found = broken(definition).filter(({ rule }) => rule === id);
      expect([index, found.length > 0]).toEqual([index, true]);
      for (const { remedy } of found) expect(remedy).toMatch(/^.{8,}\.?$/);
      if (index === 0) expect(found[0]?.path).toBe(path);
    }
  });

  test("a near miss breaks no rule, and the simulator registers it", () => {
    for (const definition of keeps) {
      expect(broken(definition).filter((one) => one.severity === "refuse")).toEqual([]);
      expect(broken(definition).filter(({ rule }) => rule === id)).toEqual([]);
      expect(() => register(definition)).not.toThrow();
    }
  });
});

const refused = taskDefinitionRules.filter(
  ({ id, severity }) => severity !== "warn" && !examples[id]?.ecsTakesIt,
);

test.each(refused.map(({ id }) => id))("the simulator refuses what breaks %s", (id) => {
  for (const [index, definition] of (examples[id]?.breaks ?? []).entries())
    expect(
      () => register(definition),
      `${index}: ${JSON.stringify(definition).slice(0, 300)}`,
    ).toThrow();
});

const folder = join(import.meta.dirname, "../../../corpus");
const corpus = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());

test.each(corpus.map(({ name }) => name))(
  "nothing is wrong with %s of real repositories",
  (name) => {
    const document = parseObject(readFileSync(join(folder, name), "utf8").replace(/^\uFEFF/, ""));
    const shape = requestShapes().taskDefinition;
    const definition = {
      family: "app",
      ...withoutEmptyTexts(registrableDocument(document), shape),
    };
    const { findings } = checkDefinition({
      ...{ definition, label: name, containers: ["app"], registered: [] },
      repositoryUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
      schema: shape,
      location: { accountId: "123456789012", region: "us-east-1", partition: "aws" },
      onFargate: requiresFargate(definition),
    });
    expect(findings.filter(({ severity }) => severity === "refuse")).toEqual([]);
  },
);

test("a large task definition is checked in a moment", () => {
  const containers = Array.from({ length: 10 }, (_, index) => ({
    ...{ name: `c${index}`, image: "nginx:1", memory: 8 },
    environment: Array.from({ length: 100 }, (__, place) => ({
      name: `V${place}`,
      value: "{{".repeat(20),
    })),
  }));
  const definition = { family: "app", memory: "512", containerDefinitions: containers };
  const start = performance.now();
  for (let turn = 0; turn < 20; turn++) broken(definition);
  expect((performance.now() - start) / 20).toBeLessThan(50);
});

import { expect, test } from "vitest";
import { requestShapes } from "../../../../src/aws/sdk-schema.ts";
import {
  checkAgainstSchema,
  closestMatch,
} from "../../../../src/plan/task-definition/schema-check.ts";

const { taskDefinition } = requestShapes();

test("unknown members are named with their nearest known name, at any depth", () => {
  const definition = {
    famly: "app",
    containerDefinitions: [
      { name: "app", environmnt: [], healthCheck: { intervall: 5, command: [] }, newIdeaOfAws: 1 },
    ],
  };
  expect(checkAgainstSchema(definition, taskDefinition).unknown).toEqual([
    { path: "famly", name: "famly", closest: "family" },
    { path: "containerDefinitions[app].environmnt", name: "environmnt", closest: "environment" },
    {
      path: "containerDefinitions[app].healthCheck.intervall",
      name: "intervall",
      closest: "interval",
    },
    { path: "containerDefinitions[app].newIdeaOfAws", name: "newIdeaOfAws" },
  ]);
});

test("wrong types are found all at once, with their path, and no secret is shown", () => {
  const definition = {
    family: "app",
    cpu: 256,
    tags: { team: "clock" },
    containerDefinitions: [
      {
        name: "app",
        essential: "true",
        portMappings: [{ containerPort: "8000" }],
        command: "npm start",
        environment: [{ name: "PASSWORD", value: 12345 }],
        logConfiguration: { logDriver: "splunk", options: { "splunk-token": 777, "max-size": 10 } },
      },
    ],
  };
  expect(
    checkAgainstSchema(definition, taskDefinition).mistyped.map(
      ({ path, problem }) => `${path}: ${problem}`,
    ),
  ).toEqual([
    "cpu: expected a text (in quotes), got a number: 256",
    'tags: expected a list, each like {"key": "team", "value": "clock"}, got an object',
    'containerDefinitions[app].essential: expected true or false (without quotes), got a text: "true"',
    'containerDefinitions[app].portMappings[0].containerPort: expected a number (without quotes), got a text: "8000"',
    "containerDefinitions[app].command: expected a list, got a text",
    "containerDefinitions[app].environment[PASSWORD].value: expected a text (in quotes), got a number",
    "containerDefinitions[app].logConfiguration.options.splunk-token: expected a text (in quotes), got a number",
    "containerDefinitions[app].logConfiguration.options.max-size: expected a text (in quotes), got a number",
  ]);
});

test.each([
  ["ENVIRONMENT", "environment"],
  ["Name", "name"],
  ["enviroment", "environment"],
  ["memoryreservation", "memoryReservation"],
  ["somethingElse", undefined],
])("%s → %s", (name, nearest) => {
  expect(closestMatch(name, ["name", "environment", "memoryReservation", "image"])).toBe(nearest);
});

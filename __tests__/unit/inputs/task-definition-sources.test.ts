import { describe, expect, test } from "vitest";
import { taskDefinitionSources } from "../../../src/inputs/task-definition-parsers.ts";

const arn = "arn:aws:ecs:us-east-1:123456789012";

describe("task-definition", () => {
  test.each([
    { given: "deploy/api.json", expected: { path: "deploy/api.json" } },
    { given: "api", expected: { revision: "api" } },
    { given: "api:7", expected: { revision: "api:7" } },
    {
      given: `${arn}:task-definition/api:7`,
      expected: { revision: `${arn}:task-definition/api:7` },
    },
    { given: "./env=prod/api.json", expected: { path: "./env=prod/api.json" } },
    { given: "infra/eu/env=prod/api.json", expected: { path: "infra/eu/env=prod/api.json" } },
  ])("$given is the source for every service", ({ given, expected }) => {
    expect(taskDefinitionSources(given)).toEqual([{ ...expected, service: undefined }]);
  });

  test("one line per service", () => {
    const service = `${arn}:service/shop/cron`;
    expect(
      taskDefinitionSources(`api=api.json\nshop/worker = worker:7\n${service}=cron`),
    ).toMatchObject([
      { service: { cluster: undefined, service: "api" }, path: "api.json" },
      { service: { cluster: "shop", service: "worker" }, revision: "worker:7" },
      { service: { cluster: "shop", service: "cron", arn: service }, revision: "cron" },
    ]);
  });

  test.each([
    { given: "api=", says: "expected SERVICE=FILE" },
    { given: "a.json\nb.json", says: '"a.json" has none: write SERVICE=FILE, one per line' },
    { given: "api=a.json\nb.json", says: '"b.json" has none' },
    { given: `${arn}:cluster/shop=a.json`, says: "that is the ARN of something else" },
  ])("$given", ({ given, says }) => {
    expect(() => taskDefinitionSources(given)).toThrow(says);
  });
});

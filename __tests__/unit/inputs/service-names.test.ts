import { describe, expect, test } from "vitest";
import { InputProblem } from "../../../src/inputs/parsers.ts";
import {
  arnLocationProblems,
  clusterProblems,
  requestedServices,
} from "../../../src/inputs/requested-services.ts";
import { deploymentTarget } from "../../../src/inputs/run-inputs.ts";
import { clusterName, serviceNames } from "../../../src/inputs/service-names.ts";
import { taskDefinitionSources } from "../../../src/inputs/task-definition-parsers.ts";

const arn = "arn:aws:ecs:us-east-1:123456789012";

test.each([
  { given: "api", named: [{ service: "api" }] },
  { given: "clockko/api", named: [{ cluster: "clockko", service: "api" }] },
  {
    given: `${arn}:service/clockko/api`,
    named: [{ cluster: "clockko", service: "api", arn: `${arn}:service/clockko/api` }],
  },
  { given: `${arn}:service/api`, named: [{ service: "api", arn: `${arn}:service/api` }] },
  {
    given: " api \r\n\n other/worker\n",
    named: [{ service: "api" }, { cluster: "other", service: "worker" }],
  },
  {
    given: "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:service/a/b",
    named: [
      {
        cluster: "a",
        service: "b",
        arn: "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:service/a/b",
      },
    ],
  },
])("service $given", ({ given, named }) => {
  expect(serviceNames(given)).toEqual(named);
});

test.each(["clockko", "Clockko_1-a", `${arn}:cluster/clockko`])("cluster %s", (given) => {
  expect(clusterName(given)).toBe(given);
});

test.each([
  { given: "a/b/c", says: /ECS service, like clockko-backend .* got "a\/b\/c"$/ },
  { given: "clockko/api/", says: /leave out the slash at its end/ },
  { given: `${arn}:service/clockko/api/`, says: /leave out the slash at its end/ },
  { given: "api, worker", says: /one per line, got "api, worker"$/ },
  { given: `${arn}:cluster/clockko`, says: /the ARN of something else \(ecs: cluster\)/ },
  {
    given: `${arn}:task-definition/api:7`,
    says: /the ARN of something else \(ecs: task-definition\)/,
  },
  { given: "arn:aws:iam::123456789012:role/api", says: /the ARN of something else \(iam: role\)/ },
  {
    given: "arn:aws:ecs:us-east-1:***:service/clockko/api",
    says: /a masked value; give the value itself/,
  },
  {
    given: "arn:aws:ecs:us-east-1::service/clockko/api",
    says: /expected the name of an ECS service/,
  },
  {
    given: "arn:aws:ecs:us-east-1:123456789012:service",
    says: /expected the name of an ECS service/,
  },
  { given: "arn:aws:ecs", says: /expected the name of an ECS service/ },
  { given: "/api", says: /expected the name of an ECS service/ },
])("service $given is refused", ({ given, says }) => {
  expect(() => serviceNames(given)).toThrow(InputProblem);
  expect(() => serviceNames(given)).toThrow(says);
});

test.each([
  { given: "my cluster", says: /like clockko, got "my cluster"$/ },
  { given: "clockko/", says: /leave out the slash at its end/ },
  { given: "clockko/api", says: /a service goes into the input service/ },
  { given: `${arn}:service/clockko/api`, says: /the ARN of something else \(ecs: service\)/ },
  { given: "***", says: /a masked value/ },
])("cluster $given is refused", ({ given, says }) => {
  expect(() => clusterName(given)).toThrow(InputProblem);
  expect(() => clusterName(given)).toThrow(says);
});

test("a service that is named in each of the four forms is one service", () => {
  const service = serviceNames(
    `api\nclockko/api\n${arn}:service/clockko/api\n${arn}:service/api\nclockko/worker`,
  );

  for (const cluster of ["clockko", `${arn}:cluster/clockko`])
    expect(requestedServices({ cluster, service })).toEqual([
      { cluster: "clockko", name: "api" },
      { cluster: "clockko", name: "worker" },
    ]);
});

describe("the cluster of each service", () => {
  const problems = (cluster: string, service: string) =>
    clusterProblems({ cluster, service: serviceNames(service) });

  test.each([
    { cluster: "clockko", service: "api" },
    { cluster: "clockko", service: "clockko/api" },
    { cluster: `${arn}:cluster/clockko`, service: `clockko/api\n${arn}:service/clockko/web` },
    { cluster: "clockko", service: `${arn}:service/api` },
    { cluster: "", service: "clockko/api\nother/worker" },
    { cluster: "", service: `${arn}:service/clockko/api` },
  ])("is clear: $cluster, $service", ({ cluster, service }) => {
    expect(problems(cluster, service)).toEqual([]);
  });

  test.each([
    {
      cluster: "",
      service: "api",
      says: "required, but empty, and service does not name the cluster of api.",
    },
    {
      cluster: "",
      service: `clockko/web\n${arn}:service/api`,
      says: `does not name the cluster of ${arn}:service/api.`,
    },
    { cluster: "", service: "", says: "required, but empty. Give the cluster's name" },
    {
      cluster: "clockko",
      service: "api\nother/worker",
      says: '"clockko" is not the cluster of service other/worker.',
    },
    {
      cluster: `${arn}:cluster/clockko`,
      service: `${arn}:service/other/api`,
      says: `"${arn}:cluster/clockko" is not the cluster of service ${arn}:service/other/api.`,
    },
  ])("is not: $cluster, $service", ({ cluster, service, says }) => {
    expect(problems(cluster, service)).toEqual([expect.stringContaining(says)]);
  });

  test("is not required where an input could not be parsed", () => {
    expect(clusterProblems({ service: serviceNames("api") })).toEqual([]);
  });
});

describe("an ARN of elsewhere", () => {
  const home = {
    region: "us-east-1",
    accountId: "123456789012",
    partition: "aws",
    identity: "role-to-assume is",
  };
  const other = "arn:aws-cn:ecs:cn-north-1:999999999999";

  test("names both sides, every one that differs", () => {
    const service = serviceNames("arn:aws:ecs:us-east-1:999999999999:service/clockko/api");
    expect(arnLocationProblems({ service }, home)).toEqual([
      "service: arn:aws:ecs:us-east-1:999999999999:service/clockko/api is in account 999999999999, but role-to-assume is in account 123456789012. One step deploys to one account and region: correct the one that is wrong",
    ]);
    expect(
      arnLocationProblems({ service: serviceNames(`${other}:service/clockko/api`) }, home),
    ).toEqual([
      expect.stringContaining(
        "is in partition aws-cn, account 999999999999, region cn-north-1, but role-to-assume is in partition aws, account 123456789012 and aws-region is us-east-1.",
      ),
    ]);
  });

  test.each([
    { input: "cluster", given: { cluster: `${other}:cluster/clockko` } },
    {
      input: "task-definition",
      given: { taskDefinition: taskDefinitionSources(`${other}:task-definition/api:7`) },
    },
    { input: "to", given: { to: deploymentTarget(`${other}:task-definition/api:7`) } },
  ])("is found in $input", ({ input, given }) => {
    expect(arnLocationProblems(given, home)).toEqual([
      expect.stringMatching(`^${input}: arn:aws-cn:`),
    ]);
  });

  test("is nothing where names alone are given, or nothing is known of the account", () => {
    const given = {
      cluster: "clockko",
      service: serviceNames("clockko/api"),
      to: deploymentTarget("v1"),
    };
    expect(arnLocationProblems(given, home)).toEqual([]);
    const service = serviceNames(`${arn}:service/clockko/api`);
    expect(
      arnLocationProblems(
        { service },
        { ...home, accountId: undefined, partition: undefined, region: undefined },
      ),
    ).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { deploymentsUrl, eventsUrl, logStreamUrl, tasksUrl, taskUrl } from "../../../src/report/links.ts";

const place = { region: "eu-west-1", cluster: "clockko", service: "api" };

test("each page of a service has an address", () => {
  const service = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/clockko/services/api";
  expect(deploymentsUrl(place)).toBe(`${service}/deployments?region=eu-west-1`);
  expect(tasksUrl(place)).toBe(`${service}/tasks?region=eu-west-1`);
  expect(eventsUrl(place)).toBe(`${service}/events?region=eu-west-1`);
  expect(taskUrl(place, "0123")).toBe(
    "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/clockko/tasks/0123?region=eu-west-1",
  );
});

test("a log stream's names are encoded as the console wants them", () => {
  expect(logStreamUrl("eu-west-1", "/ecs/api", "app/app/01")).toBe(
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252Fapi/log-events/app$252Fapp$252F01",
  );
});

test.each([
  { region: "cn-north-1", host: "cn-north-1.console.amazonaws.cn" },
  { region: "us-gov-west-1", host: "us-gov-west-1.console.amazonaws-us-gov.com" },
])("$region has a console of its own", ({ region, host }) => {
  expect(deploymentsUrl({ ...place, region })).toMatch(`https://${host}/`);
});

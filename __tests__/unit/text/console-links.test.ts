import { expect, test } from "vitest";
import { consoleHost } from "../../../src/aws/partitions.ts";
import {
  deploymentsUrl,
  eventsUrl,
  logStreamUrl,
  tasksUrl,
  taskUrl,
} from "../../../src/text/console-links.ts";

const place = {
  region: "eu-west-1",
  console: consoleHost("eu-west-1"),
  cluster: "clockko",
  service: "api",
};

test("each page of a service has a URL", () => {
  const service = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/clockko/services/api";
  expect(deploymentsUrl(place)).toBe(`${service}/deployments?region=eu-west-1`);
  expect(tasksUrl(place)).toBe(`${service}/tasks?region=eu-west-1`);
  expect(eventsUrl(place)).toBe(`${service}/events?region=eu-west-1`);
  expect(taskUrl(place, "0123")).toBe(
    "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/clockko/tasks/0123?region=eu-west-1",
  );
});

test("a log stream's names are encoded as the console requires", () => {
  expect(logStreamUrl(place, "/ecs/api", "app/app/01")).toBe(
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252Fapi/log-events/app$252Fapp$252F01",
  );
});

test("without a known console there are no links", () => {
  const hidden = { ...place, console: undefined };
  const links = [
    deploymentsUrl(hidden),
    tasksUrl(hidden),
    taskUrl(hidden, "0123"),
    logStreamUrl(hidden, "a", "b"),
  ];
  expect(links).toEqual([undefined, undefined, undefined, undefined]);
});

import { expect, test } from "vitest";
import type { LaunchedContainer } from "../../src/contract.ts";
import { endsBeforeOthers, judgeDependency, startOrder } from "../../src/tasks/start-order.ts";

function container(
  name: string,
  dependsOn: Readonly<Record<string, string>> = {},
  essential = true,
): LaunchedContainer {
  const dependencies = Object.entries(dependsOn).map(([containerName, condition]) => ({
    containerName,
    condition,
  }));
  return {
    name,
    image: "app:1",
    essential,
    environment: {},
    definition: { dependsOn: dependencies },
  };
}

const names = (containers: readonly LaunchedContainer[]) => containers.map(({ name }) => name);

test("an essential container is first where nothing else is said", () => {
  expect(names(startOrder([container("log", {}, false), container("web")]))).toEqual([
    "web",
    "log",
  ]);
});

test("each container is after those that it depends on", () => {
  const web = container("web", { migrate: "SUCCESS", proxy: "HEALTHY" });
  const migrate = container("migrate", { proxy: "START" }, false);
  const all = [web, migrate, container("proxy")];
  expect(names(startOrder(all))).toEqual(["proxy", "migrate", "web"]);
  expect(all.filter((one) => endsBeforeOthers(one, all)).map(({ name }) => name)).toEqual([
    "migrate",
  ]);
});

test.each([
  ["START", undefined, undefined, "met"],
  ["COMPLETE", undefined, undefined, "waits"],
  ["COMPLETE", 1, undefined, "met"],
  ["SUCCESS", 0, undefined, "met"],
  ["SUCCESS", 1, undefined, "failed"],
  ["HEALTHY", undefined, undefined, "waits"],
  ["HEALTHY", undefined, "HEALTHY", "met"],
  ["HEALTHY", undefined, "UNHEALTHY", "failed"],
  ["HEALTHY", 0, undefined, "failed"],
] as const)("%s, exit code %s, %s: %s", (condition, exitCode, health, expected) => {
  expect(judgeDependency(condition, { exitCode, health })).toBe(expected);
});

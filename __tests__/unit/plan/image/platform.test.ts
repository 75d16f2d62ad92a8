// The platform of the tasks: from the task definition, from Fargate's default, or unknown.

import { expect, test } from "vitest";
import { platformOf, unsupportedPlatforms } from "../../../../src/plan/image/platform.ts";

const fargate = { requiresCompatibilities: ["FARGATE"] };
const onEc2 = { requiresCompatibilities: ["EC2"] };
const forBoth = { requiresCompatibilities: ["EC2", "FARGATE"] };
const graviton = { runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" } };

test.each([
  ["Fargate's default", fargate, {}, "linux/amd64"],
  ["Fargate on ARM", { ...fargate, ...graviton }, {}, "linux/arm64"],
  ["EC2: the instance decides", onEc2, {}, undefined],
  ["EC2 that says so", { ...onEc2, ...graviton }, {}, "linux/arm64"],
  [
    "an external instance",
    { requiresCompatibilities: ["EXTERNAL"] },
    { launchType: "EXTERNAL" },
    undefined,
  ],
  ["nothing said at all", {}, {}, undefined],
  ["both, unknown where", forBoth, {}, undefined],
  ["both, the service is on EC2", forBoth, { launchType: "EC2" }, undefined],
  ["both, the service is on Fargate", forBoth, { launchType: "FARGATE" }, "linux/amd64"],
  [
    "Fargate Spot",
    forBoth,
    { capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT" }] },
    "linux/amd64",
  ],
  [
    "instances of a group",
    forBoth,
    { capacityProviderStrategy: [{ capacityProvider: "graviton" }] },
    undefined,
  ],
  ["managed instances", fargate, { launchType: "MANAGED_INSTANCES" }, undefined],
  [
    "Windows on Fargate",
    { ...fargate, runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" } },
    {},
    "windows/amd64",
  ],
] as const)("%s", (_, definition, service, platform) => {
  expect(platformOf(definition as never, service as never)).toBe(platform);
});

test.each([
  [["linux/amd64"], ["linux/x86_64"], []],
  [["linux/arm64"], ["linux/arm64/v8"], []],
  [["linux/arm64"], ["linux/amd64"], ["linux/arm64"]],
  [["linux/arm64", "linux/amd64"], ["linux/aarch64"], ["linux/amd64"]],
] as const)("%s on %s lacks %s", (needed, offered, lacking) => {
  expect(unsupportedPlatforms(needed, offered)).toEqual(lacking);
});

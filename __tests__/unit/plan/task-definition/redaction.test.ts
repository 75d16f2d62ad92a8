import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../../src/json.ts";
import { diffTaskDefinitions } from "../../../../src/plan/task-definition/diff.ts";
import {
  redactValues,
  secretValuesOf,
} from "../../../../src/plan/task-definition/hidden-values.ts";
import { isShowable } from "../../../../src/plan/task-definition/redaction.ts";

const secret = "hunter2-is-secret";

/** A definition with this text in every place where a user may have put a secret. */
function definitionWith(text: string): JsonObject {
  return {
    family: "api",
    tags: [{ key: "owner", value: text }],
    volumes: [
      {
        name: "data",
        dockerVolumeConfiguration: { driver: "x", driverOpts: { o: text }, labels: { a: text } },
      },
    ],
    proxyConfiguration: { type: "APPMESH", properties: [{ name: "x", value: text }] },
    containerDefinitions: [
      {
        name: "app",
        image: "api:1",
        command: ["serve", "--password", text],
        entryPoint: ["sh", "-c", text],
        environment: [{ name: "A", value: text }],
        environmentFiles: [{ type: "s3", value: text }],
        secrets: [{ name: "B", valueFrom: text }],
        repositoryCredentials: { credentialsParameter: text },
        dockerLabels: { cpu: text, "a.b": text },
        dockerSecurityOptions: [text],
        credentialSpecs: [text],
        systemControls: [{ namespace: "kernel.x", value: text }],
        healthCheck: { command: ["CMD-SHELL", `curl -H ${text}`], interval: 5 },
        logConfiguration: {
          logDriver: "splunk",
          options: { Header: text, "splunk-token": text },
          secretOptions: [{ name: "x", valueFrom: text }],
        },
        firelensConfiguration: { type: "fluentbit", options: { match: text } },
        somethingNewer: { than: text },
      },
    ],
    somethingNewer: text,
  };
}

describe("what may be secret is not shown", () => {
  test.each([
    ["changed", definitionWith(`${secret}-old`), definitionWith(secret)],
    ["added", { family: "api" }, definitionWith(secret)],
    ["removed", definitionWith(secret), { family: "api" }],
  ])("when it is %s", (_, before, after) => {
    const changes = diffTaskDefinitions(before, after);
    expect(changes.length).toBeGreaterThan(15);
    expect(JSON.stringify(changes)).not.toContain("hunter2");
  });

  test.each([
    "containerDefinitions[a].cpu].command",
    "containerDefinitions[app].environment[a].image]",
    "containerDefinitions[app].environment[cpu]",
    "containerDefinitions[app].dockerLabels.cpu",
    'containerDefinitions[app].dockerLabels."].image"',
    "tags[family]",
    "containerDefinitions[app].newer.image",
  ])("behind a name that looks like a path: %s", (path) => {
    expect(isShowable(path)).toBe(false);
  });
});

test.each([
  "cpu",
  "memory",
  "executionRoleArn",
  "runtimePlatform.cpuArchitecture",
  "ephemeralStorage.sizeInGiB",
  "volumes[data].efsVolumeConfiguration.fileSystemId",
  "containerDefinitions[app].image",
  "containerDefinitions[app].portMappings[0].containerPort",
  "containerDefinitions[app].healthCheck.interval",
  "containerDefinitions[app].logConfiguration.options.awslogs-group",
  "deploymentConfiguration.maximumPercent",
  "deploymentConfiguration.deploymentCircuitBreaker.enable",
])("what is structural is shown: %s", (path) => {
  expect(isShowable(path)).toBe(true);
});

test("an error that quotes the request is reported without it", () => {
  const values = secretValuesOf(definitionWith(secret));
  const message = `Invalid request: container app, image api:1, value '${secret}', options {"Header":"${secret}"}`;
  expect(redactValues(message, values)).toBe(
    `Invalid request: container app, image api:1, value '(hidden)', options {"Header":"(hidden)"}`,
  );
});

test("names of variables and short values stay", () => {
  const definition = {
    containerDefinitions: [{ name: "app", environment: [{ name: "DATABASE", value: "no" }] }],
  };
  expect(redactValues("no DATABASE in app", secretValuesOf(definition))).toBe("no DATABASE in app");
});

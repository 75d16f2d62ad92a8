// The calls that Terraform and people make on an account, made by Debian's AWS CLI: it checks each answer against AWS's own model of it.

import { createSimulator, type HttpServer, type Simulator, serve } from "ecs-simulator";
import { RealClock } from "ecs-simulator/clock";
import { scriptedRunner } from "ecs-simulator/tasks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsCli, awsCli, debianAws, installed } from "./aws-cli.ts";

describe.skipIf(!installed(debianAws))("Debian's AWS CLI", () => {
  const clock = new RealClock();
  let simulator: Simulator;
  let server: HttpServer;
  let aws: AwsCli;
  beforeAll(async () => {
    simulator = createSimulator({ clock, runner: scriptedRunner({ clock }) });
    server = await serve(simulator);
    aws = awsCli(debianAws, server.url);
  });
  afterAll(async () => {
    clock.stop();
    await server?.close();
  });

  test("secretsmanager", async () => {
    const secrets = (operation: string, ...args: string[]) =>
      aws.askJson("secretsmanager", operation, ...args);
    const created = await secrets(
      "create-secret",
      "--name",
      "app/db",
      "--secret-string",
      "hush-1",
      "--tags",
      tag,
    );
    const { ARN: arn, VersionId: first } = created;
    expect(arn).toMatch(/:secret:app\/db-\w{6}$/);
    const put = await secrets(
      "put-secret-value",
      "--secret-id",
      "app/db",
      "--secret-string",
      "hush-2",
    );
    expect(put).toMatchObject({ ARN: arn, VersionStages: ["AWSCURRENT"] });
    const [now, previous, described] = await Promise.all([
      secrets("get-secret-value", "--secret-id", arn.slice(0, -7)),
      secrets(
        "get-secret-value",
        "--secret-id",
        arn,
        "--version-stage",
        "AWSPREVIOUS",
        "--version-id",
        first,
      ),
      secrets("describe-secret", "--secret-id", "app/db"),
    ]);
    expect([now.SecretString, previous.SecretString]).toEqual(["hush-2", "hush-1"]);
    expect(Date.parse(now.CreatedDate)).toBeGreaterThan(Date.now() - 60_000);
    expect(described).toMatchObject({
      Name: "app/db",
      Tags: [{ Key: "team", Value: "clock" }],
      VersionIdsToStages: { [first]: ["AWSPREVIOUS"], [put.VersionId]: ["AWSCURRENT"] },
    });
    const { DeletionDate } = await secrets(
      "delete-secret",
      "--secret-id",
      arn,
      "--recovery-window-in-days",
      "7",
    );
    expect(Date.parse(DeletionDate)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    await Promise.all([
      expect(secrets("get-secret-value", "--secret-id", arn)).rejects.toThrow(
        "(InvalidRequestException) when calling the GetSecretValue operation: You can't perform this operation on the secret because it was marked for deletion.",
      ),
      expect(secrets("get-secret-value", "--secret-id", "missing")).rejects.toThrow(
        "(ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret.",
      ),
    ]);
    expect(JSON.stringify(simulator.calls)).not.toContain("hush");
    expect(simulator.secrets()).toEqual(expect.arrayContaining(["hush-1", "hush-2"]));
  });

  test("logs: a group as Terraform creates it, and the log lines of a task", async () => {
    const logs = (operation: string, ...args: string[]) => aws.askJson("logs", operation, ...args);
    const group = ["--log-group-name", "/ecs/app"];
    await logs("create-log-group", ...group, "--tags", "team=clock");
    await logs("put-retention-policy", ...group, "--retention-in-days", "30");
    const { logGroups } = await logs("describe-log-groups", "--log-group-name-prefix", "/ecs/app");
    expect(logGroups).toMatchObject([{ logGroupName: "/ecs/app", retentionInDays: 30 }]);
    const resource = ["--resource-arn", logGroups[0].arn.replace(/:\*$/, "")];
    await logs("tag-resource", ...resource, "--tags", "stage=test");
    simulator.logs.put("/ecs/app", "app/1", "started");
    simulator.logs.put("/ecs/app", "app/2", "no database");
    const [tags, read, found] = await Promise.all([
      logs("list-tags-for-resource", ...resource),
      logs("get-log-events", ...group, "--log-stream-name", "app/1", "--start-from-head"),
      logs("filter-log-events", ...group, "--filter-pattern", "database"),
      expect(logs("create-log-group", ...group)).rejects.toThrow(
        "(ResourceAlreadyExistsException)",
      ),
      expect(logs("put-retention-policy", ...group, "--retention-in-days", "31")).rejects.toThrow(
        "(InvalidParameterException)",
      ),
    ]);
    expect(tags.tags).toEqual({ team: "clock", stage: "test" });
    expect(read.events).toMatchObject([{ message: "started" }]);
    expect(found.events).toMatchObject([{ logStreamName: "app/2", message: "no database" }]);
    await logs("untag-resource", ...resource, "--tag-keys", "stage");
    await logs("delete-log-group", ...group);
  });

  test("ecs: a new cluster, a service, tags, an update, and everything deleted", async () => {
    const ecs = (operation: string, ...args: string[]) => aws.askJson("ecs", operation, ...args);
    const insights = [
      "--settings",
      "name=containerInsights,value=enabled",
      "--tags",
      "key=team,value=clock",
    ];
    const { cluster } = await ecs("create-cluster", "--cluster-name", "clockko", ...insights);
    const described = await ecs(
      "describe-clusters",
      "--clusters",
      "clockko",
      "--include",
      "TAGS",
      "SETTINGS",
    );
    expect(described).toMatchObject({
      clusters: [
        {
          clusterArn: cluster.clusterArn,
          status: "ACTIVE",
          tags: [{ key: "team", value: "clock" }],
        },
      ],
      failures: [],
    });
    expect(described.clusters[0].settings).toEqual([
      { name: "containerInsights", value: "enabled" },
    ]);
    const containers = JSON.stringify([
      { name: "backend", image: "app:1", essential: true, memory: 128 },
    ]);
    const family = ["--family", "clockko-backend", "--container-definitions", containers];
    const { taskDefinition } = await ecs(
      "register-task-definition",
      ...family,
      "--tags",
      "key=team,value=clock",
    );
    const name = ["--cluster", "clockko", "--service-name", "clockko-backend"];
    const { service } = await ecs(
      ...[
        "create-service",
        ...name,
        "--task-definition",
        taskDefinition.taskDefinitionArn,
        "--desired-count",
        "1",
      ],
    );
    const tagged = ["--resource-arn", service.serviceArn];
    await ecs("tag-resource", ...tagged, "--tags", "key=team,value=clock", "key=stage,value=test");
    await ecs("untag-resource", ...tagged, "--tag-keys", "stage");
    const of = ["--cluster", "clockko", "--service", "clockko-backend"];
    const [tags, revision, services, updated] = await Promise.all([
      ecs("list-tags-for-resource", ...tagged),
      ecs("describe-task-definition", "--task-definition", "clockko-backend", "--include", "TAGS"),
      ecs(
        "describe-services",
        "--cluster",
        "clockko",
        "--services",
        "clockko-backend",
        "--include",
        "TAGS",
      ),
      ecs("update-service", ...of, "--desired-count", "0"),
      expect(ecs("delete-cluster", "--cluster", "clockko")).rejects.toThrow(
        "(ClusterContainsServicesException)",
      ),
      expect(
        ecs("list-tags-for-resource", "--resource-arn", `${service.serviceArn}2`),
      ).rejects.toThrow("(ResourceNotFoundException)"),
    ]);
    expect(tags.tags).toEqual([{ key: "team", value: "clock" }]);
    expect(revision).toMatchObject({
      taskDefinition: { revision: 1 },
      tags: [{ key: "team", value: "clock" }],
    });
    expect(services.services).toMatchObject([{ serviceName: "clockko-backend", tags: tags.tags }]);
    expect(updated.service.desiredCount).toBe(0);
    await ecs("delete-service", ...of, "--force");
    await expect
      .poll(
        () =>
          simulator.ecs.describeService({ cluster: "clockko", service: "clockko-backend" }).status,
        {
          timeout: 30_000,
        },
      )
      .toBe("INACTIVE");
    const { taskDefinition: old } = await ecs(
      "deregister-task-definition",
      "--task-definition",
      "clockko-backend:1",
    );
    expect(old.status).toBe("INACTIVE");
    expect((await ecs("delete-cluster", "--cluster", "clockko")).cluster.status).toBe("INACTIVE");
  });
});

const tag = '{"Key": "team", "Value": "clock"}';

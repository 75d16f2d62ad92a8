// What Terraform asks for beside deployments: clusters and log groups with their settings, tags by ARN, and that they go again.

import { describe, expect, it } from "vitest";
import { VirtualClock } from "../src/clock.ts";
import type { CallContext } from "../src/contract.ts";
import { createLogs } from "../src/logs/logs.ts";
import { createTestWorld, steadyWorld } from "./ecs/fixture.ts";

const error = (name: string, message?: string) =>
  expect.objectContaining({ name, ...(message && { message }) });

describe("clusters", () => {
  const tags = [{ key: "team", value: "clock" }];
  const settings = [{ name: "containerInsights", value: "enhanced" }];

  it("settings and tags are returned if requested", () => {
    const { call } = createTestWorld();
    expect(call("CreateCluster", { clusterName: "c", tags, settings }).cluster).toMatchObject({
      tags,
      settings,
    });
    const [bare] = call("DescribeClusters", { clusters: ["c"] }).clusters;
    expect([bare.tags, bare.settings]).toEqual([[], []]);
    const [whole] = call("DescribeClusters", {
      clusters: ["c"],
      include: ["TAGS", "SETTINGS"],
    }).clusters;
    expect([whole.tags, whole.settings]).toEqual([tags, settings]);
  });

  it("is deleted when nothing is in it, stays as INACTIVE, and can be made again", () => {
    const { call } = createTestWorld();
    expect(call("DeleteCluster", { cluster: "shop" }).cluster).toMatchObject({
      status: "INACTIVE",
    });
    expect(call("DescribeClusters", { clusters: ["shop"] }).clusters).toMatchObject([
      { status: "INACTIVE" },
    ]);
    expect(() => call("DeleteCluster", { cluster: "shop" })).toThrow(
      error("ClusterNotFoundException"),
    );
    expect(call("CreateCluster", { clusterName: "shop" }).cluster).toMatchObject({
      status: "ACTIVE",
    });
  });

  it("is not deleted with a service or a task in it", () => {
    const { call, register } = steadyWorld();
    const deletion = () => call("DeleteCluster", { cluster: "shop" });
    expect(deletion).toThrow(
      error(
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
      ),
    );
    const networkConfiguration = { awsvpcConfiguration: { subnets: ["subnet-1"] } };
    call("CreateCluster", { clusterName: "jobs" });
    call("RunTask", { cluster: "jobs", taskDefinition: register(), networkConfiguration });
    expect(() => call("DeleteCluster", { cluster: "jobs" })).toThrow(
      error("ClusterContainsTasksException"),
    );
  });
});

describe("tags", () => {
  it("of cluster, service, task definition and task: added, changed, removed", () => {
    const { call, service, tasks, deployments } = steadyWorld();
    const { clusterArn, serviceArn } = service();
    const resources = [
      clusterArn,
      serviceArn,
      deployments()[0]?.taskDefinition,
      tasks()[0]?.taskArn,
    ];
    for (const resourceArn of resources) {
      const put = (key: string, value: string) =>
        call("TagResource", { resourceArn, tags: [{ key, value }] });
      put("team", "clock");
      put("stage", "test");
      put("team", "watch");
      call("UntagResource", { resourceArn, tagKeys: ["stage", "missing"] });
      expect(call("ListTagsForResource", { resourceArn }).tags).toEqual([
        { key: "team", value: "watch" },
      ]);
    }
    const described = call("DescribeServices", {
      cluster: "shop",
      services: ["web"],
      include: ["TAGS"],
    });
    expect(described.services[0].tags).toEqual([{ key: "team", value: "watch" }]);
  });

  it("of what is not there, of no ARN, and more than fifty", () => {
    const { call } = createTestWorld();
    const list = (resourceArn: string) => () => call("ListTagsForResource", { resourceArn });
    const cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/shop";
    expect(list(`${cluster}2`)).toThrow(
      error("ResourceNotFoundException", "The specified resource wasn't found."),
    );
    expect(list("shop")).toThrow(error("InvalidParameterException"));
    const tags = Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: "" }));
    expect(() => call("TagResource", { resourceArn: cluster, tags })).toThrow(
      error("InvalidParameterException"),
    );
  });
});

describe("log groups", () => {
  const arn = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app";
  const name = { logGroupName: "/ecs/app" };

  function createWorld() {
    const logs = createLogs({ clock: new VirtualClock(1_000_000) });
    // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
    const call = (operation: string, input: object): any =>
      logs.service.operations[operation]!(input, {} as CallContext);
    return { call, group: () => call("DescribeLogGroups", {}).logGroups[0] };
  }

  it("retention is set and removed; only the periods that AWS has", () => {
    const { call, group } = createWorld();
    call("CreateLogGroup", { ...name, kmsKeyId: "arn:key", logGroupClass: "INFREQUENT_ACCESS" });
    expect(group()).toMatchObject({
      arn: `${arn}:*`,
      kmsKeyId: "arn:key",
      logGroupClass: "INFREQUENT_ACCESS",
    });
    expect(group().retentionInDays).toBeUndefined();
    call("PutRetentionPolicy", { ...name, retentionInDays: 30 });
    expect(group().retentionInDays).toBe(30);
    expect(() => call("PutRetentionPolicy", { ...name, retentionInDays: 31 })).toThrow(
      error("InvalidParameterException"),
    );
    call("DeleteRetentionPolicy", name);
    expect(group().retentionInDays).toBeUndefined();
  });

  it("tags by the ARN without its end", () => {
    const { call } = createWorld();
    call("CreateLogGroup", { ...name, tags: { team: "clock", stage: "test" } });
    call("TagResource", { resourceArn: arn, tags: { team: "watch" } });
    call("UntagResource", { resourceArn: arn, tagKeys: ["stage"] });
    expect(call("ListTagsForResource", { resourceArn: arn }).tags).toEqual({ team: "watch" });
    expect(() => call("ListTagsForResource", { resourceArn: `${arn}:*` })).toThrow(
      error("ResourceNotFoundException"),
    );
  });

  it("twice, gone, badly named", () => {
    const { call } = createWorld();
    call("CreateLogGroup", name);
    expect(() => call("CreateLogGroup", name)).toThrow(
      error("ResourceAlreadyExistsException", "The specified log group already exists"),
    );
    call("DeleteLogGroup", name);
    expect(call("DescribeLogGroups", {}).logGroups).toEqual([]);
    for (const operation of ["DeleteLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy"]) {
      expect(() => call(operation, { ...name, retentionInDays: 1 })).toThrow(
        error("ResourceNotFoundException", "The specified log group does not exist."),
      );
    }
    expect(() => call("CreateLogGroup", { logGroupName: "a b" })).toThrow(
      error("InvalidParameterException"),
    );
  });
});

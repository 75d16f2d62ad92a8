// To which revision a service goes back: the newest one that was good, whatever failed since.

import { describe, expect, test } from "vitest";
import type { ObservedService, PastDeployment } from "../../../src/ecs/observed.ts";
import { findRollbackTarget } from "../../../src/plan/rollback-target.ts";

const service = {
  name: "app",
  taskDefinitionArn: "arn:x:task-definition/app:9",
} as ObservedService;

function past(revision: number, status: string, tag = `v${revision}`): PastDeployment {
  return {
    createdAt: Date.UTC(2026, 10, revision),
    status,
    taskDefinitionArn: `arn:x:task-definition/app:${revision}`,
    images: [`123456789012.dkr.ecr.us-east-1.amazonaws.com/app:${tag}`],
  };
}

function wayBack(history: readonly PastDeployment[], tag?: string) {
  const to = tag === undefined ? undefined : { tag };
  return findRollbackTarget({
    service,
    history: { value: history },
    requestedRevision: undefined,
    to,
  });
}

describe("to: TAG", () => {
  test.each(["ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "STOPPED", "IN_PROGRESS"])(
    "a newer deployment of the tag that ended as %s is not preferred to the one that succeeded",
    (status) => {
      const way = wayBack(
        [past(8, status, "v5"), past(5, "SUCCESSFUL", "v5"), past(3, "SUCCESSFUL")],
        "v5",
      );
      expect(way).toMatchObject({ taskDefinitionArn: "arn:x:task-definition/app:5" });
      expect("why" in way && way.why).toContain("which succeeded");
    },
  );

  test("the newest of those that succeeded", () => {
    const history = [
      past(8, "STOPPED", "v5"),
      past(7, "SUCCESSFUL", "v5"),
      past(5, "SUCCESSFUL", "v5"),
    ];
    expect(wayBack(history, "v5")).toMatchObject({
      taskDefinitionArn: "arn:x:task-definition/app:7",
    });
  });

  test("one that failed is taken where there is no other, and its end is named", () => {
    const way = wayBack([past(8, "STOPPED", "v5"), past(3, "SUCCESSFUL")], "v5");
    expect(way).toMatchObject({ taskDefinitionArn: "arn:x:task-definition/app:8" });
    expect("why" in way && way.why).toContain("which ended as STOPPED");
  });
});

test("rollback: the last good one that is not the current one", () => {
  const history = [
    past(9, "SUCCESSFUL"),
    past(8, "ROLLBACK_SUCCESSFUL"),
    past(7, "STOPPED"),
    past(6, "SUCCESSFUL"),
  ];
  expect(wayBack(history)).toMatchObject({ taskDefinitionArn: "arn:x:task-definition/app:6" });
});

// Which service deployment is ours: by the number of its classic id, else by its task definition and the moment.

import { expect, test } from "vitest";
import {
  findServiceDeployments,
  type ServiceDeploymentSource,
} from "../../../src/deployment/describe-deployments.ts";
import type { ServiceDeploymentBrief } from "../../../src/ecs/deployment.ts";
import { arnOf, ours, startedAt } from "./world.ts";

const revisionOf = (number: string) =>
  `arn:aws:ecs:us-east-1:123456789012:service-revision/clockko/api/${number}`;

function listed(arn: string, number: string, createdAt = startedAt): ServiceDeploymentBrief {
  return { arn, createdAt, status: "IN_PROGRESS", targetRevisionArn: revisionOf(number) };
}

/** ECS with these service deployments; `revisions`: task definitions by the revision's number. */
function source(
  briefs: readonly ServiceDeploymentBrief[],
  revisions: Readonly<Record<string, string>>,
) {
  const asked: string[] = [];
  const ecs: ServiceDeploymentSource = {
    listServiceDeployments: async () => briefs,
    describeServiceRevisions: async (arns) => {
      asked.push(...arns);
      return arns.map((arn) => ({
        arn,
        taskDefinitionArn: arnOf(revisions[arn.split("/").at(-1) ?? ""] ?? "?"),
        images: [],
      }));
    },
  };
  return { ecs, asked };
}

test.each([
  ["its revision bears our number", [listed("ours", "2"), listed("other", "7")], "ours"],
  [
    "none bears it, one runs our task definition",
    [listed("other", "7"), listed("ours", "8")],
    "ours",
  ],
  [
    "two run it: the one that began when ours did",
    [listed("later", "8", startedAt + 9_000), listed("ours", "9")],
    "ours",
  ],
  [
    "what ran it before ours began is another",
    [listed("earlier", "8", startedAt - 4_000)],
    undefined,
  ],
  ["no one runs it", [listed("other", "7")], undefined],
  ["ECS has recorded none yet", [], undefined],
])("%s", async (_name, briefs, mine) => {
  const { ecs } = source(briefs, { 7: "api:1", 8: "api:2", 9: "api:2" });
  expect((await findServiceDeployments(ecs, [ours], {})).get(ours.id)).toBe(mine);
});

test("where the number is enough, no revision is read", async () => {
  const { ecs, asked } = source([listed("ours", "2")], {});
  await findServiceDeployments(ecs, [ours], {});
  expect(asked).toEqual([]);
});

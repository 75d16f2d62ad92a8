import { VirtualClock } from "ecs-simulator/clock";
import { expect, test } from "vitest";
import { createArnSearch } from "../../../src/deployment/arn-search.ts";
import type { OwnDeployment } from "../../../src/ecs/deployment.ts";
import { ours } from "./world.ts";

function search(listed: (service: string) => boolean) {
  const clock = new VirtualClock();
  const notices: string[] = [];
  const asked: string[] = [];
  const source = {
    listServiceDeployments: async ({ service }: { readonly service: string }) => {
      asked.push(service);
      if (!listed(service)) return [];
      const number = service.slice(1);
      return [
        {
          arn: `sd/${service}`,
          createdAt: clock.now(),
          status: "",
          targetRevisionArn: `r/${number}`,
        },
      ];
    },
    describeServiceRevisions: async () => [],
  };
  const reporter = { notice: (text: string) => void notices.push(text) };
  const found = createArnSearch({ source, clock, reporter, onIdentified: () => {} });
  return { clock, notices, asked, found };
}

function tracked(count: number): { deployment: OwnDeployment }[] {
  return Array.from({ length: count }, (_, index) => ({
    deployment: {
      ...ours,
      id: `ecs-svc/${index}`,
      service: `s${index}`,
      serviceDeploymentArn: undefined,
    },
  }));
}

test("each of five hundred deployments is found, twenty at a poll", async () => {
  const { found, asked, notices, clock } = search(() => true);
  const all = tracked(500);
  expect(all.filter(found.awaits)).toHaveLength(500);
  for (let poll = 0; poll < 25; poll++) {
    clock.advance(5_000);
    await found.findMissing(all, clock.now() + 60_000);
  }
  expect(all.map(({ deployment }) => deployment.serviceDeploymentArn)).toEqual(
    all.map(({ deployment }) => `sd/${deployment.service}`),
  );
  expect(asked).toHaveLength(500);
  expect(notices).toEqual([]);
});

test("after a minute of searches the fallback to the classic list is said, once for each", async () => {
  const { found, asked, notices, clock } = search((service) => service !== "s1");
  const all = tracked(3);
  for (let poll = 0; poll < 40; poll++) {
    await found.findMissing(all, clock.now() + 60_000);
    clock.advance(3_000);
  }
  expect(notices).toEqual([
    "ECS lists no service deployment of this update for s1: the verdict comes from the classic deployment list, which has less detail.",
  ]);
  expect(asked.filter((service) => service === "s1").length).toBeLessThan(25);
  found.noticeUnlisted(all);
  expect(notices).toHaveLength(1);
});

test("one that ends before it is found is named, too", async () => {
  const { found, notices, clock } = search(() => false);
  const all = tracked(5);
  await found.findMissing(all, clock.now() + 60_000);
  found.noticeUnlisted(all);
  expect(notices).toHaveLength(1);
  expect(notices[0]).toContain("for s0, s1, s2 and 2 more: the verdict comes from");
});

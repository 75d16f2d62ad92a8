// docs/image-tags.md, every cell of it: what becomes of the tags, whatever the repository's rule and whatever is there already.

import type { ImageTagMutability } from "@aws-sdk/client-ecr";
import { describe, expect, test } from "vitest";
import { exitsWith } from "../../simulator/tasks/scripted.ts";
import { commit, setStage } from "../scenarios/support/stage.ts";

const repository = "clockko-backend";

interface Rule {
  readonly setting: ImageTagMutability;
  readonly filters?: readonly string[];
  /** Whether this rule freezes the commit's tag, and `latest`. */
  readonly freezes: { readonly tag: boolean; readonly latest: boolean };
}

const rules: readonly Rule[] = [
  { setting: "MUTABLE", freezes: { tag: false, latest: false } },
  { setting: "IMMUTABLE", freezes: { tag: true, latest: true } },
  { setting: "IMMUTABLE_WITH_EXCLUSION", filters: ["latest"], freezes: { tag: true, latest: false } },
  { setting: "IMMUTABLE_WITH_EXCLUSION", filters: ["dev-*"], freezes: { tag: true, latest: true } },
  { setting: "IMMUTABLE_WITH_EXCLUSION", filters: ["*c2d1*", "la*t"], freezes: { tag: false, latest: false } },
  { setting: "MUTABLE_WITH_EXCLUSION", filters: ["v*"], freezes: { tag: false, latest: false } },
  { setting: "MUTABLE_WITH_EXCLUSION", filters: ["latest"], freezes: { tag: false, latest: true } },
  { setting: "MUTABLE_WITH_EXCLUSION", filters: ["*"], freezes: { tag: true, latest: true } },
];

const tagStates = ["absent", "the same digest", "another digest"] as const;
const choices = ["reuse", "rebuild", "fail"] as const;

const cells = rules.flatMap((rule) =>
  tagStates.flatMap((state) =>
    choices.flatMap((choice) =>
      ["none", "latest"].map((latest) => ({
        ...rule,
        state,
        choice,
        latest,
        name: nameOf(rule, state, choice, latest),
      })),
    ),
  ),
);

function nameOf({ setting, filters }: Rule, state: string, choice: string, latest: string): string {
  return `${setting}${filters ? ` (${filters})` : ""}, tag ${state}, ${choice}, latest-tag ${latest}`;
}

/** The commit's tag as the state says, `latest` on an older image, then the rule. */
async function furnish({ setting, filters, state }: Rule & { readonly state: string }) {
  const stage = await setStage({ docker: { content: "ours" } });
  const { repositories } = stage.simulator.ecr;
  repositories.setTagMutability(repository, "MUTABLE");
  const old = repositories.putImage(repository, { tags: ["latest"], layers: ["old"] });
  if (state !== "absent") await stage.play({ "wait-for-service-stability": "false", "latest-tag": "none" });
  const ours = repositories.tags(repository)[commit];
  if (state === "another digest") repositories.putImage(repository, { tags: [commit], layers: ["another"] });
  const before = repositories.tags(repository)[commit];
  repositories.setTagMutability(repository, setting, filters);
  return { stage, repositories, old, ours, before };
}

describe("tags", () => {
  test.each(cells)("$name", async (cell) => {
    const { stage, repositories, old, ours, before } = await furnish(cell);

    const play = await stage.play({
      "if-image-exists": cell.choice,
      "latest-tag": cell.latest,
      "wait-for-service-stability": "false",
    });
    const tags = repositories.tags(repository);

    const present = cell.state !== "absent";
    const refused = present && (cell.choice === "fail" || (cell.choice === "rebuild" && cell.freezes.tag));
    if (refused) {
      expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageExists" });
      expect(play.dockerCommands).toEqual([]);
      expect(play.calls).not.toContain("ecs:UpdateService");
      expect(tags).toMatchObject({ latest: old, [commit]: before });
      return;
    }
    const reused = present && cell.choice === "reuse";
    expect(play.outcome.passes).toBe(true);
    expect(play.outputs).toMatchObject({ "image-reused": String(reused), "image-tag": commit });
    expect(play.outputs["image-digest"]).toBe(tags[commit]);
    expect(play.dockerCommands.some((command) => command.startsWith("docker push"))).toBe(!reused);
    if (reused) expect(tags[commit]).toBe(before);
    else if (present) expect(tags[commit]).toBe(ours);
    const moves = cell.latest === "latest" && !cell.freezes.latest;
    expect(tags["latest"]).toBe(moves ? tags[commit] : old);
    const told = play.log.some((line) => line.includes('notice: "latest" stays where it is'));
    expect(told).toBe(cell.latest === "latest" && cell.freezes.latest);
  });

  test("a frozen latest that is not there yet is not put: it would stay on this image for ever", async () => {
    const stage = await setStage();
    const { repositories } = stage.simulator.ecr;
    repositories.setTagMutability(repository, "IMMUTABLE");
    const play = await stage.play({ "wait-for-service-stability": "false" });
    expect(play.outcome.passes).toBe(true);
    expect(repositories.tags(repository)["latest"]).toBeUndefined();
  });

  test("several tags name one image; its layers are sent once", async () => {
    const stage = await setStage();
    const play = await stage.play({ "image-tag": `${commit}\nv1.2.3\n1.2` });
    const tags = stage.simulator.ecr.repositories.tags(repository);
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.outputs).toMatchObject({ "image-tag": commit, "image-digest": tags[commit] });
    expect([tags["v1.2.3"], tags["1.2"], tags["latest"]]).toEqual(Array(3).fill(tags[commit]));
    expect(play.dockerCommands.filter((command) => command.startsWith("docker push"))).toHaveLength(1);
  });

  test("a further tag that is frozen on another image is refused before anything is built", async () => {
    const stage = await setStage();
    stage.simulator.ecr.repositories.putImage(repository, { tags: ["v1.2.3"], layers: ["another"] });
    const play = await stage.play({ "image-tag": `${commit}\nv1.2.3` });
    expect(play.outcome).toMatchObject({ reasonCode: "ImageExists" });
    expect(play.annotation).toContain('"v1.2.3"');
    expect(play.dockerCommands).toEqual([]);
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test("a further tag that is taken while we build: told before the service is touched", async () => {
    const stage = await setStage({
      docker: { beforePush: () => void take() },
    });
    const take = () => stage.simulator.ecr.repositories.putImage(repository, { tags: ["v1.2.3"], layers: ["another"] });
    const play = await stage.play({ "image-tag": `${commit}\nv1.2.3` });
    expect(play.outcome).toMatchObject({ reasonCode: "ImageExists" });
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test.each(["accepted", "refused"] as const)(
    "two runs of one commit, the same digest on a frozen tag is %s: both deploy one image",
    async (sameDigestOnFrozenTag) => {
      const stage = await setStage({
        docker: { content: "ours", beforePush: () => raced?.() },
        simulator: { ecr: { sameDigestOnFrozenTag } },
      });
      const { repositories } = stage.simulator.ecr;
      let raced: (() => void) | undefined;
      const first = await stage.play({ "image-tag": "race", "wait-for-service-stability": "false" });
      const digest = first.outputs["image-digest"] ?? "";
      const manifest = repositories.tags(repository)["race"];
      // As if the first run had pushed between our look and our push.
      repositories.setTagMutability(repository, "MUTABLE");
      repositories.deleteRepository(repository);
      repositories.createRepository(repository, { imageTagMutability: "IMMUTABLE" });
      raced = () => {
        raced = undefined;
        repositories.putImage(repository, {
          tags: ["race"],
          layers: ["ours"],
          config: { config: { Labels: labelsOf("race") } },
        });
      };
      const second = await stage.play({ "image-tag": "race", "wait-for-service-stability": "false" });
      expect(second.outcome.passes).toBe(true);
      expect(manifest).toBe(digest);
      expect(second.outputs["image-digest"]).toBe(digest);
      expect(second.outputs["image-digest"]).toBe(repositories.tags(repository)["race"]);
    },
  );

  test("two runs of one commit with other digests on a movable tag: both deploy what the tag names", async () => {
    const stage = await setStage({ docker: { content: "ours", afterPush: () => void overtake() } });
    const { repositories } = stage.simulator.ecr;
    repositories.setTagMutability(repository, "MUTABLE");
    let theirs = "";
    const overtake = () => {
      theirs = repositories.putImage(repository, {
        tags: [commit],
        layers: ["theirs"],
        config: { config: { Labels: labelsOf(commit) } },
      });
    };
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.outputs["image-digest"]).toBe(theirs);
  });
});

function labelsOf(tag: string): Readonly<Record<string, string>> {
  return { "org.opencontainers.image.revision": commit, "org.opencontainers.image.version": tag };
}

describe("latest-when: succeeded", () => {
  test("latest moves only after the rollout", async () => {
    const stage = await setStage();
    const play = await stage.play({ "latest-when": "succeeded" });
    const tags = stage.simulator.ecr.repositories.tags(repository);
    expect(tags["latest"]).toBe(tags[commit]);
    expect(play.calls.indexOf("ecr:PutImage")).toBeGreaterThan(play.calls.indexOf("ecs:UpdateService"));
  });

  test("a rollout that fails leaves latest where it is", async () => {
    const stage = await setStage({ tasks: () => exitsWith(1) });
    const { repositories } = stage.simulator.ecr;
    const old = repositories.putImage(repository, { tags: ["latest"], layers: ["old"] });
    const play = await stage.play({ "latest-when": "succeeded" });
    expect(play.outcome.passes).toBe(false);
    expect(repositories.tags(repository)["latest"]).toBe(old);
  });

  test("a second run of the same commit, when all is well already, moves it too", async () => {
    const stage = await setStage();
    await stage.play({ "latest-tag": "none" });
    stage.clock.advance(5 * 60_000);
    const again = await stage.play({ "latest-when": "succeeded" });
    const tags = stage.simulator.ecr.repositories.tags(repository);
    expect(again.outcome.outcome).toBe("unchanged");
    expect(tags["latest"]).toBe(tags[commit]);
  });

  test("without waiting nobody knows: refused at once", async () => {
    const stage = await setStage();
    const play = await stage.play({ "latest-when": "succeeded", "wait-for-service-stability": "false" });
    expect(play.outcome.reasonCode).toBe("InvalidInput");
    expect(play.calls).toEqual([]);
  });
});

// Every cell of docs/image-tags.md: what happens to the tags, for each rule of the repository and each existing image.

import type { ImageTagMutability } from "@aws-sdk/client-ecr";
import { exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import {
  buildInputsIn,
  isOther,
  labelsOf,
  type Origin,
  origins,
  putLabelled,
} from "../scenarios/support/image-labels.ts";
import { commit, setStage } from "../scenarios/support/stage.ts";

const repository = "clockko-backend";

interface Rule {
  readonly setting: ImageTagMutability;
  readonly filters?: readonly string[];
  /** The tags that this rule makes immutable. */
  readonly immutable: readonly string[];
}

const rules: readonly Rule[] = [
  { setting: "MUTABLE", immutable: [] },
  { setting: "IMMUTABLE", immutable: [commit, "release", "latest"] },
  { setting: "IMMUTABLE_WITH_EXCLUSION", filters: ["latest"], immutable: [commit, "release"] },
  {
    setting: "IMMUTABLE_WITH_EXCLUSION",
    filters: ["dev-*"],
    immutable: [commit, "release", "latest"],
  },
  { setting: "IMMUTABLE_WITH_EXCLUSION", filters: ["*c2d1*", "la*t"], immutable: ["release"] },
  { setting: "MUTABLE_WITH_EXCLUSION", filters: ["v*"], immutable: [] },
  { setting: "MUTABLE_WITH_EXCLUSION", filters: ["latest"], immutable: ["latest"] },
  { setting: "MUTABLE_WITH_EXCLUSION", filters: ["*"], immutable: [commit, "release", "latest"] },
];

const choices = ["auto", "reuse", "rebuild", "fail"] as const;
/** One that holds the commit's sha, and one that does not. */
const deployedTags = [commit, "release"];

let known: Promise<string> | undefined;

/** What this run would write into the label of its image, taken from a separate play. */
function ownBuildInputs(): Promise<string> {
  known ??= setStage().then(async (stage) =>
    buildInputsIn(await stage.play({ "wait-for-service-stability": "false" })),
  );
  return known;
}

type State = "absent" | Origin;
type End = "built" | "reused" | "reused, unknown" | "reused, of another" | "refused";

/** docs/image-tags.md, "The deployed tag". */
function expectedEnd(
  state: State,
  choice: (typeof choices)[number],
  immutable: boolean,
  holdsSha: boolean,
): End {
  if (state === "absent") return "built";
  if (choice === "fail") return "refused";
  if (choice === "rebuild") return immutable ? "refused" : "built";
  if (choice === "reuse") return isOther(state) ? "reused, of another" : "reused";
  if (state === "ours") return "reused";
  if (isOther(state)) return immutable ? "refused" : "built";
  return immutable || holdsSha ? "reused, unknown" : "built";
}

const cells = rules.flatMap((rule) =>
  (["absent", ...origins] as const).flatMap((state) =>
    choices.flatMap((choice) =>
      deployedTags.map((tag) => {
        const end = expectedEnd(state, choice, rule.immutable.includes(tag), tag === commit);
        const filters = rule.filters ? ` (${rule.filters})` : "";
        return {
          ...rule,
          state,
          choice,
          tag,
          end,
          name: `${rule.setting}${filters}, ${tag}: ${state}, ${choice} → ${end}`,
        };
      }),
    ),
  ),
);

/** `latest` on an older image, the deployed tag as the state says, then the rule. */
async function furnish({
  setting,
  filters,
  state,
  tag,
}: Rule & { readonly state: State; readonly tag: string }) {
  const buildInputs = await ownBuildInputs();
  const stage = await setStage({ docker: { content: "built now" } });
  const { repositories } = stage.simulator.ecr;
  repositories.setTagMutability(repository, "MUTABLE");
  const old = repositories.putImage(repository, { tags: ["latest"], layers: ["old"] });
  if (state !== "absent") putLabelled(stage.simulator, [tag], labelsOf(state, buildInputs));
  repositories.setTagMutability(repository, setting, filters);
  return { stage, repositories, old, before: repositories.tags(repository)[tag] };
}

describe("the deployed tag", () => {
  test.each(cells)("$name", async (cell) => {
    const { tag, end } = cell;
    const { stage, repositories, old, before } = await furnish(cell);

    const play = await stage.play({
      "image-tag": tag,
      "if-image-exists": cell.choice,
      "wait-for-service-stability": "false",
    });
    const tags = repositories.tags(repository);
    const log = play.log.join("\n");

    if (end === "refused") {
      expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageExists" });
      expect(play.dockerCommands).toEqual([]);
      expect(play.calls).not.toContain("ecs:UpdateService");
      expect(tags).toMatchObject({ latest: old, [tag]: before });
      return;
    }
    expect(play.outcome.passes).toBe(true);
    expect(play.outputs).toMatchObject({
      "image-reused": String(end !== "built"),
      "image-tag": tag,
    });
    expect(play.outputs["image-digest"]).toBe(tags[tag]);
    expect(play.dockerCommands.some((command) => command.startsWith("docker push"))).toBe(
      end === "built",
    );
    if (end === "built") expect(tags[tag]).not.toBe(before);
    else expect(tags[tag]).toBe(before);
    const frozen = cell.immutable.includes("latest");
    expect(tags["latest"]).toBe(frozen || end === "reused, of another" ? old : tags[tag]);
    expect(log.includes('notice: Tag "latest" was not moved')).toBe(
      frozen && end !== "reused, of another",
    );
    expect(/notice: .* is reused because/.test(log)).toBe(end === "reused, unknown");
    expect(/warning: if-image-exists is "reuse"/.test(log)).toBe(end === "reused, of another");
    expect(log.includes("the tag is moved to it")).toBe(
      end === "built" && cell.choice === "auto" && cell.state !== "absent",
    );
  });

  test.each(rules)("$setting $filters, latest-tag: none", async (rule) => {
    const { stage, repositories, old } = await furnish({ ...rule, state: "absent", tag: commit });
    const play = await stage.play({ "latest-tag": "none", "wait-for-service-stability": "false" });
    expect(play.outcome.passes).toBe(true);
    expect(repositories.tags(repository)["latest"]).toBe(old);
    expect(play.log.join("\n")).not.toContain('"latest" stays');
  });
});

describe("additional tags, by the origin of the image under the deployed tag", () => {
  const further = origins.flatMap((origin) =>
    (["auto", "reuse"] as const).flatMap((choice) =>
      (["MUTABLE", "IMMUTABLE"] as const).map((setting) => ({ origin, choice, setting })),
    ),
  );

  test.each(further)("$origin, $choice, $setting", async ({ origin, choice, setting }) => {
    const buildInputs = await ownBuildInputs();
    const stage = await setStage({ docker: { content: "built now" } });
    const { repositories } = stage.simulator.ecr;
    const theirs = putLabelled(stage.simulator, ["release"], labelsOf(origin, buildInputs));
    repositories.setTagMutability(repository, setting);
    const play = await stage.play({
      "image-tag": `release\n${commit}\nv1.2`,
      "if-image-exists": choice,
      "wait-for-service-stability": "false",
    });
    const tags = repositories.tags(repository);
    const end = expectedEnd(origin, choice, setting === "IMMUTABLE", false);
    if (end === "refused")
      return expect([tags[commit], tags["v1.2"]]).toEqual([undefined, undefined]);
    expect(play.outcome.passes).toBe(true);
    if (end === "built") {
      expect(tags["release"]).not.toBe(theirs);
      expect([tags[commit], tags["v1.2"]]).toEqual(Array(2).fill(tags["release"]));
      return;
    }
    // The sha names this commit's image and no other; any further tag of an image of another build would be a lie.
    expect(tags[commit]).toBe(origin === "ours" ? theirs : undefined);
    expect(tags["v1.2"]).toBe(end === "reused, of another" ? undefined : theirs);
  });
});

describe("tags", () => {
  test("an immutable latest that does not exist is not pushed: it could never be moved", async () => {
    const stage = await setStage();
    const { repositories } = stage.simulator.ecr;
    repositories.setTagMutability(repository, "IMMUTABLE");
    const play = await stage.play({ "wait-for-service-stability": "false" });
    expect(play.outcome.passes).toBe(true);
    expect(repositories.tags(repository)["latest"]).toBeUndefined();
  });

  test("several tags name one image; its layers are pushed once", async () => {
    const stage = await setStage();
    const play = await stage.play({ "image-tag": `${commit}\nv1.2.3\n1.2` });
    const tags = stage.simulator.ecr.repositories.tags(repository);
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.outputs).toMatchObject({ "image-tag": commit, "image-digest": tags[commit] });
    expect([tags["v1.2.3"], tags["1.2"], tags["latest"]]).toEqual(Array(3).fill(tags[commit]));
    expect(play.dockerCommands.filter((command) => command.startsWith("docker push"))).toHaveLength(
      1,
    );
  });

  test("an additional immutable tag on another image is refused before the build", async () => {
    const stage = await setStage();
    stage.simulator.ecr.repositories.putImage(repository, {
      tags: ["v1.2.3"],
      layers: ["another"],
    });
    const play = await stage.play({ "image-tag": `${commit}\nv1.2.3` });
    expect(play.outcome).toMatchObject({ reasonCode: "ImageExists" });
    expect(play.annotation).toContain('"v1.2.3"');
    expect(play.dockerCommands).toEqual([]);
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test("an additional tag taken during the build is reported before the service is touched", async () => {
    const stage = await setStage({
      docker: { beforePush: () => void take() },
    });
    const take = () =>
      stage.simulator.ecr.repositories.putImage(repository, {
        tags: ["v1.2.3"],
        layers: ["another"],
      });
    const play = await stage.play({ "image-tag": `${commit}\nv1.2.3` });
    expect(play.outcome).toMatchObject({ reasonCode: "ImageExists" });
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });
});

describe("another run pushes the same tag between the read and the push", () => {
  interface Race {
    readonly origin: Origin;
    readonly choice: (typeof choices)[number];
    readonly tag: string;
  }
  const races: readonly Race[] = origins.flatMap((origin) =>
    choices.flatMap((choice) => deployedTags.map((tag) => ({ origin, choice, tag }))),
  );

  /** docs/image-tags.md: the immutable tag is taken before our push, the mutable one after it. */
  async function race({ origin, choice, tag }: Race, setting: "IMMUTABLE" | "MUTABLE") {
    const buildInputs = await ownBuildInputs();
    let theirs: string | undefined;
    const take = () => {
      theirs ??= putLabelled(stage.simulator, [tag], labelsOf(origin, buildInputs));
    };
    const docker = setting === "IMMUTABLE" ? { beforePush: take } : { afterPush: take };
    const stage = await setStage({ docker: { content: "built now", ...docker } });
    stage.simulator.ecr.repositories.setTagMutability(repository, setting);
    const play = await stage.play({
      "image-tag": tag,
      "if-image-exists": choice,
      "wait-for-service-stability": "false",
    });
    return { play, theirs };
  }

  test.each(races)("immutable: $origin, $choice, $tag", async (one) => {
    const { play, theirs } = await race(one, "IMMUTABLE");
    const unseen = !isOther(one.origin) && one.origin !== "ours";
    const taken =
      one.choice !== "fail" &&
      (one.origin === "ours" || (unseen && one.choice !== "rebuild" && one.tag === commit));
    if (taken) {
      expect(play.outcome.passes).toBe(true);
      expect(play.outputs).toMatchObject({ "image-reused": "true", "image-digest": theirs });
      expect(play.log.join("\n").includes("of unknown origin")).toBe(unseen);
      return;
    }
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageExists" });
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test.each(races)("mutable: $origin, $choice, $tag", async (one) => {
    const { play, theirs } = await race(one, "MUTABLE");
    if (one.origin === "ours" && one.choice !== "fail") {
      expect(play.outcome.passes).toBe(true);
      expect(play.outputs["image-digest"]).toBe(theirs);
      return;
    }
    const reasonCode = one.choice === "fail" ? "ImageExists" : "ImageMismatch";
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode });
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test.each(["accepted", "refused"] as const)(
    "the same digest on an immutable tag is %s: both runs deploy it",
    async (same) => {
      const buildInputs = await ownBuildInputs();
      const stage = await setStage({
        docker: { content: "ours", beforePush: () => raced?.() },
        simulator: { ecr: { sameDigestOnImmutableTag: same } },
      });
      let raced: (() => void) | undefined;
      const { repositories } = stage.simulator.ecr;
      const first = await stage.play({
        "image-tag": "race",
        "wait-for-service-stability": "false",
      });
      const manifest = repositories.manifest(repository, "race");
      // As if the first run had pushed between our look and our push.
      repositories.deleteRepository(repository);
      repositories.createRepository(repository, { imageTagMutability: "IMMUTABLE" });
      raced = () => {
        raced = undefined;
        const labels = {
          ...labelsOf("ours", buildInputs),
          "org.opencontainers.image.version": "race",
        };
        putLabelled(stage.simulator, ["race"], inOrder(labels), "ours");
      };
      const second = await stage.play({
        "image-tag": "race",
        "wait-for-service-stability": "false",
      });
      expect(second.outcome.passes).toBe(true);
      expect(repositories.manifest(repository, "race")).toBe(manifest);
      expect(second.outputs["image-digest"]).toBe(first.outputs["image-digest"]);
    },
  );

  test("an additional tag is put on the deployed image, even if the deployed tag has moved", async () => {
    const buildInputs = await ownBuildInputs();
    const stage = await setStage({ docker: { content: "built now" } });
    const { repositories } = stage.simulator.ecr;
    repositories.setTagMutability(repository, "MUTABLE");
    stage.onCall = (call) => {
      if (call === "ecr:BatchGetImage")
        putLabelled(stage.simulator, ["release"], labelsOf("another commit", buildInputs));
    };
    const play = await stage.play({
      "image-tag": `release\n${commit}\nv1.2`,
      "wait-for-service-stability": "false",
    });
    const tags = repositories.tags(repository);
    const digest = play.outputs["image-digest"];
    expect([tags[commit], tags["v1.2"], tags["latest"]]).toEqual([digest, digest, digest]);
    expect(tags["release"]).not.toBe(digest);
  });
});

/** As the builder gets them. */
function inOrder(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = [
    "org.opencontainers.image.revision",
    "org.opencontainers.image.version",
    "io.github.deploy-ecs.build-inputs",
  ];
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? ""]));
}

describe("latest-when: succeeded", () => {
  test("latest moves only after the rollout", async () => {
    const stage = await setStage();
    const play = await stage.play({ "latest-when": "succeeded" });
    const tags = stage.simulator.ecr.repositories.tags(repository);
    expect(tags["latest"]).toBe(tags[commit]);
    expect(play.calls.indexOf("ecr:PutImage")).toBeGreaterThan(
      play.calls.indexOf("ecs:UpdateService"),
    );
  });

  test("a failed deployment does not move latest", async () => {
    const stage = await setStage({ tasks: () => exitsWith(1) });
    const { repositories } = stage.simulator.ecr;
    const old = repositories.putImage(repository, { tags: ["latest"], layers: ["old"] });
    const play = await stage.play({ "latest-when": "succeeded" });
    expect(play.outcome.passes).toBe(false);
    expect(repositories.tags(repository)["latest"]).toBe(old);
  });

  test("a second run of the same commit moves it as well", async () => {
    const stage = await setStage();
    await stage.play({ "latest-tag": "none" });
    stage.clock.advance(5 * 60_000);
    const again = await stage.play({ "latest-when": "succeeded" });
    const tags = stage.simulator.ecr.repositories.tags(repository);
    expect(again.outcome.outcome).toBe("unchanged");
    expect(tags["latest"]).toBe(tags[commit]);
  });

  test("refused without wait-for-service-stability", async () => {
    const stage = await setStage();
    const play = await stage.play({
      "latest-when": "succeeded",
      "wait-for-service-stability": "false",
    });
    expect(play.outcome.reasonCode).toBe("InvalidInput");
    expect(play.calls).toEqual([]);
  });
});

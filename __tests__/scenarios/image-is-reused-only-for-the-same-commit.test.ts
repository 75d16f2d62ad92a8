// The image under a tag is the image of this commit and of this build, or it is not reused.

import { describe, expect, test } from "vitest";
import { movesOf } from "./support/changes.ts";
import {
  buildInputsIn,
  buildInputsLabel,
  otherCommit,
  putLabelled,
  revisionLabel,
} from "./support/image-labels.ts";
import { changesOf } from "./support/no-changes.ts";
import {
  commit,
  type InputTexts,
  type Stage,
  type StageOptions,
  setStage,
} from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const repository = "clockko-backend";
const commits = ["1", "2", "3"].map((digit) => digit.repeat(40)) as [string, string, string];

async function stageWithFolders(options: StageOptions = {}): Promise<Stage> {
  const stage = await setStage(options);
  stage.surroundings.kindOf = (path) => (/Dockerfile$/.test(path) ? "file" : "folder");
  return stage;
}

async function mutableStage(options: StageOptions = {}): Promise<Stage> {
  const stage = await stageWithFolders(options);
  stage.simulator.ecr.repositories.setTagMutability(repository, "MUTABLE");
  return stage;
}

/** One push to main after the other, each with a whole run. */
async function push(stage: Stage, sha: string, inputs: InputTexts) {
  stage.commit = sha;
  const play = await stage.play(inputs);
  stage.clock.advance(10 * 60_000);
  return play;
}

function builds({ dockerCommands }: { readonly dockerCommands: readonly string[] }): number {
  return dockerCommands.filter((command) => command.startsWith("docker build ")).length;
}

/** The digest that the newest task of the service runs. */
function runningDigest({ simulator }: Stage): string | undefined {
  const input = { cluster: "clockko", serviceName: repository };
  const principal = {
    accountId: simulator.accountId,
    arn: "arn:aws:iam::123456789012:root",
    accessKeyId: "test",
  };
  const context = { principal, host: "localhost", requestId: "test" };
  const call = (operation: string, given: object) =>
    simulator.ecs.service.operations[operation]?.(given, context) as unknown;
  const { taskArns } = call("ListTasks", input) as { readonly taskArns: readonly string[] };
  const { tasks } = call("DescribeTasks", { cluster: "clockko", tasks: taskArns }) as {
    readonly tasks: readonly {
      readonly containers: readonly { readonly imageDigest?: string }[];
    }[];
  };
  return tasks.at(-1)?.containers[0]?.imageDigest;
}

describe("three pushes in a row", () => {
  test("image-tag: latest is built and deployed each time", async () => {
    const stage = await mutableStage();
    const digests = new Set<string>();
    for (const sha of commits) {
      const play = await push(stage, sha, { "image-tag": "latest" });
      expect(play.outcome.outcome).toBe("succeeded");
      expect(builds(play)).toBe(1);
      expect(play.calls).toContain("ecs:UpdateService");
      expect(runningDigest(stage)).toBe(play.outputs["image-digest"]);
      digests.add(play.outputs["image-digest"] ?? "");
    }
    expect(digests.size).toBe(3);
  });

  test("image-tag: staging and the sha: each sha names the image of its own commit", async () => {
    const stage = await mutableStage();
    const digests: Record<string, string> = {};
    for (const sha of commits) {
      const play = await push(stage, sha, { "image-tag": `staging\n${sha}` });
      expect(play.outcome.outcome).toBe("succeeded");
      digests[sha] = play.outputs["image-digest"] ?? "";
    }
    const tags = stage.simulator.ecr.repositories.tags(repository);
    expect(tags).toMatchObject({
      ...digests,
      staging: digests[commits[2]],
      latest: digests[commits[2]],
    });
    expect(new Set(Object.values(digests)).size).toBe(3);
  });

  test("the second push logs the old and the new commit of the tag in one line", async () => {
    const stage = await mutableStage();
    await push(stage, commits[0], { "image-tag": "staging" });
    const play = await push(stage, commits[1], { "image-tag": "staging" });
    const reported = play.log.filter(
      (line) => line.includes(commits[0]) && line.includes(commits[1]),
    );
    expect(reported).toHaveLength(1);
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/image-of-another-commit-under-a-mutable-tag.txt",
    );
  });
});

describe("one commit, built in two ways", () => {
  const staging = { "build-args": "API=https://staging.example.com" };
  const production = { "build-args": "API=https://example.com" };

  test("a mutable tag: the second job builds its own image", async () => {
    const stage = await mutableStage();
    const first = await push(stage, commit, staging);
    const second = await push(stage, commit, production);
    expect(builds(second)).toBe(1);
    expect(second.outputs["image-digest"]).not.toBe(first.outputs["image-digest"]);
    expect(second.log.join("\n")).toContain("was built with other build-args");
    expect(runningDigest(stage)).toBe(second.outputs["image-digest"]);
  });

  test("a build argument that takes its value from the job's environment counts with that value", async () => {
    const stage = await mutableStage();
    stage.environment["NODE_ENV"] = "staging";
    const first = await push(stage, commit, { "build-args": "NODE_ENV" });
    stage.environment["NODE_ENV"] = "production";
    const second = await push(stage, commit, { "build-args": "NODE_ENV" });
    expect(first.dockerCommands.join("\n")).toContain("--build-arg NODE_ENV=staging");
    expect(second.dockerCommands.join("\n")).toContain("--build-arg NODE_ENV=production");
    expect(second.log.join("\n")).toContain("was built with other build-args");
  });

  test("an immutable tag: refused before the build, with a tag per environment as the remedy", async () => {
    const stage = await setStage();
    await push(stage, commit, staging);
    const play = await push(stage, commit, production);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "ImageExists" });
    expect(play.annotation).toContain("was built with other build-args");
    expect(play.annotation).toContain("github.sha }}-production");
    expect(play.dockerCommands).toEqual([]);
    expect(movesOf(play)).toEqual([]);
  });

  test.each<{ name: string; inputs: InputTexts }>([
    { name: "target", inputs: { target: "prod" } },
    { name: "file", inputs: { file: "other/Dockerfile" } },
    { name: "context", inputs: { context: "app", file: "Dockerfile" } },
    { name: "platforms", inputs: { platforms: "linux/amd64,linux/arm64" } },
    { name: "build-contexts", inputs: { "build-contexts": "shared=../shared" } },
    { name: "labels", inputs: { labels: "team=a" } },
    { name: "build-secrets", inputs: { "build-secrets": "TOKEN=hush" } },
    { name: "ssh", inputs: { ssh: "default" } },
  ])("$name makes another image", async ({ name, inputs }) => {
    const own = { driver: "docker-container" };
    const stage = await stageWithFolders({ docker: { buildx: own } });
    await push(stage, commit, { file: "Dockerfile" });
    const play = await push(stage, commit, { file: "Dockerfile", ...inputs });
    expect(play.outcome.reasonCode).toBe("ImageExists");
    expect(play.annotation).toContain(`was built with other ${name}`);
  });

  test.each<{ name: string; inputs: InputTexts }>([
    { name: "no-cache", inputs: { "no-cache": "true" } },
    { name: "pull", inputs: { pull: "true" } },
    { name: "builder", inputs: { builder: "docker" } },
    { name: "the value of a secret", inputs: { "build-secrets": "TOKEN=another" } },
    { name: "the order of build arguments", inputs: { "build-args": "B=2\nA=1" } },
    { name: "another spelling of the context", inputs: { context: "./" } },
    { name: "another spelling of the platform", inputs: { platforms: "linux/x86_64" } },
    {
      name: "a label with the time",
      inputs: { labels: "org.opencontainers.image.created=2026-11-27T12:00:00Z" },
    },
  ])("$name makes no other image", async ({ inputs }) => {
    const before = { "build-args": "A=1\nB=2", "build-secrets": "TOKEN=hush" };
    const stage = await stageWithFolders({ docker: { client: "20.10.24" } });
    const first = await push(stage, commit, before);
    const play = await push(stage, commit, { ...before, ...inputs });
    expect(play.annotation).toBe("");
    expect(builds(play)).toBe(0);
    expect(play.outputs).toMatchObject({
      "image-reused": "true",
      "image-digest": first.outputs["image-digest"],
    });
    expect(play.log.join("\n")).not.toContain("hush");
  });

  test("only the names of secrets are in the image", async () => {
    const stage = await setStage({ docker: { client: "20.10.24" } });
    const one = await push(stage, commit, { "build-secrets": "TOKEN=hush-1", "image-tag": "one" });
    const other = await push(stage, commit, {
      "build-secrets": "TOKEN=hush-2",
      "image-tag": "other",
    });
    expect(buildInputsIn(one)).toBe(buildInputsIn(other));
    expect(buildInputsIn(one)).toMatch(/build-secrets:[0-9a-f]{16}/);
  });
});

test("a user-defined revision label still distinguishes commits", async () => {
  const stage = await mutableStage();
  const inputs = { "image-tag": "staging", labels: "org.opencontainers.image.revision=main" };
  await push(stage, commits[0], inputs);
  const again = await push(stage, commits[0], inputs);
  expect(builds(again)).toBe(0);
  const other = await push(stage, commits[1], inputs);
  expect(builds(other)).toBe(1);
  expect(other.outcome.outcome).toBe("succeeded");
});

test("a dry run shows the same decision, and changes nothing", async () => {
  const stage = await mutableStage();
  await push(stage, commits[0], { "image-tag": "staging" });
  const play = await push(stage, commits[1], { "image-tag": "staging", "dry-run": "true" });
  expect(play.outcome.outcome).toBe("planned");
  expect(play.log.join("\n")).toMatch(
    new RegExp(
      `Would build and push .*staging.*${commits[0]}.*this run deploys commit ${commits[1]}`,
    ),
  );
  expect(changesOf(play)).toEqual([]);
  const refused = await setStage();
  putLabelled(refused.simulator, [commit], { [revisionLabel]: otherCommit });
  expect((await refused.play({ "dry-run": "true" })).outcome.reasonCode).toBe("ImageExists");
});

describe("the labels of an index", () => {
  test.each(["ours", "another commit"])("%s: the attestation is ignored", async (whose) => {
    const stage = await setStage();
    const { repositories } = stage.simulator.ecr;
    const buildInputs = buildInputsIn(await (await setStage()).play());
    const revision = whose === "ours" ? commit : otherCommit;
    const labels = { [revisionLabel]: revision, [buildInputsLabel]: buildInputs };
    const attestation = repositories.putImage(repository, {
      os: "unknown",
      architecture: "unknown",
      layers: ["sbom"],
    });
    repositories.putIndex(
      repository,
      [attestation, putLabelled(stage.simulator, [], labels)],
      [commit],
    );
    const play = await stage.play();
    if (whose === "ours") expect(play.outputs["image-reused"]).toBe("true");
    else expect(play.outcome.reasonCode).toBe("ImageExists");
  });
});

describe("labels without read permission", () => {
  async function play(tag: string, setting: "MUTABLE" | "IMMUTABLE") {
    const stage = await setStage();
    stage.simulator.ecr.repositories.putImage(repository, { tags: [tag], layers: ["theirs"] });
    stage.simulator.ecr.repositories.setTagMutability(repository, setting);
    const denied = {
      kind: "error",
      name: "DENIED",
      message: "not authorized",
      status: 403,
    } as const;
    stage.simulator.faults.add("registry:GET *", denied, 1);
    return stage.play({ "image-tag": tag, "latest-tag": "none" });
  }

  test("an immutable tag is reused, with a notice", async () => {
    const { outcome, outputs, log } = await play("v2", "IMMUTABLE");
    expect(outcome.outcome).toBe("succeeded");
    expect(outputs["image-reused"]).toBe("true");
    expect(log.join("\n")).toMatch(
      /notice: .*v2 is reused because the tag is immutable.*could not be read/,
    );
  });

  test("a tag that holds the sha is reused, with a notice", async () => {
    const { outputs, log } = await play(`web-${commit}`, "MUTABLE");
    expect(outputs["image-reused"]).toBe("true");
    expect(log.join("\n")).toMatch(/notice: .*is reused because the tag holds the commit's sha/);
  });

  test("any other mutable tag is built", async () => {
    expect((await play("v2", "MUTABLE")).outputs["image-reused"]).toBe("false");
  });
});

describe("the same task definition, another image", () => {
  test("a run that failed after its push: the next one deploys, although image and task definition are the same", async () => {
    const stage = await mutableStage();
    await push(stage, commits[0], { "image-tag": "staging" });
    stage.simulator.faults.add("ecs:UpdateService", {
      kind: "error",
      name: "InvalidParameterException",
      message: "no",
      status: 400,
    });
    const failed = await push(stage, commits[1], { "image-tag": "staging" });
    expect(failed.outcome.passes).toBe(false);
    const play = await push(stage, commits[1], { "image-tag": "staging" });
    expect(play.outcome.outcome).toBe("succeeded");
    expect(builds(play)).toBe(0);
    expect(runningDigest(stage)).toBe(play.outputs["image-digest"]);
  });

  test("the same commit again, after a successful run: nothing to do", async () => {
    const stage = await mutableStage();
    await push(stage, commits[0], { "image-tag": "staging" });
    const play = await push(stage, commits[0], { "image-tag": "staging" });
    expect(play.outcome.outcome).toBe("unchanged");
    expect(play.calls).not.toContain("ecs:UpdateService");
  });

  test("if ECS does not report which image runs, a new deployment is started", async () => {
    const stage = await mutableStage();
    await push(stage, commits[0], { "image-tag": "staging" });
    stage.changePolicy = (statements) =>
      statements.map((one) => ({
        ...one,
        Action: [one.Action].flat().filter((action) => action !== "ecs:DescribeServiceRevisions"),
      })) as never;
    const play = await push(stage, commits[0], {
      "image-tag": "staging",
      "wait-for-service-stability": "false",
    });
    expect(play.calls).toContain("ecs:UpdateService");
  });

  test("an existing image whose tag has moved is deployed", async () => {
    const stage = await mutableStage();
    const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repository}:stable`;
    putLabelled(stage.simulator, ["stable"], {}, "one");
    const inputs = { image, "ecr-repository": "" };
    expect((await push(stage, commit, inputs)).outcome.outcome).toBe("succeeded");
    expect((await push(stage, commit, inputs)).outcome.outcome).toBe("unchanged");
    const moved = putLabelled(stage.simulator, ["stable"], {}, "two");
    const play = await push(stage, commit, inputs);
    expect(play.outcome.outcome).toBe("succeeded");
    expect(runningDigest(stage)).toBe(moved);
  });
});

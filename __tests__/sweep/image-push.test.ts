// Faults of the registry: every push succeeds or is reported with its remedy, and the service is unchanged.

import { describe, expect, test } from "vitest";
import { commit, setStage } from "../scenarios/support/stage.ts";

const builders = [
  { name: "docker", docker: {} },
  { name: "buildx", docker: { buildx: true } },
  { name: "buildah", docker: { buildah: true, presence: "none" } },
] as const;

describe.each(builders)("$name: the push", ({ docker }) => {
  test("survives an expired password", async () => {
    const stage = await setStage({
      docker: { ...docker, beforePush: () => expire?.() },
    });
    let expire: (() => void) | undefined = () => {
      expire = undefined;
      stage.simulator.ecr.repositories.expirePasswords();
    };
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.log.join("\n")).toContain("registry password expired");
  });

  test.each([
    { what: "a cut connection", fault: { kind: "reset" } },
    {
      what: "429",
      fault: { kind: "error", name: "TOOMANYREQUESTS", message: "Rate exceeded", status: 429 },
    },
    { what: "500", fault: { kind: "garbage", status: 500, body: "<html>" } },
  ] as const)("survives $what, within a time limit", async ({ fault }) => {
    const stage = await setStage({ docker });
    stage.simulator.faults.add("registry:PUT *", fault, 2);
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.log.filter((line) => line.includes("The push was interrupted"))).toHaveLength(2);

    const never = await setStage({ docker });
    never.simulator.faults.add("registry:PUT *", fault, 99);
    const failed = await never.play();
    expect(failed.outcome).toMatchObject({ outcome: "failed", reasonCode: "PushFailed" });
    expect(failed.calls).not.toContain("ecs:RegisterTaskDefinition");
    expect(failed.elapsedMilliseconds).toBeLessThan(90_000);
    expect(failed.annotation).toContain("uploaded layers are not sent again");
  });

  test.each([
    {
      what: "401",
      fault: {
        kind: "error",
        name: "UNAUTHORIZED",
        message: "authentication required",
        status: 401,
      },
      code: "SignInFailed",
      cure: "Authorization header",
    },
    {
      what: "403",
      fault: {
        kind: "error",
        name: "DENIED",
        message: "not authorized to perform: ecr:PutImage",
        status: 403,
      },
      code: "PushFailed",
      cure: "ecr:InitiateLayerUpload",
    },
    {
      what: "a repository that is gone",
      fault: {
        kind: "error",
        name: "NAME_UNKNOWN",
        message: "The repository with name 'x' does not exist",
        status: 404,
      },
      code: "PushFailed",
      cure: "has been deleted since",
    },
  ] as const)("$what: reported with the remedy, not retried", async ({ fault, code, cure }) => {
    const stage = await setStage({ docker });
    stage.simulator.faults.add("registry:PUT *", fault);
    const play = await stage.play();
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: code });
    expect(play.annotation).toContain(cure);
    expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
  });

  test("an immutable tag pushed by another run meanwhile: its image is used", async () => {
    const stage = await setStage({ docker: { ...docker, beforePush: () => void take() } });
    const take = () =>
      stage.simulator.ecr.repositories.putImage("clockko-backend", {
        tags: [commit],
        layers: ["theirs"],
      });
    const play = await stage.play();
    expect(play.outcome.outcome).toBe("succeeded");
    expect(play.outputs["image-reused"]).toBe("true");
  });
});

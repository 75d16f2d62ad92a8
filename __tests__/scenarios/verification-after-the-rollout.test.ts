// `verify-url` after the rollout: what counts as good, and what a failure does.

import { exitsWith } from "ecs-simulator/tasks";
import { describe, expect, test } from "vitest";
import { byAnotherUser, deploymentsOf, movesOf, revisionOf } from "./support/changes.ts";
import { setExpressStage, shop } from "./support/express.ts";
import { cancelAfter, type Play, type Stage, setStage } from "./support/stage.ts";
import { behindLoadBalancer } from "./support/traffic-shifting.ts";
import { transcript } from "./support/transcript.ts";
import { serveWeb } from "./support/web.ts";

const minute = 60_000;
const verify = { "verify-url": "https://shop.example/health 200 ready" };
const good = { body: '{"status":"ready"}' };

function verdictOf({ outcome }: Play) {
  return `${outcome.outcome} ${outcome.reasonCode}`;
}

function updatesOf({ calls }: Play): number {
  return calls.filter((call) => call.startsWith("ecs:UpdateService")).length;
}

describe("verification of good versions", () => {
  test("three good answers in a row, and latest follows", async () => {
    const stage = await setStage();
    const urls = serveWeb(stage, () => good);
    const play = await stage.play({ ...verify, "latest-when": "succeeded" });
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(urls).toHaveLength(3);
    expect(play.outputs.url).toBe("https://shop.example/health");
    expect(play.calls.at(-1)).toBe("ecr:PutImage");
    expect(play.summary).toContain("good answers in a row");
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-good.txt");
  });

  test("503s while targets change only restart the row", async () => {
    const stage = await setStage();
    serveWeb(stage, ({ count }) => {
      if (count < 20 || count === 22) return 503;
      return good;
    });
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(play.log.join("\n")).toContain("25 answers: 20 × 503, 5 × 200");
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-late-good.txt");
  });

  test("a connection that is refused at first is no failure", async () => {
    const stage = await setStage();
    serveWeb(stage, ({ elapsed }) => {
      if (elapsed < 2 * minute) return { error: "ECONNREFUSED" };
      return good;
    });
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("succeeded Succeeded");
  });

  test("redirects within the host are followed, from http to https too", async () => {
    const stage = await setStage();
    const urls = serveWeb(stage, ({ url }) => {
      if (url.startsWith("http:")) return { status: 301, location: "https://shop.example/" };
      if (url.endsWith("/")) return { status: 302, location: "/home" };
      return 204;
    });
    const play = await stage.play({ "verify-url": "http://shop.example" });
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(urls.slice(0, 3)).toEqual([
      "http://shop.example/",
      "https://shop.example/",
      "https://shop.example/home",
    ]);
  });

  test("an expected redirect is not followed", async () => {
    const stage = await setStage();
    serveWeb(stage, () => ({ status: 302, location: "https://login.example/" }));
    const play = await stage.play({ "verify-url": "https://shop.example/ 302" });
    expect(verdictOf(play)).toBe("succeeded Succeeded");
  });

  test("several URLs must be good at the same time", async () => {
    const stage = await setStage();
    const urls = serveWeb(stage, ({ url, count }) => {
      if (url.includes("api") && count < 10) return 500;
      return 200;
    });
    const play = await stage.play({
      "verify-url": "https://shop.example/\nhttps://api.example/v1",
    });
    expect(verdictOf(play)).toBe("succeeded Succeeded");
    expect(urls.length % 2).toBe(0);
  });

  test("a service that is up to date is verified, too", async () => {
    const stage = await setStage();
    serveWeb(stage, () => good);
    await stage.play(verify);
    stage.clock.advance(60_000);
    const urls = serveWeb(stage, () => 500);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("failed VerificationFailed");
    expect(urls).toHaveLength(30);
    expect(updatesOf(play)).toBe(0);
    expect(play.annotation).toContain("this run has started no deployment of another revision");
  });

  test("not after a deployment that failed", async () => {
    const stage = await setStage({ tasks: () => exitsWith(1) });
    const urls = serveWeb(stage, () => 500);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back RolledBack");
    expect(urls).toEqual([]);
  });

  test("a dry run asks nothing, and has the output url", async () => {
    const stage = await setStage();
    const urls = serveWeb(stage, () => good);
    const play = await stage.play({ ...verify, "dry-run": "true" });
    expect(play.outputs.url).toBe("https://shop.example/health");
    expect(urls).toEqual([]);
  });
});

describe("verification of bad versions", () => {
  test("500 again and again: rolled back after a minute", async () => {
    const stage = await setStage();
    serveWeb(stage, () => ({
      status: 500,
      body: "Traceback:\n  no such table\u001b[31m: entries",
    }));
    const play = await stage.play({ ...verify, "latest-when": "succeeded" });
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(play.exitCode).toBe(1);
    expect(revisionOf(stage)).toBe("clockko-backend:1");
    expect(updatesOf(play)).toBe(2);
    expect(movesOf(play)).not.toContain("ecr:PutImage");
    expect(play.annotation).toContain('500 "Traceback: no such table: entries"');
    expect(play.annotation).toContain("30 answers: 30 × 500.");
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-rolled-back.txt");
  });

  test("keep: the new version keeps running, and the message says so", async () => {
    const stage = await setStage();
    serveWeb(stage, () => 500);
    const play = await stage.play({ ...verify, "on-verify-failure": "keep" });
    expect(verdictOf(play)).toBe("failed VerificationFailed");
    expect(revisionOf(stage)).toBe("clockko-backend:2");
    expect(play.annotation).toContain("It is not rolled back and keeps running: on-verify-failure");
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-kept.txt");
  });

  test("503 until the budget is over", async () => {
    const stage = await setStage();
    serveWeb(stage, () => 503);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(play.annotation).toMatch(/did not give 3 good answers in a row within 4 min 49 s\./);
  });

  test.each([
    ["it hangs", "hangs" as const, "no answer within 10 s"],
    ["wrong text", { body: "starting" }, '200 without "ready" "starting"'],
    [
      "it redirects away",
      { status: 302, location: "https://login.example/?next=1" },
      "302 to https://login.example, which is not followed",
    ],
    [
      "from https to http",
      { status: 301, location: "http://shop.example/health" },
      "301 to http://shop.example, which is not followed",
    ],
    ["it redirects in a ring", { status: 302, location: "/health" }, "302 after 5 redirects"],
    [
      "the certificate has expired",
      { error: "CERT_HAS_EXPIRED" },
      "the TLS certificate has expired",
    ],
    [
      "the certificate is self-signed",
      { error: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      "the TLS certificate is self-signed",
    ],
    [
      "the certificate is that of another host",
      { error: "ERR_TLS_CERT_ALTNAME_INVALID" },
      "the TLS certificate is that of another host",
    ],
    ["the DNS does not know it", { error: "ENOTFOUND" }, "the DNS does not know the host"],
  ])("%s", async (_, answer, quote) => {
    const stage = await setStage();
    serveWeb(stage, () => answer);
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(play.annotation).toContain(`Its last answer: ${quote}`);
    expect(revisionOf(stage)).toBe("clockko-backend:1");
  });

  test("two good answers at the end of the budget are not enough", async () => {
    const stage = await setStage();
    serveWeb(stage, ({ elapsed }) => {
      if (elapsed < 285_500) return 503;
      return good;
    });
    const play = await stage.play(verify);
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(play.annotation).toContain("2 × 200");
  });

  test("the rollback fails: the outcome says so, and never green", async () => {
    const stage = await setStage({ firstTasks: () => exitsWith(1) });
    const running = revisionOf(stage);
    expect(running).toBe("clockko-backend:1");
    serveWeb(stage, () => 500);
    const play = await stage.play(verify);
    expect(play.exitCode).toBe(1);
    expect(play.outcome.reasonCode).toBe("RollbackFailed");
    expect(play.annotation).toContain("30 × 500");
  });

  test("the first deployment of a service has nothing to roll back to", async () => {
    const stage = await setStage();
    serveWeb(stage, () => 500);
    const express = JSON.stringify({
      executionRoleArn: "arn:aws:iam::123456789012:role/clockko-execution",
      infrastructureRoleArn: "arn:aws:iam::123456789012:role/infrastructure",
    });
    const play = await stage.play({ ...verify, service: "new-shop", express });
    expect(verdictOf(play)).toBe("failed VerificationFailed");
    expect(play.annotation).toContain("this is the first deployment");
    expect(updatesOf(play)).toBe(0);
  });

  test("Express Mode: rolled back", async () => {
    const stage = await setExpressStage();
    serveWeb(stage, () => 500);
    const play = await stage.play({ ...shop, ...verify });
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(play.outcome.services[0]?.runningNow).toMatchObject([
      { taskDefinitionArn: expect.stringMatching(/clockko-shop:1$/) },
    ]);
    expect(play.outputs.url).toBe("https://shop.example/health");
  });

  test("several services: all of them are rolled back", async () => {
    const stage = await setStage({ services: ["clockko-worker"] });
    serveWeb(stage, () => 500);
    const play = await stage.play({ ...verify, service: "clockko-backend\nclockko-worker" });
    expect(play.outcome.services.map(({ outcome }) => outcome)).toEqual([
      "rolled-back",
      "rolled-back",
    ]);
    expect(play.outcome.reasonCode).toBe("VerificationFailed");
    expect(play.annotation.match(/30 × 500/g)).toHaveLength(1);
    for (const name of ["clockko-backend", "clockko-worker"])
      expect(revisionOf(stage, name)).toBe(`${name}:1`);
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/verification-several-services.txt",
    );
  });

  test("a rollback that fails its verification is kept", async () => {
    const stage = await setStage();
    await stage.play();
    serveWeb(stage, () => 500);
    const play = await stage.play({ ...verify, rollback: "true" });
    expect(verdictOf(play)).toBe("failed VerificationFailed");
    expect(play.annotation).toContain("this run is a rollback itself");
    expect(revisionOf(stage)).toBe("clockko-backend:1");
  });
});

describe("verification and wait-until", () => {
  async function bakingStage(): Promise<Stage> {
    const stage = await setStage(
      behindLoadBalancer({ strategy: "BLUE_GREEN", bakeTimeInMinutes: 60 }),
    );
    stage.clock.advance(60 * minute);
    return stage;
  }

  test("good at the bake time", async () => {
    const stage = await bakingStage();
    serveWeb(stage, () => good);
    const play = await stage.play({ ...verify, "wait-until": "bake-time" });
    expect(verdictOf(play)).toBe("succeeded ReachedStage");
  });

  test("bad at the bake time: ECS is asked to roll back its deployment", async () => {
    const stage = await bakingStage();
    serveWeb(stage, () => 500);
    const play = await stage.play({ ...verify, "wait-until": "bake-time" });
    expect(verdictOf(play)).toBe("rolled-back VerificationFailed");
    expect(movesOf(play).filter((move) => /UpdateService|Stop/.test(move))).toEqual([
      "ecs:UpdateService",
      "ecs:StopServiceDeployment",
    ]);
    expect(revisionOf(stage)).toBe("clockko-backend:1");
    await expect(transcript(play)).toMatchFileSnapshot(
      "transcripts/verification-at-the-bake-time.txt",
    );
  });

  test("cancelled meanwhile with on-cancel: rollback", async () => {
    const stage = await bakingStage();
    serveWeb(stage, ({ count }) => {
      if (count === 5) cancelAfter(stage, 500);
      return 503;
    });
    const play = await stage.play({
      ...verify,
      "wait-until": "bake-time",
      "on-cancel": "rollback",
    });
    expect(play.outcome.outcome).toBe("cancelled");
    expect(play.annotation).toContain("a rollback was requested (on-cancel)");
    expect(deploymentsOf(stage)[0]?.status).toBe("ROLLBACK_REQUESTED");
  });
});

describe("verification that does not come to an end", () => {
  test("cancelled: within seconds, and the services are reported as they are", async () => {
    const stage = await setStage();
    serveWeb(stage, ({ count }) => {
      if (count === 5) cancelAfter(stage, 500);
      return "hangs";
    });
    const cancelled: { at: number } = { at: 0 };
    stage.controller.signal.addEventListener("abort", () => {
      cancelled.at = stage.clock.now();
    });
    const play = await stage.play({ ...verify, "on-cancel": "rollback" });
    expect(play.outcome.outcome).toBe("cancelled");
    expect(stage.clock.now() - cancelled.at).toBeLessThan(1_000);
    expect(play.annotation).toContain("The verification had not ended.");
    expect(revisionOf(stage)).toBe("clockko-backend:2");
    await expect(transcript(play)).toMatchFileSnapshot("transcripts/verification-cancelled.txt");
  });

  test("too little of wait-for-minutes is left: not verified, and not rolled back", async () => {
    const stage = await setStage();
    const urls = serveWeb(stage, () => 500);
    stage.onCall = (call) => {
      if (call === "ecs:UpdateService") stage.clock.advance(40_000);
    };
    const play = await stage.play({ ...verify, "wait-for-minutes": "1" });
    expect(play.exitCode).toBe(1);
    expect(revisionOf(stage)).toBe("clockko-backend:2");
    expect(urls).toEqual([]);
  });
});

test("verification inputs that contradict others", async () => {
  const stage = await setStage();
  const play = await stage.play({ ...verify, "wait-for-service-stability": "false" });
  expect(verdictOf(play)).toBe("failed InvalidInput");
  expect(play.annotation).toContain("verify-url: needs wait-for-service-stability");

  const kept = await stage.play({ "on-verify-failure": "keep" });
  expect(kept.annotation).toContain("given without verify-url and verify-command");
});

test("verification: a newer deployment of another user is not rolled back", async () => {
  const stage = await setStage();
  serveWeb(stage, ({ count }) => {
    if (count === 10)
      byAnotherUser(stage, "UpdateService", {
        cluster: "clockko",
        service: "clockko-backend",
        forceNewDeployment: true,
      });
    return 500;
  });
  const play = await stage.play(verify);
  expect(verdictOf(play)).toBe("failed RollbackFailed");
  expect(play.annotation).toContain("another deployment has started since (clockko-backend:2");
  expect(updatesOf(play)).toBe(1);
});

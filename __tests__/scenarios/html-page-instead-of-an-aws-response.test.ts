// A captive portal, a proxy's error page, a truncated response: retried like any network fault, then reported as such.

import { describe, expect, test } from "vitest";
import { type Stage, setStage } from "./support/stage.ts";
import { transcript } from "./support/transcript.ts";

const login =
  "<!DOCTYPE html><html><body><form action=/login>Please sign in<br></form></body></html>";
/** Well formed, so that it can be parsed as XML. */
const tidy = "<html><body>Please sign in</body></html>";
const half =
  '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Assume';

const calls = [
  "oidc:GET /_oidc/token",
  "sts:AssumeRoleWithWebIdentity",
  "sts:GetCallerIdentity",
  "ecr:DescribeRepositories",
  "ecs:DescribeServices",
];
const pages = [
  { name: "a login page, HTTP 200", status: 200, body: login },
  { name: "a login page that is XML, HTTP 200", status: 200, body: tidy },
  { name: "a proxy's page, HTTP 502", status: 502, body: login },
  { name: "a proxy's page, HTTP 403", status: 403, body: login },
  { name: "a redirection, HTTP 302", status: 302, body: "" },
  { name: "half an answer", status: 200, body: half },
];

function answerWith(
  stage: Stage,
  call: string,
  { status, body }: (typeof pages)[number],
  times: number,
): void {
  stage.simulator.faults.add(call, { kind: "garbage", status, body }, times);
}

describe.each(pages)("$name", (page) => {
  test.each(calls)("temporarily at %s", async (call) => {
    const stage = await setStage();
    answerWith(stage, call, page, 3);
    expect((await stage.play()).outcome.outcome).toBe("succeeded");
  });

  // A bad gateway of GitHub is reported as a problem of GitHub.
  test.each(calls.filter((call) => page.status !== 502 || !call.startsWith("oidc")))(
    "permanently at %s",
    async (call) => {
      const stage = await setStage();
      answerWith(stage, call, page, 1_000);
      const play = await stage.play();

      expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "AwsUnavailable" });
      expect(play.annotation).toMatch(
        new RegExp(
          `still failed after several attempts: the answer (is (a page|incomplete), (or )?not that of an API|has no credentials|names no account) \\(HTTP ${page.status}`,
        ),
      );
      expect(play.annotation).toContain("login page (captive portal)");
      expect(play.elapsedMilliseconds).toBeLessThan(90_000);
    },
  );
});

test("HTML page instead of an AWS response", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("*", { kind: "garbage", status: 200, body: login }, 1_000);
  const play = await stage.play();
  await expect(transcript(play)).toMatchFileSnapshot(
    "transcripts/html-page-instead-of-an-aws-response.txt",
  );
});

test("a truncated STS response is retried", async () => {
  const stage = await setStage();
  stage.simulator.faults.add("sts:AssumeRoleWithWebIdentity", { kind: "half", operate: true }, 2);
  stage.simulator.faults.add("sts:GetCallerIdentity", { kind: "half", operate: true }, 2);
  expect((await stage.play()).outcome.outcome).toBe("succeeded");
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorCodes } from "../../../src/errors.ts";
import { everyVerb } from "../../../src/inputs/verbs.ts";
import { chatMessage, killedMessage } from "../../../src/report/message.ts";
import { isPass, type Outcome, outcomeNames } from "../../../src/run/outcome.ts";
import {
  aDiagnosis,
  aFailedService,
  aFailure,
  anEnd,
  anOutcome,
  aService,
} from "../run/outcomes.ts";
import { hostileTexts } from "../text/hostile.ts";

const before = [
  {
    taskDefinitionArn: "arn:aws:ecs:us-east-1:123456789012:task-definition/api:1",
    tasks: 2,
    desired: 2,
  },
];
const untouched = {
  progress: "untouched",
  taskDefinitionArn: undefined,
  runningNow: before,
} as const;

function failure(
  code: (typeof errorCodes)[number],
  message: string,
  run: Partial<Outcome> = {},
): Outcome {
  return anOutcome({
    outcome: "failed",
    passes: false,
    reasonCode: code,
    problem: { code, message },
    services: [],
    image: undefined,
    ...run,
  });
}

test.each<[string, Outcome, string]>([
  ["succeeded", anOutcome(), "✅ Deployed api:2 to api. Took 1 min 1 s."],
  [
    "several services succeeded",
    anOutcome({ services: [aService(), aService({ service: "web" })] }),
    "✅ Deployed 2 services. api runs api:2, web runs api:2. Took 1 min 1 s.",
  ],
  [
    "unchanged",
    anOutcome({
      outcome: "unchanged",
      reasonCode: "Unchanged",
      services: [aService({ outcome: "unchanged", reasonCode: "Unchanged" })],
    }),
    "✅ Nothing to do: api is up to date (api:2). Took 1 min 1 s.",
  ],
  [
    "a dry run",
    anOutcome({
      outcome: "planned",
      reasonCode: "Planned",
      services: [
        aService({
          ...untouched,
          outcome: "planned",
          reasonCode: "Planned",
          changes: [{ path: "containerDefinitions[app].image", from: "x/api:v1", to: "x/api:v2" }],
        }),
      ],
    }),
    "📋 Would deploy api: image v1 → v2. api runs api:1. Dry run: nothing was changed. Took 1 min 1 s.",
  ],
  [
    "a stage was reached: what ECS may still do",
    anOutcome({
      reasonCode: "ReachedStage",
      services: [
        aService({
          reasonCode: "ReachedStage",
          runningNow: [...before, ...(aService().runningNow ?? [])],
          end: anEnd({ verdict: { kind: "reached-stage", stage: "BAKE_TIME" } }),
          notice: "api:2 has reached BAKE_TIME. ECS may still roll back until 10:22 UTC.",
        }),
      ],
    }),
    "✅ api:2 has reached the stage BAKE_TIME on api; ECS continues the deployment. ECS may still " +
      "roll back until 10:22 UTC. api runs api:1 and api:2. Took 1 min 1 s.",
  ],
  [
    "rolled back: cause, what runs, time",
    aFailure(),
    '❌ Rolled back: api:2 failed, api runs api:1. Container "app" exited with code 1. Took 1 min 1 s.',
  ],
  [
    "several services failed: whose cause it is",
    aFailure(
      aFailedService({ service: "bad" }),
      aFailedService({ service: "worse", diagnosis: aDiagnosis({ cause: "Out of memory." }) }),
    ),
    '❌ 2 of 2 services failed: bad and worse rolled back. bad: Container "app" exited with code 1. ' +
      "bad runs api:1, worse runs api:1. Took 1 min 1 s.",
  ],
  [
    "superseded: the sentence once",
    aFailure(
      aService({
        outcome: "superseded",
        reasonCode: "RolloutSuperseded",
        runningNow: before,
        end: anEnd({ verdict: { kind: "superseded", by: "x" } }),
        problem: {
          code: "RolloutSuperseded",
          message:
            "Superseded: a newer deployment of api started before api:2 finished: api:3, " +
            "registered by bob.\nRunning now: api:1 (2 of 2 tasks).",
        },
      }),
    ),
    "❌ Superseded: a newer deployment of api started before api:2 finished: api:3, registered by " +
      "bob. api runs api:1. Took 1 min 1 s.",
  ],
  [
    "deleted: nothing is said to run",
    aFailure(
      aService({
        outcome: "failed",
        reasonCode: "ServiceNotActive",
        end: anEnd({ verdict: { kind: "gone" } }),
        problem: { code: "ServiceNotActive", message: "Service api was deleted." },
      }),
    ),
    "❌ api was deleted during the rollout of api:2. Service api was deleted. Took 1 min 1 s.",
  ],
  [
    "wrong inputs",
    failure("InvalidInput", "2 inputs are wrong:\n- cluster: required, but empty\n- to: no"),
    "❌ Invalid input; nothing was changed. 2 inputs are wrong: cluster: required, but empty; to: no. " +
      "Took 1 min 1 s.",
  ],
  [
    "a refusal, without its block of code and the sentence before it",
    failure(
      "RoleRefused",
      "`arn:aws:iam::123456789012:role/ci` does not trust this job. The claims are:\n```text\nsub: x\n```",
    ),
    "❌ Role refused; nothing was changed. 'role/ci' does not trust this job. Took 1 min 1 s.",
  ],
  [
    "a failed build",
    failure("BuildFailed", "Building ./Dockerfile failed (exit code 1):\n```text\nno\n```", {
      services: [aService({ ...untouched, outcome: "failed", reasonCode: "BuildFailed" })],
    }),
    "❌ Build failed; api still runs api:1. Building ./Dockerfile failed (exit code 1). Took 1 min 1 s.",
  ],
  [
    "cancelled",
    failure("Cancelled", "The run was cancelled.", {
      outcome: "cancelled",
      services: [aService({ ...untouched, outcome: "cancelled", reasonCode: "Cancelled" })],
    }),
    "❌ Cancelled; api still runs api:1. The run was cancelled. Took 1 min 1 s.",
  ],
])("%s", (_, outcome, message) => {
  expect(chatMessage(outcome, [])).toBe(message);
});

test("a reason that is too long is cut, and what runs and the time stay", () => {
  const long = aFailure(aFailedService({ diagnosis: aDiagnosis({ cause: "word ".repeat(200) }) }));
  const message = chatMessage(long, []);
  expect(message.length).toBeGreaterThan(280);
  expect(message).toMatch(/^❌ Rolled back: api:2 failed, .* word word… Took 1 min 1 s\.$/);
});

test("accounts, registries and long hashes are left out", () => {
  const digest = "b".repeat(64);
  const text =
    `Image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:${digest} of ` +
    `arn:aws:iam::123456789012:role/x, account 123456789012, commit ${"a".repeat(40)}`;
  expect(chatMessage(failure("Bug", text), [])).toContain(
    `Image api＠sha256:${"b".repeat(12)} of role/x, account (hidden), commit aaaaaaa.`,
  );
});

test("what is masked in the log is hidden, also a line of it, and where it would be cut", () => {
  const secret = "first-line\nsecond-line";
  const text = `${"x".repeat(200)} ${secret} and second-line`;
  const message = chatMessage(failure("Bug", text), [secret, ""]);
  expect(message).not.toMatch(/first|second/);
  expect(chatMessage(failure("Bug", `token s3cr3t`), ["s3cr3t"])).toContain("token (hidden).");
});

test.each([
  ["a ping", "@here and bob@example.com", "＠here and bob＠example.com"],
  ["a link of Slack", "<!channel> <https://x.example|y>", "‹!channel› ‹https://x.example/y›"],
  ["markup", "`a` *b* ~c~ [d](e) $f$", "'a' ∗b∗ ∼c∼ (d)(e) ＄f＄"],
  ["emphasis, but not a name", "_a_ snake_case", "＿a＿ snake_case"],
  [
    "an emoji, but not a time or a call",
    ":key: 10:20:30 ecs:UpdateService:",
    "∶key: 10:20:30 ecs:UpdateService",
  ],
  ["a reference to an issue", "see #12", "see No. 12"],
  ["a command of the runner", "x\n::error::y ##[group]", "x. :∶error::y ##\u200b(group)"],
])("is no markup in a chat: %s", (_, text, shown) => {
  expect(chatMessage(failure("Bug", text), [])).toBe(
    `❌ Internal error; nothing was changed. ${shown}. Took 1 min 1 s.`,
  );
});

describe("every outcome and every code, with any texts", () => {
  const text = fc.oneof(fc.constantFrom(...hostileTexts(100)), fc.string({ maxLength: 600 }));
  const service = fc.record({
    service: text,
    outcome: fc.constantFrom(...outcomeNames),
    reasonCode: fc.constantFrom(...errorCodes),
    progress: fc.constantFrom("untouched", "registered", "update-sent", "updated"),
    notice: fc.option(text, { nil: undefined }),
    diagnosis: fc.option(
      text.map((cause) => aDiagnosis({ cause })),
      { nil: undefined },
    ),
    runningNow: fc.constantFrom(undefined, [], before),
  });
  const run = fc.record({
    services: fc.array(service, { maxLength: 5 }),
    outcome: fc.constantFrom(...outcomeNames),
    code: fc.constantFrom(...errorCodes),
    message: text,
    secret: fc.string({ minLength: 5, maxLength: 30 }).filter((secret) => secret.trim() === secret),
  });

  test("make one line of at most 300 characters, without markup, ping or secret", () => {
    fc.assert(
      fc.property(run, ({ services, outcome, code, message, secret }) => {
        const problem = { code, message: `${message} ${secret}` };
        const reported = chatMessage(
          anOutcome({
            outcome,
            passes: isPass(outcome),
            reasonCode: code,
            problem: isPass(outcome) ? undefined : problem,
            services: services.map((one) =>
              aService({ ...one, problem: isPass(one.outcome) ? undefined : problem }),
            ),
          }),
          [secret],
        );
        expect(reported.length).toBeLessThanOrEqual(300);
        expect(reported).toMatch(/^(✅|❌|⚠️|📋|⏪) \S/u);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
        expect(reported).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029`*~|\\<>[\]@$]/);
        expect(reported.isWellFormed()).toBe(true);
        expect(reported).not.toContain(secret);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(errorCodes)("%s has a sentence of its own", (code) => {
    expect(chatMessage(failure(code, "Why."), [])).toMatch(
      /^❌ .+; nothing was changed\. Why\. Took/,
    );
  });
});

test("the message of a killed step fits, too", () => {
  for (const verb of everyVerb) {
    const message = killedMessage(verb);
    expect(message.length).toBeLessThanOrEqual(300);
    expect(message).not.toMatch(/[\n`*~|\\<>[\]@$]/);
  }
});

// Every row of the tables against texts as AWS writes them, and texts that look alike but say something else.

import { describe, expect, test } from "vitest";
import { placeholderNames } from "../../../src/diagnosis/causes/known-cause.ts";
import { knownCauses } from "../../../src/diagnosis/causes/known-causes.ts";
import {
  causeSentence,
  findCause,
  findCauses,
  remedyText,
} from "../../../src/diagnosis/match-cause.ts";
import { renderTemplate } from "../../../src/diagnosis/placeholders.ts";
import type { Symptom } from "../../../src/diagnosis/symptom.ts";
import {
  agentTexts,
  composedTexts,
  deploymentTexts,
  documentedTexts,
  exited,
  firstTexts,
  type KnownText,
  reportedTexts,
  unconfirmedTexts,
} from "./known-texts.ts";

const signOf = (said: string | Symptom): Symptom =>
  typeof said === "string" ? { text: said } : said;

const sources: Readonly<Record<string, readonly KnownText[]>> = {
  "first list": firstTexts,
  deployments: deploymentTexts,
  "AWS's pages": documentedTexts,
  "the ECS agent": agentTexts,
  reports: reportedTexts,
  composed: composedTexts,
  "from memory": unconfirmedTexts,
};
const cases = Object.entries(sources).flatMap(([source, texts]) =>
  texts.map(([name, said, reported = ""]) => ({ source, name, said, reported })),
);

describe("a known text is recognised", () => {
  test.each(cases)("$source: $name: $said", ({ name, said, reported }) => {
    const sign = signOf(said);
    const cause = findCause(sign);
    expect(cause?.name).toBe(name);
    if (cause) expect(causeSentence(cause, sign)).toContain(reported);
  });

  test("in capitals, in small letters and over several lines as well", () => {
    expect(findCause({ text: "TASK FAILED ELB\n  HEALTH CHECKS in (target-group x)" })?.name).toBe(
      "target-unhealthy",
    );
    expect(findCause({ text: "outofmemoryerror: container killed" })?.name).toBe("out-of-memory");
  });

  test("what is from memory is recognised only by rows for a whole class, which show ECS's words", () => {
    const rows = unconfirmedTexts.map(([, said]) => findCause(signOf(said)));
    expect(rows.map((row) => row?.precedence)).toEqual(rows.map(() => "class"));
  });
});

describe("the tables are whole", () => {
  test.each(cases)(
    "no two rows of one precedence match the same text: $source: $said",
    ({ said }) => {
      const [first, ...others] = findCauses(signOf(said));
      expect(
        others.filter(({ precedence }) => precedence === first?.precedence).map(({ name }) => name),
      ).toEqual([]);
    },
  );

  test("every cause has a text here, and a name of its own", () => {
    const names = knownCauses.map(({ name }) => name);
    const tested = new Set(cases.map(({ name }) => name));
    // What a container waits for has no words of ECS: diagnosis.test.ts has it.
    const ours = ["dependency-failed", "dependency-unhealthy", "dependency-not-met"];
    expect(names.filter((name) => !tested.has(name) && !ours.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(knownCauses)(
    "$name is described in complete sentences, without a placeholder",
    ({ name, cause, remedy, remedyWithLog }) => {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const template of [cause, remedy, remedyWithLog ?? remedy]) {
        const sentence = renderTemplate(template, { text: "" });
        expect(sentence).toMatch(/^[A-Z].*(?:[.)]|\.com|\.env)$/);
        expect(sentence).not.toMatch(/\{\w+\}|undefined| {2}| \.(?!env)|\*\w/);
      }
    },
  );

  test.each(knownCauses)("$name shows ECS's message where its remedy refers to it", (cause) => {
    const { precedence, remedy, quotesEcs } = cause;
    expect(quotesEcs === true).toBe(precedence === "class" || remedy.includes("ECS's message"));
    if (quotesEcs)
      expect(causeSentence(cause, { text: "some words" })).toContain("ECS says: some words");
  });

  test("a log that is not shown is no next step: the reason for that comes first", () => {
    const cause = knownCauses.find(({ name }) => name === "application-error");
    const sign = { text: exited, exitCode: 1, container: "app" };
    expect(cause && remedyText(cause, sign, "shown")).toBe(
      "Its last log lines, shown with this error, say why.",
    );
    expect(cause && remedyText(cause, sign, { reason: "It logged nothing." })).toMatch(
      /^It logged nothing\.\n(?!.*log)/,
    );
  });
});

describe("no text keeps us busy", () => {
  const pieces = [
    "a",
    " ",
    'exec: "a" ',
    "image a.b/",
    "target group ",
    ":role/",
    "x/",
    "(",
    "dependency graph: ",
    "CannotPull EBS volume ",
  ];
  test.each(pieces)("64 KiB of %j", (piece) => {
    const text = piece.repeat(Math.ceil(65_536 / piece.length));
    const startedAt = performance.now();
    const sign = { text, log: text, exitCode: 1, stopCode: "EssentialContainerExited" };
    findCauses(sign);
    for (const { cause } of knownCauses.slice(0, 20)) renderTemplate(cause, sign);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});

describe("a text that is only similar is not", () => {
  const strangers: readonly (readonly [string, Symptom])[] = [
    [
      "exit 137 without the reason is no lack of memory",
      { text: exited, stopCode: "EssentialContainerExited", exitCode: 137 },
    ],
    [
      "memory in a log is not ECS's reason",
      { text: exited, exitCode: 1, log: "java.lang.OutOfMemoryError: Java heap space" },
    ],
  ];
  test.each(strangers)("%s", (_, sign) => {
    expect(findCause(sign)?.name).not.toBe("out-of-memory");
  });

  const unknown: readonly (readonly [string, Symptom])[] = [
    [
      "an exit code alone, when the scheduler stopped the task",
      { text: "Some new reason", stopCode: "ServiceSchedulerInitiated", exitCode: 143 },
    ],
    [
      "an essential container without an exit code",
      { text: exited, stopCode: "EssentialContainerExited" },
    ],
    [
      "a failed start without a reason",
      { text: "Task failed to start", stopCode: "TaskFailedToStart" },
    ],
    ["'not found' that is no pull", { text: "StrangeError: session not found" }],
    ["a log group that is missing elsewhere", { text: "The specified log group does not exist" }],
    [
      "a manifest that is no JSON",
      { text: "CannotPullContainerError: invalid character '<' looking for beginning of value" },
    ],
    [
      "ResourceNotFoundException that is no secret",
      { text: "ResourceNotFoundException: The thing was not found." },
    ],
    [
      "a service that is named after a registry",
      { text: "(service service-registry) deployment failed: tasks failed to start." },
    ],
    [
      "a service that is named like an error",
      { text: "(service efs-mount) was unable to do a new thing." },
    ],
    [
      "balance between availability zones",
      {
        text: "(service shop) is not AZ balanced with 2 tasks in us-east-1a. AZ Rebalancing in progress.",
      },
    ],
    ["a rebalancing that is done", { text: "(service shop) stopped AZ Rebalancing." }],
    ["the word agent elsewhere", { text: "(service agent) has started 1 tasks: (task 0a)." }],
    [
      "a lattice that is registered",
      { text: "(service shop) registered 1 targets in (VPC Lattice target group tg-0a)." },
    ],
    ["an environment file in passing", { text: "the environment file shop.env was read" }],
    [
      "a port number in use of words",
      { text: "(service shop) registered port 8080 as already known" },
    ],
    [
      "an error of a steady state without a reason",
      { text: "(service shop) was unable to reach steady state." },
    ],
    ["a placement without a reason", { text: "(service shop) was unable to place a task." }],
    [
      "a pull that fails in a new way",
      { text: "CannotPullContainerError: the moon is in the wrong phase" },
    ],
    [
      "a start that fails in a new way",
      { text: "CannotStartContainerError: the moon is in the wrong phase" },
    ],
    [
      "address in use in the log of a container that ended well",
      { text: "", exitCode: 0, log: "EADDRINUSE" },
    ],
    [
      "an image that is named after a compression",
      { text: "CannotPullContainerError: something new with image shop/zstd:1" },
    ],
    [
      "the Service Connect proxy that ended well beside a task that a check stopped",
      {
        text: "",
        stopCode: "ServiceSchedulerInitiated",
        container: "ecs-service-connect-a1",
        exitCode: 0,
      },
    ],
    [
      "the end of a deployment",
      { text: "(service shop) (deployment ecs-svc/1) deployment failed: tasks failed to start." },
    ],
    [
      "ELB in another sentence",
      { text: "(service shop) registered 1 targets in (target-group arn)" },
    ],
    [
      "a breaker's sentence",
      {
        text: "Service deployment rolled back because the circuit breaker threshold was exceeded.",
      },
    ],
    [
      "exec format error in the log of a container that ended well",
      { text: "", exitCode: 0, log: "exec /x: exec format error" },
    ],
  ];
  test.each(unknown)("%s is not explained", (_, sign) => {
    expect(findCause(sign)?.name).toBeUndefined();
  });

  test("a task that a check stopped is not blamed on its exit code", () => {
    const sign = {
      text: "Task failed container health checks",
      stopCode: "ServiceSchedulerInitiated",
      exitCode: 137,
    };
    expect(findCause(sign)?.name).toBe("container-unhealthy");
  });

  test("a stop that a user requested is not explained by its free text", () => {
    expect(findCause({ text: "OutOfMemoryError drill", stopCode: "UserInitiated" })?.name).toBe(
      "stopped-by-user",
    );
  });
});

test("the texts of the causes use the placeholders that are filled, and all of them", () => {
  const texts = knownCauses.flatMap(({ cause, remedy, remedyWithLog = "" }) => [
    cause,
    remedy,
    remedyWithLog,
  ]);
  const used = texts.flatMap((text) => text.match(/(?<=\{)\w+(?=\})/g) ?? []);
  const names = used.map((name) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  expect([...new Set(names)].toSorted()).toEqual([...placeholderNames]);
});

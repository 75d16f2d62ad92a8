import { describe, expect, test } from "vitest";
import { renderSummary, summaryBytes } from "../../../../src/report/summary/summary.ts";
import type { Outcome, ServiceOutcome } from "../../../../src/run/outcome.ts";
import type { CountSample, RolloutEnd } from "../../../../src/run/rollout-end.ts";
import {
  aDiagnosis,
  aFailedService,
  aFailure,
  anEnd,
  anOutcome,
  aService,
  noon,
} from "../../run/outcomes.ts";
import { hostileTexts } from "../../text/hostile.ts";
import { readChart } from "../mermaid.ts";
import { allTokensOf, isCode, isTable, tokensOf, visibleText } from "../reading.ts";

test("begins with the headline", () => {
  expect(renderSummary(anOutcome()).split("\n")[0]).toBe(
    "## ✅ Deployed api:2 to api in 1 min 1 s",
  );
});

test("links to the page on each problem's code", () => {
  const link =
    "More about [RolledBack](https://github.com/acme/deploy-ecs/blob/v1/docs/errors.md#rolledback)";
  const two = aFailure(aFailedService({ service: "bad" }), aFailedService({ service: "worse" }));
  expect(renderSummary(aFailure()).split(link)).toHaveLength(2);
  expect(renderSummary(two).split(link)).toHaveLength(3);
});

describe("columns that would be empty are left out", () => {
  const head = (outcome: Outcome) =>
    tokensOf(renderSummary(outcome))
      .find(isTable)
      ?.header.map(({ text }) => text);

  test("no rollout, no column of it", () => {
    expect(head(anOutcome())).toEqual(["Service", "Outcome", "Revision", "Running now"]);
    expect(head(aFailure())).toEqual(["Service", "Outcome", "Revision", "Running now", "Rollout"]);
  });
});

describe("a change that was never made is not listed", () => {
  const changes = [{ path: "memory", from: "512", to: "1024" }];
  const failed = { outcome: "failed", reasonCode: "BuildFailed", changes } as const;
  const summaryOf = (service: Partial<ServiceOutcome>) =>
    renderSummary(aFailure(aService({ ...failed, ...service })));

  test("before the registration there is no change and no arrow", () => {
    const summary = summaryOf({ progress: "untouched" });
    expect(summary).not.toContain("Changed in");
    expect(summary).toContain("| `api:1` |");
  });

  test("a revision that was registered and not deployed is marked", () => {
    const summary = summaryOf({ progress: "registered" });
    expect(summary).toContain(
      "**Changed in the task definition** (`api:2`, registered, not deployed)\n\n- `memory`",
    );
    expect(summary).toContain("| `api:1` |");
  });

  test("a dry run has its plan", () => {
    const summary = renderSummary(
      anOutcome({
        outcome: "planned",
        services: [aService({ outcome: "planned", progress: "untouched", changes })],
      }),
    );
    expect(summary).not.toContain("Changed in");
  });
});

describe("a failure", () => {
  const summary = renderSummary(aFailure());

  test("is reported in the first lines: what happened, why, what runs and what to do", () => {
    expect(summary.split("\n| Service")[0]).toBe(
      [
        "## ❌ Rolled back: api:2 failed, api runs api:1",
        "",
        "> [!CAUTION]",
        '> **Container "app" exited with code 1.**',
        ">",
        "> Deployment of api:2 to service api failed.<br>",
        "> Running now: api:1 (2 of 2 tasks).",
        ">",
        "> **What to do**<br>",
        "> Its log says why.<br>",
        "> To roll back:",
        ">",
        "> ```sh",
        "> aws ecs update-service --cluster clockko --service api --task-definition api:1",
        "> ```",
        ">",
        "> More about [RolledBack](https://github.com/acme/deploy-ecs/blob/v1/docs/errors.md#rolledback)",
        "",
      ].join("\n"),
    );
  });

  test.each([
    { what: "the revision that did not stay", text: "`api:1`&nbsp;→&nbsp;~~`2`~~" },
    { what: "what runs now", text: "`api:1` (2&nbsp;of&nbsp;2)" },
    {
      what: "the log, open",
      text: "<details open>\n<summary>Last 2 lines of container app, task 0123456789abcdef",
    },
    { what: "the breaker", text: "- Circuit breaker **tripped**: 3 failed tasks, it trips at 3" },
    {
      what: "events since the update, and only those",
      text: "<summary>1 service event since the update (UTC)",
    },
    {
      what: "the stopped task",
      text: "[01234567](https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/clockko/tasks/",
    },
    {
      what: "the log stream",
      text: "#logsV2:log-groups/log-group/$252Fecs$252Fapi/log-events/app$252Fapp$252F0123456789abcdef)",
    },
    {
      what: "how its tasks went, in one line",
      text: "**New tasks** 0:00&nbsp;2&nbsp;pending · 0:30&nbsp;3&nbsp;failed\n",
    },
  ])("shows $what", ({ text }) => {
    expect(summary).toContain(text);
  });

  test("has no chart of what one line says", async () => {
    expect(await chartsOf(summary)).toEqual([]);
  });
});

describe("how the tasks went", () => {
  const sample = (second: number, counts: Partial<CountSample>) => ({
    at: noon + second * 1_000,
    desired: 4,
    running: 0,
    pending: 0,
    failed: 0,
    ...counts,
  });
  const summaryOf = (end: Partial<RolloutEnd>) =>
    renderSummary(anOutcome({ services: [aService({ end: anEnd(end) })] }));
  const succeeded = { kind: "succeeded" } as const;
  const few = [sample(0, {}), sample(20, { pending: 4 }), sample(40, { running: 4 })];
  const many = Array.from({ length: 10 }, (_, index) => sample(index * 30, { running: index }));

  test("is not told of a plain success of a few minutes", () => {
    expect(summaryOf({ verdict: succeeded, history: few })).not.toContain("New tasks");
  });

  test("is one line of a success that took long, or had failures", () => {
    const line =
      "**New tasks** 0:00&nbsp;none · 0:20&nbsp;4&nbsp;pending · 0:40&nbsp;4&nbsp;running";
    const slow = summaryOf({ verdict: succeeded, history: few, endedAt: noon + 600_000 });
    expect(slow).toContain(`${line}\n`);
    const failing = [...few, sample(50, { running: 3, failed: 1 })];
    expect(summaryOf({ verdict: succeeded, history: failing })).toContain(
      `${line} · 0:50&nbsp;3&nbsp;running,&nbsp;1&nbsp;failed\n`,
    );
  });

  test("says that none was seen", () => {
    const summary = summaryOf({
      verdict: { kind: "failed", reason: "x" },
      history: [sample(0, {})],
    });
    expect(summary).toContain("**New tasks** none\n");
  });

  test("of one or two tasks is a line, without its middle", () => {
    const history = many.map((one) => ({ ...one, desired: 2, running: one.running % 3 }));
    const summary = summaryOf({ verdict: succeeded, history });
    expect(summary).toContain(
      "**New tasks** 0:00&nbsp;none · 0:30&nbsp;1&nbsp;running · 1:00&nbsp;2&nbsp;running · 1:30&nbsp;none · … · 3:00&nbsp;none · ",
    );
    expect(summary).not.toContain("mermaid");
  });

  test("is a chart where too much happened for a line, with its end and its legend in words", async () => {
    const summary = summaryOf({ verdict: succeeded, history: many, endedAt: noon + 300_000 });
    expect(summary).toContain(
      "**New tasks** 9 of 4 running at the end, at most 0 pending and 0 failed at a time. In the chart, bars are running tasks.\n\n```mermaid\n",
    );
    expect(await chartsOf(summary)).toEqual(["xychart"]);
  });
});

async function chartsOf(summary: string): Promise<readonly string[]> {
  const charts = allTokensOf(summary)
    .filter(isCode)
    .filter(({ lang }) => lang === "mermaid");
  return Promise.all(charts.map(async ({ text }) => (await readChart(text)).type));
}

describe("the time", () => {
  const phase = (title: string, from: number, to: number) => ({
    title,
    startedAt: noon + from,
    endedAt: noon + to,
  });

  test("is one line of the phases of a second or more", () => {
    const phases = [phase("Sign in to AWS", 0, 300), phase("Watch the rollout", 300, 60_300)];
    expect(renderSummary(anOutcome({ phases }))).toContain(
      "\n**Time** 1 min 1 s: Watch the rollout 1 min\n",
    );
  });

  test("is in order, and has no chart", async () => {
    const phases = [
      phase("Sign in", 0, 300),
      phase("Build", 300, 10_000),
      phase("Watch", 10_000, 60_300),
    ];
    const summary = renderSummary(anOutcome({ phases }));
    expect(summary).toContain("**Time** 1 min 1 s: Build 9.7 s · Watch 50 s\n");
    expect(await chartsOf(summary)).toEqual([]);
  });
});

test.each([
  [undefined, "built and pushed"],
  [{ milliseconds: 900, steps: 0, cachedSteps: 0 }, "built and pushed"],
  [
    { milliseconds: 74_000, steps: 6, cachedSteps: 3 },
    "built and pushed, build 1 min 14 s, 3 of 6 steps from the cache",
  ],
])("an image says how it was built: %o", (build, text) => {
  const built = { reference: "x/api:v2", tag: "v2", digest: "sha256:00", reused: false };
  const image = { ...built, build, byContainer: [] };
  expect(renderSummary(anOutcome({ image }))).toContain(`**Image** (${text})<br>`);
});

test("other findings and failed lookups are listed", () => {
  const diagnosis = aDiagnosis({
    otherCauses: [{ cause: "The image could not be pulled.", count: 1 }],
    notes: ["Another image runs."],
    triggeredAlarms: ["too|many"],
    missing: ["log lines: AccessDenied"],
  });
  const summary = renderSummary(aFailure(aFailedService({ diagnosis })));
  expect(summary).toContain(
    "- Also, 1 task: The image could not be pulled.\n- Another image runs.\n",
  );
  expect(summary).toContain("- Alarms that went off: <code>too&#124;many</code>");
  expect(summary).toContain("**Could not be looked up**\n\n- log lines: AccessDenied");
});

test("of several services the failed ones come first, each with a section; the top names each cause", () => {
  const summary = renderSummary(
    aFailure(
      aService({ service: "good" }),
      aFailedService({ service: "bad" }),
      aFailedService({ service: "worse", diagnosis: aDiagnosis({ cause: "Out of memory." }) }),
    ),
  );
  const tables = tokensOf(summary).filter(isTable);
  expect(tables[0]?.rows.map(([service]) => visibleText(service?.text ?? ""))).toEqual([
    "bad",
    "worse",
    "good",
  ]);
  expect(summary.match(/^### .*$/gm)).toEqual([
    "### ❌ Rolled back: api:2 failed, bad runs api:1",
    "### ❌ Rolled back: api:2 failed, worse runs api:1",
  ]);
  expect(summary).not.toContain("<details open>");
});

test("a failure at the top is not repeated in its section, and its log tail is open", () => {
  const summary = renderSummary(aFailure(aFailedService(), aService({ service: "web" })));
  expect(summary.match(/\[!CAUTION\]/g)).toHaveLength(1);
  expect(summary).toContain("### ❌ Rolled back: api:2 failed, api runs api:1\n\n<details open>");
});

test("of several failures the alert at the top names each cause", () => {
  const [first, second] = [
    aFailedService({ service: "bad" }),
    aFailedService({ service: "worse" }),
  ];
  expect(renderSummary(aFailure(first, second))).toContain(
    '> [!CAUTION]\n> - `bad`: Container "app" exited with code 1.\n> - `worse`: Container "app" exited with code 1.\n',
  );
});

test("changes that all services have in common are listed once", () => {
  const changes = [{ path: "memory", from: "512", to: "1024" }];
  const both = [aService({ changes }), aService({ service: "web", changes })];
  const summary = renderSummary(anOutcome({ services: both }));
  expect(summary).toContain(
    "**Changed in the task definition of all 2 services**\n\n- `memory` &nbsp; `512` → `1024`\n",
  );
  expect(summary.match(/Changed in/g)).toHaveLength(1);
  expect(summary).not.toContain("### ");
  const different = [...both, aService({ service: "worker" })];
  expect(renderSummary(anOutcome({ services: different })).match(/Changed in/g)).toHaveLength(2);
});

test("a step of less than a second has no line on its time", () => {
  expect(renderSummary(anOutcome({ endedAt: noon + 999 }))).not.toContain("**Time**");
});

test("values of variables and secrets are not shown", () => {
  const changes = [
    {
      path: "containerDefinitions[app].image",
      from: "123.dkr.ecr.x.amazonaws.com/team/api:v1",
      to: "123.dkr.ecr.x.amazonaws.com/team/api:v2",
    },
    { path: "containerDefinitions[app].environment[TOKEN]", from: "hunter2", to: "hunter3" },
    { path: "containerDefinitions[app].command", from: "hunter2", to: "hunter3" },
    { path: "containerDefinitions[app].environment[x].image", from: "hunter2", to: "hunter3" },
  ];
  const summary = renderSummary(anOutcome({ services: [aService({ changes })] }));
  expect(summary).toContain(
    "- `containerDefinitions[app].image` &nbsp; `team/api:v1` → `team/api:v2`\n",
  );
  expect(summary).toContain(
    "- `containerDefinitions[app].environment[TOKEN]` &nbsp; changed (hidden)\n",
  );
  expect(summary).toContain("- `containerDefinitions[app].command` &nbsp; changed (hidden)\n");
  expect(summary).not.toContain("hunter");
});

/** Every string of it replaced, save what code decides by. */
function spoiled<Value>(value: Value, text: string): Value {
  const kept = new Set(["outcome", "reasonCode", "code", "kind", "status", "progress"]);
  const spoil = (part: unknown, name: string): unknown => {
    if (typeof part === "string") return kept.has(name) ? part : text;
    if (Array.isArray(part)) return part.map((item) => spoil(item, name));
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, member]) => [key, spoil(member, key)]),
    );
  };
  return spoil(value, "") as Value;
}

test("hostile texts everywhere leave the page as it is", () => {
  const clean = aFailure(aFailedService({ changes: [{ path: "x", from: "", to: "" }] }));
  const shape = (markdown: string) =>
    tokensOf(markdown)
      .map(({ type }) => type)
      .filter((type) => type !== "space" && type !== "table");
  const expected = shape(renderSummary(spoiled(clean, "word")));
  for (const text of hostileTexts(150).filter((one) => one.replace(/[^\w|]/g, "") !== "")) {
    const markdown = renderSummary(spoiled(clean, text));
    expect(shape(markdown).join(" "), JSON.stringify(text)).not.toContain("def");
    const html = allTokensOf(markdown)
      .filter(({ type }) => type === "html")
      .map(({ raw }) => raw.trim());
    const allowed =
      /^(<\/?(br|code|span|details|summary)( open)?>|<details( open)?>\n<summary>[^<>]*<\/summary>|<\/details>)$/;
    expect(
      html.filter((tag) => !allowed.test(tag)),
      JSON.stringify(text),
    ).toEqual([]);
    const opened = html.filter((tag) => tag.startsWith("<details")).length;
    expect(
      html.filter((tag) => tag === "</details>"),
      JSON.stringify(text),
    ).toHaveLength(opened);
    expect(
      shape(markdown).filter((type) => type === "heading"),
      JSON.stringify(text),
    ).toEqual(expected.filter((type) => type === "heading"));
  }
});

describe("GitHub's limit", () => {
  const bytes = (outcome: Outcome) => Buffer.byteLength(renderSummary(outcome));
  const services = (count: number, lines: readonly string[]) =>
    Array.from({ length: count }, (_, index) =>
      aFailedService({
        service: `api-${index}`,
        end: anEnd({
          history: Array.from({ length: 20 }, (_, second) => ({
            at: noon + second * 1_000,
            desired: 4,
            running: second % 3,
            pending: 0,
            failed: second,
          })),
        }),
        diagnosis: aDiagnosis({
          logTail: { container: "app", taskId: "1", logGroup: "g", logStream: "s", lines },
        }),
      }),
    );
  const lines = Array.from({ length: 50 }, () => "y".repeat(160));

  test.each([
    {
      name: "log tails go first",
      outcome: aFailure(...services(150, lines)),
      leftOut: "all but the last lines of the log tails",
      charts: true,
    },
    {
      name: "then charts",
      outcome: aFailure(...services(400, lines)),
      leftOut: "log tails and charts",
      charts: false,
    },
    {
      name: "then all that is not needed",
      outcome: aFailure(...services(5_000, lines)),
      leftOut: "",
      charts: false,
    },
  ])("$name", ({ outcome, leftOut, charts }) => {
    const summary = renderSummary(outcome);
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(summaryBytes);
    expect(summary).toContain("_Shortened to stay under GitHub's limit of 1 MiB: ");
    expect(summary).toContain(leftOut);
    expect(summary.includes("xychart-beta")).toBe(charts);
  });

  test("services that are left out are counted", () => {
    expect(renderSummary(aFailure(...services(5_000, lines)))).toMatch(
      /\n… and \d+ services more\.\n/,
    );
  });

  test("is kept for any texts, however long and many", () => {
    const huge = aFailure(...services(300, Array(100).fill("x")));
    for (const text of [
      "$".repeat(3_000),
      "`|".repeat(3_000),
      "😀".repeat(3_000),
      "<&>\n".repeat(3_000),
    ])
      expect(bytes(spoiled(huge, text)), text.slice(0, 4)).toBeLessThanOrEqual(summaryBytes);
  });

  test("a summary that fits does not mention it", () => {
    expect(renderSummary(aFailure())).not.toContain("Shortened");
  });
});

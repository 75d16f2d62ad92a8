import { describe, expect, test } from "vitest";
import { type Outcome, outcomeNames } from "../../../src/report/outcome.ts";
import { renderSummary, summaryBytes } from "../../../src/report/summary.ts";
import { hostileTexts } from "./hostile.ts";
import { readChart } from "./mermaid.ts";
import { aDiagnosis, aFailedService, aFailure, anEnd, anOutcome, aService } from "./outcomes.ts";
import { allTokensOf, isCode, isTable, tokensOf, visibleText } from "./reading.ts";

const headlineOf = (outcome: Outcome) => renderSummary(outcome).split("\n")[0];

test.each([
  { name: "a success", outcome: anOutcome(), expected: "## ✅ Deployed api:2 in 1 min 1 s" },
  {
    name: "several successes",
    outcome: anOutcome({ services: [aService(), aService({ service: "web" })] }),
    expected: "## ✅ Deployed 2 services in 1 min 1 s",
  },
  {
    name: "nothing to do",
    outcome: anOutcome({ outcome: "unchanged", services: [aService({ outcome: "unchanged" })] }),
    expected: "## ✅ Nothing to do: api:2 is up to date",
  },
  {
    name: "a plan",
    outcome: anOutcome({ outcome: "planned", services: [aService({ outcome: "planned" })] }),
    expected: "## 📋 Planned, nothing changed",
  },
  {
    name: "an update that nobody watched",
    outcome: anOutcome({ reasonCode: "NotWatched" }),
    expected: "## ⚠️ Accepted by ECS, not watched",
  },
  { name: "a rollback", outcome: aFailure(), expected: "## ❌ Rolled back: api:2 did not hold" },
  {
    name: "a failure",
    outcome: aFailure(aFailedService({ outcome: "failed", reasonCode: "RolloutFailed" })),
    expected: "## ❌ Not deployed: api:2 (RolloutFailed)",
  },
  {
    name: "one of several failures",
    outcome: aFailure(aFailedService(), aService({ service: "web" })),
    expected: "## ❌ 1 of 2 services failed",
  },
  {
    name: "a newer deployment that is tolerated",
    outcome: { ...aFailure(aFailedService({ outcome: "superseded", tolerated: true })), passes: true },
    expected: "## ⚠️ Superseded: something newer took the place of api:2",
  },
  {
    name: "a mistake in the inputs",
    outcome: anOutcome({
      outcome: "failed",
      passes: false,
      reasonCode: "InvalidInput",
      services: [],
      phases: [],
      problem: { code: "InvalidInput", message: "- service: required, but empty" },
    }),
    expected: "## ❌ Failed: InvalidInput",
  },
])("headline of $name", ({ outcome, expected }) => {
  expect(headlineOf(outcome)).toBe(expected);
});

test("every outcome has a headline of its own", () => {
  const headlines = outcomeNames.map((outcome) =>
    headlineOf(anOutcome({ outcome, services: [aService({ outcome })] })),
  );
  expect(new Set(headlines).size).toBe(outcomeNames.length);
});

describe("a failure", () => {
  const summary = renderSummary(aFailure());

  test("says in its first lines what happened, why, what runs and what to do", () => {
    expect(summary.split("\n| Service")[0]).toBe(
      [
        "## ❌ Rolled back: api:2 did not hold",
        "",
        "> [!CAUTION]",
        '> **Container "app" exited with code 1.**',
        ">",
        "> Service api did not take api:2.<br>",
        "> Running now: api:1 (2 of 2 tasks).",
        ">",
        "> **What to do**<br>",
        "> Its log says why.<br>",
        "> To go back:",
        ">",
        "> ```text",
        "> aws ecs update-service --cluster clockko --service api --task-definition api:1",
        "> ```",
        "",
      ].join("\n"),
    );
  });

  test.each([
    { what: "the revision that did not stay", text: "`api:1`&nbsp;→&nbsp;~~`2`~~" },
    { what: "what runs now", text: "`api:1` (2&nbsp;of&nbsp;2)" },
    { what: "the log, open", text: "<details open>\n<summary>Last 2 lines of container app, task 0123456789abcdef" },
    { what: "the breaker", text: "- Circuit breaker **tripped**: 3 failed tasks, it trips at 3" },
    { what: "events since the update, and only those", text: "<summary>1 service event since the update (UTC)" },
    {
      what: "the stopped task",
      text: "[01234567](https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/clockko/tasks/",
    },
    {
      what: "the log stream",
      text: "#logsV2:log-groups/log-group/$252Fecs$252Fapi/log-events/app$252Fapp$252F0123456789abcdef)",
    },
    {
      what: "the chart's colours in words",
      text: "🟩 running (0 of 2 at the end) &nbsp; 🟨 pending (at most 2) &nbsp; 🟥 failed (3)",
    },
  ])("shows $what", ({ text }) => {
    expect(summary).toContain(text);
  });

  test("has two charts that Mermaid reads", async () => {
    const charts = allTokensOf(summary)
      .filter(isCode)
      .filter(({ lang }) => lang === "mermaid");
    const types = await Promise.all(charts.map(async (chart) => (await readChart(chart.text)).type));
    expect(types).toEqual(["xychart", "gantt"]);
  });
});

test("what else was found, and what could not be, is said", () => {
  const diagnosis = aDiagnosis({
    otherCauses: [{ cause: "The image could not be pulled.", count: 1 }],
    findings: ["Another image runs."],
    triggeredAlarms: ["too|many"],
    missing: ["log lines: AccessDenied"],
  });
  const summary = renderSummary(aFailure(aFailedService({ diagnosis })));
  expect(summary).toContain("- Also, 1 task: The image could not be pulled.\n- Another image runs.\n");
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
  expect(tables[0]?.rows.map(([service]) => visibleText(service?.text ?? ""))).toEqual(["bad", "worse", "good"]);
  expect(summary.match(/^### .*$/gm)).toEqual(["### ❌ bad", "### ❌ worse"]);
  expect(summary).not.toContain("<details open>");
});

test("a failure that is told at the top is not told again in its section, and its log stands open", () => {
  const summary = renderSummary(aFailure(aFailedService(), aService({ service: "web" })));
  expect(summary.match(/\[!CAUTION\]/g)).toHaveLength(1);
  expect(summary).toContain("### ❌ api\n\n<details open>");
});

test("of several failures the alert at the top names each cause", () => {
  const [first, second] = [aFailedService({ service: "bad" }), aFailedService({ service: "worse" })];
  expect(renderSummary(aFailure(first, second))).toContain(
    '> [!CAUTION]\n> - `bad`: Container "app" exited with code 1.\n> - `worse`: Container "app" exited with code 1.\n',
  );
});

test("values of variables and secrets are not shown", () => {
  const changes = [
    {
      path: "containerDefinitions[app].image",
      from: "123.dkr.ecr.x.amazonaws.com/team/api:v1",
      to: "123.dkr.ecr.x.amazonaws.com/team/api:v2",
    },
    { path: "containerDefinitions[app].environment[TOKEN]", from: "hunter2", to: "hunter3" },
    { path: "containerDefinitions[app].environment[x].image", from: "hunter2", to: "hunter3" },
  ];
  const summary = renderSummary(anOutcome({ services: [aService({ changes })] }));
  expect(summary).toContain("- `containerDefinitions[app].image` &nbsp; `team/api:v1` → `team/api:v2`\n");
  expect(summary).toContain("- `containerDefinitions[app].environment[TOKEN]`\n");
  expect(summary).not.toContain("hunter");
});

/** Every string of it replaced, save what code decides by. */
function spoiled<Value>(value: Value, text: string): Value {
  const kept = new Set(["outcome", "reasonCode", "code", "kind", "status"]);
  const spoil = (part: unknown, name: string): unknown => {
    if (typeof part === "string") return kept.has(name) ? part : text;
    if (Array.isArray(part)) return part.map((item) => spoil(item, name));
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, member]) => [key, spoil(member, key)]));
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
        end: anEnd(),
        diagnosis: aDiagnosis({ logTail: { container: "app", taskId: "1", logGroup: "g", logStream: "s", lines } }),
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
    { name: "then charts", outcome: aFailure(...services(400, lines)), leftOut: "log tails and charts", charts: false },
    { name: "then all that is not needed", outcome: aFailure(...services(5_000, lines)), leftOut: "", charts: false },
  ])("$name", ({ outcome, leftOut, charts }) => {
    const summary = renderSummary(outcome);
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(summaryBytes);
    expect(summary).toContain("_Shortened to stay under GitHub's limit of 1 MiB: ");
    expect(summary).toContain(leftOut);
    expect(summary.includes("xychart-beta")).toBe(charts);
  });

  test("what was left out of the services is counted", () => {
    expect(renderSummary(aFailure(...services(5_000, lines)))).toMatch(/\n… and \d+ services more\.\n/);
  });

  test("holds for whatever texts, however long and however many", () => {
    const huge = aFailure(...services(300, Array(100).fill("x")));
    for (const text of ["$".repeat(3_000), "`|".repeat(3_000), "😀".repeat(3_000), "<&>\n".repeat(3_000)])
      expect(bytes(spoiled(huge, text)), text.slice(0, 4)).toBeLessThanOrEqual(summaryBytes);
  });

  test("a summary that fits says nothing of it", () => {
    expect(renderSummary(aFailure())).not.toContain("Shortened");
  });
});

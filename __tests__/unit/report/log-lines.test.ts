import { expect, test } from "vitest";
import type { Observed } from "../../../src/plan/observed.ts";
import {
  describeChange,
  describeDiagnosis,
  describeObserved,
  describeOutcome,
} from "../../../src/report/log-lines.ts";
import { aDiagnosis, aFailedService, aFailure, anEnd, anOutcome } from "../run/outcomes.ts";

const service = anEnd().snapshot.service;
const observed = {
  services: [{ cluster: "clockko", name: "api", observed: service }],
  repository: { name: "api" },
  tags: { v2: undefined },
  externalImages: [],
} as unknown as Observed;
const asked = { image: undefined, rollback: false, to: undefined };

test.each([
  {
    name: "everything there, a new tag",
    found: observed,
    expected: "service api runs api:1 (2 of 2 tasks); repository api; tag v2 does not exist yet",
  },
  {
    name: "the tag is there",
    found: { ...observed, tags: { v2: { digest: "sha256:00" } } } as unknown as Observed,
    expected: "service api runs api:1 (2 of 2 tasks); repository api; tag v2 exists already",
  },
  {
    name: "nothing there",
    found: {
      ...observed,
      services: [{ cluster: "c", name: "web", observed: undefined }],
      repository: undefined,
    },
    expected: "service web not found; repository not found; tag v2 does not exist yet",
  },
])("what was found: $name", ({ found, expected }) => {
  expect(describeObserved(found, asked)).toBe(expected);
});

test.each([
  {
    name: "there",
    found: { ...observed, externalImages: [{ digest: "sha256:00" }] },
    expected: "found (sha256:00)",
  },
  { name: "not there", found: observed, expected: "not found" },
])("an image that was given is $name", ({ found, expected }) => {
  const image = [{ container: undefined, reference: "api:v2" }] as const;
  expect(describeObserved(found as unknown as Observed, { ...asked, image })).toBe(
    `service api runs api:1 (2 of 2 tasks); image api:v2 ${expected}`,
  );
});

test.each([{ rollback: true }, { to: { tag: "v1" } }])(
  "a rollback reads no image: %j",
  (inputs) => {
    expect(
      describeObserved({ ...observed, repository: undefined, tags: {} }, { ...asked, ...inputs }),
    ).toBe("service api runs api:1 (2 of 2 tasks)");
  },
);

test("the cause comes last, after its evidence", () => {
  const diagnosis = aDiagnosis({
    otherCauses: [{ cause: "Out of memory.", count: 1 }],
    notes: ["Another image runs."],
    missing: ["events: AccessDenied"],
  });
  expect(describeDiagnosis("api", diagnosis)).toEqual([
    "3 × Essential container in task exited",
    "last log lines of container app, task 0123456789abcdef:",
    "  | starting",
    "  | KeyError: 'DATABASE_URL'",
    "1 × Out of memory.",
    "Another image runs.",
    "could not be looked up: events: AccessDenied",
    'api: Container "app" exited with code 1.',
  ]);
});

test("the end of a rollback: the link, what happened and what runs", () => {
  const { consoleUrl } = aFailedService();
  expect(describeOutcome(aFailure())).toEqual([
    `In the AWS console:  ${consoleUrl}`,
    "outcome: rolled-back (RolledBack) after 1 min 1 s",
    "❌ Rolled back: api:2 failed, api runs api:1",
  ]);
});

test("the end of a run that read no service", () => {
  const outcome = anOutcome({
    outcome: "failed",
    reasonCode: "InvalidInput",
    passes: false,
    services: [],
    image: undefined,
  });
  expect(describeOutcome(outcome)).toEqual([
    "outcome: failed (InvalidInput) after 1 min 1 s",
    "❌ Invalid input; nothing was changed",
  ]);
});

test.each([
  { from: "1", to: "2", shown: "changed (hidden)" },
  { from: "(none)", to: "(hidden)", shown: "added (hidden)" },
  { from: "(hidden)", to: "(none)", shown: "removed (hidden)" },
])("a value that may be secret is shown as $shown", ({ shown, ...values }) => {
  const path = "containerDefinitions[app].environment[A]";
  expect(describeChange({ path, ...values })).toBe(`${path}: ${shown}`);
});

test("an image is shown without its host only if the host stays the same", () => {
  const path = "containerDefinitions[app].image";
  expect(describeChange({ path, from: "a.example/x:1", to: "a.example/x:2" })).toBe(
    `${path}: x:1 → x:2`,
  );
  expect(describeChange({ path, from: "a.example/x:1", to: "b.example/x:1" })).toBe(
    `${path}: a.example/x:1 → b.example/x:1`,
  );
});

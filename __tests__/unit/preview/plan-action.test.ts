import { describe, expect, test } from "vitest";
import { readEvent } from "../../../src/preview/event.ts";
import { planAction } from "../../../src/preview/plan-action.ts";

const noInputs = { pullRequest: undefined, previewDelete: false };

function eventOf(name: string, pullRequest?: object) {
  const environment = { GITHUB_EVENT_NAME: name, GITHUB_REPOSITORY: "acme/shop" };
  return readEvent(environment, JSON.stringify({ pull_request: pullRequest }));
}

const head = { sha: "abc", repo: { full_name: "acme/shop" } };
const open = eventOf("pull_request", { number: 12, state: "open", head });
const closed = eventOf("pull_request", { number: 12, state: "closed", head });
const push = eventOf("push");

describe("which action for which event:", () => {
  test.each([
    ["an open pull request", open, {}, { kind: "deploy", pullRequest: 12 }],
    ["a closed one", closed, {}, { kind: "delete", pullRequest: 12 }],
    [
      "an open one, to be deleted",
      open,
      { previewDelete: true },
      { kind: "delete", pullRequest: 12 },
    ],
    ["another number", open, { pullRequest: 7 }, { kind: "deploy", pullRequest: 7 }],
    [
      "another number while this one is closed",
      closed,
      { pullRequest: 7 },
      { kind: "deploy", pullRequest: 7 },
    ],
    ["a push with a number", push, { pullRequest: 7 }, { kind: "deploy", pullRequest: 7 }],
    [
      "a push with a number to delete",
      push,
      { pullRequest: 7, previewDelete: true },
      { kind: "delete", pullRequest: 7 },
    ],
    ["no pull request, but delete", push, { previewDelete: true }, { kind: "sweep" }],
  ])("%s", (_, event, inputs, action) => {
    expect(planAction({ ...noInputs, ...inputs }, event, true)).toEqual(action);
  });

  test("no pull request is refused", () => {
    expect(() => planAction(noInputs, push, true)).toThrow("The event push is not supported");
  });

  test("pull_request_target is refused, whatever the inputs are", () => {
    const event = eventOf("pull_request_target", { number: 12, state: "open", head });
    const inputs = { pullRequest: 12, previewDelete: true };
    expect(() => planAction(inputs, event, true)).toThrow("pull_request_target is not supported");
  });
});

describe("a fork", () => {
  const fork = { sha: "abc", repo: { full_name: "mallory/shop" } };

  test.each([
    ["open", "open", fork, "the fork mallory/shop"],
    ["closed", "closed", fork, "the fork mallory/shop"],
    ["whose repository is deleted", "open", { sha: "abc", repo: null }, "a fork"],
  ])("%s has no token, so it is skipped with a sentence", (_, state, from, words) => {
    const event = eventOf("pull_request", { number: 12, state, head: from });
    expect(planAction(noInputs, event, false)).toEqual({
      kind: "skip",
      why: `Pull request 12 comes from ${words}: GitHub gives it no token for AWS, so it has no preview.`,
    });
  });

  test("that the owner has given tokens is deployed", () => {
    const event = eventOf("pull_request", { number: 12, state: "open", head: fork });
    expect(planAction(noInputs, event, true)).toEqual({ kind: "deploy", pullRequest: 12 });
  });

  test("is not assumed where the branch is in this repository, with or without a token", () => {
    expect(planAction(noInputs, open, false)).toEqual({ kind: "deploy", pullRequest: 12 });
  });
});

test("a payload that cannot be read is about no pull request", () => {
  expect(readEvent({}, "{").pullRequest).toBeUndefined();
});

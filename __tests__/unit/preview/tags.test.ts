import { describe, expect, test } from "vitest";
import {
  expiryAfter,
  foreignReason,
  isExpired,
  isPreviewName,
  previewTags,
} from "../../../src/preview/tags.ts";

const family = { pattern: "shop", repository: "acme/shop" };
const now = Date.parse("2026-11-28T06:00:00Z");
const tags = previewTags(family, expiryAfter(now, 7));

test("a preview has three tags", () => {
  expect(tags).toEqual([
    { key: "deploy-ecs:preview", value: "shop" },
    { key: "deploy-ecs:repository", value: "acme/shop" },
    { key: "deploy-ecs:expires", value: "2026-12-05T06:00:00.000Z" },
  ]);
  expect(foreignReason(family, tags)).toBeUndefined();
});

describe("a service is foreign", () => {
  test.each(tags.map(({ key }) => key))("without %s", (key) => {
    const reason = foreignReason(
      family,
      tags.filter((tag) => tag.key !== key),
    );
    expect(reason).toContain(key);
  });

  test.each(tags.map(({ key }) => key))("with another %s", (key) => {
    const others = tags.map((tag) => (tag.key === key ? { key, value: "other" } : tag));
    expect(foreignReason(family, others)).toContain(key);
    expect(isExpired(family, others, now + 365 * 86_400_000)).toBe(false);
  });
});

test("it has expired from its time on", () => {
  const end = expiryAfter(now, 7);
  expect([end - 1, end].map((at) => isExpired(family, tags, at))).toEqual([false, true]);
});

test.each([
  ["shop-pr-1", true],
  ["shop-pr-0", false],
  ["shop-pr-", false],
  ["shop-pr-1x", false],
  ["shop-pr-1-pr-2", false],
  ["shop", false],
  ["my-shop-pr-1", false],
])("%s is a name of a preview of shop: %s", (name, expected) => {
  expect(isPreviewName("shop", name)).toBe(expected);
});

// `URL [STATUS] [TEXT]`, one per line.

import { expect, test } from "vitest";
import { urlChecks } from "../../../src/inputs/verification-parsers.ts";

test.each([
  ["https://shop.example", "https://shop.example/", undefined, undefined],
  ["http://shop.example:8080/a?b=c#d", "http://shop.example:8080/a?b=c", undefined, undefined],
  ["https://shop.example/health 200", "https://shop.example/health", 200, undefined],
  ["https://shop.example/health  204   ", "https://shop.example/health", 204, undefined],
  ["https://shop.example/ 200 all is well", "https://shop.example/", 200, "all is well"],
  ["https://shop.example/ ready 200", "https://shop.example/", undefined, "ready 200"],
  ["https://shop.example/ 2xx 200", "https://shop.example/", undefined, "200"],
  ["https://shop.example/ 2xx", "https://shop.example/", undefined, undefined],
  ["https://shop.example/ 401", "https://shop.example/", 401, undefined],
  ["https://bücher.example/", "https://xn--bcher-kva.example/", undefined, undefined],
])("%s", (line, url, status, text) => {
  expect(urlChecks(line)).toEqual([{ url, status, text }]);
});

test("several lines; empty ones are left out", () => {
  const checks = urlChecks("https://a.example\n\n  https://b.example 404\r\n");
  expect(checks.map(({ url, status }) => [url, status])).toEqual([
    ["https://a.example/", undefined],
    ["https://b.example/", 404],
  ]);
  expect(urlChecks("")).toEqual([]);
});

test.each([
  ["shop.example/health", /expected URL \[STATUS\] \[TEXT\], one per line, like https:.*got "shop/],
  ["ftp://shop.example/", /expected URL/],
  ["https://", /expected URL/],
  ["200 https://shop.example", /expected URL/],
  ["https://shop.example 99", /a status from 200 to 599/],
  ["https://shop.example 1000", /a status from 200 to 599/],
  ["https://shop.example 100", /a status from 200 to 599/],
  ["https://user:hunter2@shop.example/", /without a user name and password/],
  ["https://a.example\n".repeat(21), /at most 20 URLs, got 21/],
])("refused: %s", (given, problem) => {
  expect(() => urlChecks(given)).toThrow(problem);
});

test("a password in a URL is not quoted", () => {
  expect(() => urlChecks("https://user:hunter2@shop.example/")).not.toThrow(/hunter2/);
});

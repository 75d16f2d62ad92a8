import { expect, it } from "vitest";
import { arn, createIdentifiers, nameOf, parseTaskDefinition } from "../../src/ecs/identifiers.ts";

it("identifiers have ECS's shapes, the same ones for the same seed", () => {
  const make = (seed: string) => {
    const ids = createIdentifiers(seed);
    return [ids.hex(32), ids.digits(19), ids.word(21), ids.uuid()];
  };
  const [hex, digits, word, uuid] = make("a");
  expect(hex).toMatch(/^[0-9a-f]{32}$/);
  expect(digits).toMatch(/^[1-9]\d{18}$/);
  expect(word).toMatch(/^[A-Za-z0-9_-]{21}$/);
  expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(make("a")).toEqual([hex, digits, word, uuid]);
  expect(make("b")[0]).not.toBe(hex);
});

it("a hundred thousand identifiers are all different", () => {
  const ids = createIdentifiers("seed");
  expect(new Set(Array.from({ length: 100_000 }, () => ids.digits(19))).size).toBe(100_000);
});

it("references are names, revisions or ARNs", () => {
  const place = { region: "us-east-1", accountId: "123456789012" };
  expect(nameOf(arn(place, "service/shop/web"))).toBe("web");
  expect(parseTaskDefinition("web")).toEqual({ family: "web" });
  expect(parseTaskDefinition("web:7")).toEqual({ family: "web", revision: 7 });
  expect(parseTaskDefinition(arn(place, "task-definition/web:7"))).toEqual({
    family: "web",
    revision: 7,
  });
  expect(arn({ ...place, region: "cn-north-1" }, "cluster/x")).toMatch(
    /^arn:aws-cn:ecs:cn-north-1:/,
  );
});

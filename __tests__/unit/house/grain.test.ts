// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are code

import { expect, test } from "vitest";
import { type Grain, grainOf } from "../../../tools/house/grain.ts";
import { parse } from "../../../tools/house/source.ts";

const nothing: Grain = {
  ternaries: 0,
  nestedTernaries: 0,
  nestedTemplates: 0,
  conditionalSpreads: 0,
  conditionalListSpreads: 0,
  literalSpreads: 0,
};

test.each<{ name: string; text: string; grain: Partial<Grain> }>([
  { name: "a ternary", text: "a ? b : c", grain: { ternaries: 1 } },
  { name: "a conditional type is none", text: "type A<B> = B extends 1 ? 2 : 3;", grain: {} },
  {
    name: "a ternary as a branch",
    text: "a ? b : c ? d : e",
    grain: { ternaries: 2, nestedTernaries: 1 },
  },
  {
    name: "a ternary in parentheses",
    text: "a ? (b ? c : d) : e",
    grain: { ternaries: 2, nestedTernaries: 1 },
  },
  {
    name: "a ternary in an argument",
    text: "a ? f(b ? c : d) : e",
    grain: { ternaries: 2, nestedTernaries: 1 },
  },
  {
    name: "a ternary in a function of its own",
    text: "a ? () => (b ? c : d) : e",
    grain: { ternaries: 2 },
  },
  {
    name: "two ternaries beside each other",
    text: "f(a ? b : c, d ? e : f)",
    grain: { ternaries: 2 },
  },
  { name: "a template in a template", text: "`a ${`b ${c}`}`", grain: { nestedTemplates: 1 } },
  {
    name: "a template in a call in a template",
    text: "`a ${list.map((b) => `- ${b}`)}`",
    grain: { nestedTemplates: 1 },
  },
  { name: "a plain template in a template", text: "`a ${b(`c`)}`", grain: { nestedTemplates: 1 } },
  { name: "two templates beside each other", text: "f(`a ${b}`, `c ${d}`)", grain: {} },
  { name: "a spread of &&", text: "({ ...(a && { b }) })", grain: { conditionalSpreads: 1 } },
  {
    name: "a spread of && without parentheses",
    text: "({ ...a && { b } })",
    grain: { conditionalSpreads: 1 },
  },
  {
    name: "a spread of a ternary",
    text: "({ ...(a ? { b } : {}) })",
    grain: { conditionalSpreads: 1, ternaries: 1 },
  },
  {
    name: "a spread of a ternary in a list",
    text: "[...(a ? [b] : [])]",
    grain: { conditionalListSpreads: 1, ternaries: 1 },
  },
  {
    name: "a spread of && in arguments",
    text: "f(...(a && [b]))",
    grain: { conditionalListSpreads: 1 },
  },
  { name: "a spread of a variable", text: "({ ...a, b: [...c] })", grain: {} },
  { name: "a spread of a literal", text: "({ ...{ a, b } })", grain: { literalSpreads: 1 } },
  {
    name: "a spread of a literal in parentheses",
    text: "({ ...({ a }) })",
    grain: { literalSpreads: 1 },
  },
])("grain: $name", ({ text, grain }) => {
  expect(grainOf(parse("a.ts", text))).toEqual({ ...nothing, ...grain });
});

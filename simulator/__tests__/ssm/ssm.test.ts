// Parameter Store's metadata: operations called as the wire calls them.

import { describe, expect, it } from "vitest";
import type { CallContext } from "../../src/contract.ts";
import { createParameterStore } from "../../src/ssm/ssm.ts";

const home = { region: "us-east-1", accountId: "123456789012" };
const ownArn = (path: string, region = home.region) =>
  `arn:aws:ssm:${region}:123456789012:parameter/${path}`;
const shared = "arn:aws:ssm:us-east-1:999999999999:parameter/theirs/token";

function describeIn(names: readonly string[], input: object, region?: string) {
  const parameters = new Map(names.map((name) => [name, "value"]));
  const { operations } = createParameterStore(parameters, home).service;
  const context = { region } as CallContext;
  return operations["DescribeParameters"]!(input, context) as {
    readonly Parameters: readonly { readonly Name: string; readonly ARN: string }[];
    readonly NextToken?: string;
  };
}

const byName = (...Values: readonly string[]) => ({ ParameterFilters: [{ Key: "Name", Values }] });

describe("DescribeParameters", () => {
  it("has names with their ARNs, and no value", () => {
    const { Parameters } = describeIn(["token", "/app/db"], {});
    expect(Parameters).toEqual([
      { Name: "token", ARN: ownArn("token"), Type: "SecureString" },
      { Name: "/app/db", ARN: ownArn("app/db"), Type: "SecureString" },
    ]);
  });

  it("filters by whole names", () => {
    const { Parameters } = describeIn(["token", "token-2", "/app/db"], byName("token", "db"));
    expect(Parameters.map(({ Name }) => Name)).toEqual(["token"]);
  });

  it("makes pages of all parameters before it filters: a page may be empty", () => {
    const names = Array.from({ length: 51 }, (_, at) => `p${at}`);
    const first = describeIn(names, byName("p50"));
    expect(first).toEqual({ Parameters: [], NextToken: "50" });
    const { Parameters, NextToken } = describeIn(names, {
      ...byName("p50"),
      NextToken: first.NextToken,
    });
    expect(Parameters.map(({ Name }) => Name)).toEqual(["p50"]);
    expect(NextToken).toBeUndefined();
  });

  it("lists the parameters of the region that the request is signed for", () => {
    const names = ["token", ownArn("far/token", "eu-west-1")];
    expect(describeIn(names, {}, "eu-west-1").Parameters.map(({ Name }) => Name)).toEqual([
      "/far/token",
    ]);
    expect(describeIn(names, {}).Parameters.map(({ Name }) => Name)).toEqual(["token"]);
  });

  it("lists what other accounts share only with Shared", () => {
    const names = ["token", shared];
    expect(describeIn(names, {}).Parameters.map(({ ARN }) => ARN)).toEqual([ownArn("token")]);
    expect(describeIn(names, { Shared: true }).Parameters.map(({ ARN }) => ARN)).toEqual([shared]);
  });

  it("refuses what AWS refuses", () => {
    const tooMany = Array.from({ length: 51 }, (_, at) => `p${at}`);
    expect(() => describeIn([], byName(...tooMany))).toThrow("1 to 50 values");
    expect(() => describeIn([], byName())).toThrow("1 to 50 values");
    expect(() => describeIn([], byName("a b"))).toThrow("can't contain spaces");
    expect(() => describeIn([], { MaxResults: 51 })).toThrow("1 to 50");
    expect(() => describeIn([], { ParameterFilters: [{ Key: "Type", Values: ["x"] }] })).toThrow(
      "no filter Type",
    );
  });
});

import { partitionOf as simulated } from "ecs-simulator/iam";
import { describe, expect, test } from "vitest";
import { audiencesOf, consoleHost, partitionOf } from "../../../src/aws/partitions.ts";

const regions = [
  { region: "us-east-1", name: "aws", host: "us-east-1.console.aws.amazon.com" },
  { region: "cn-north-1", name: "aws-cn", host: "cn-north-1.console.amazonaws.cn" },
  {
    region: "us-gov-west-1",
    name: "aws-us-gov",
    host: "us-gov-west-1.console.amazonaws-us-gov.com",
  },
  { region: "eusc-de-east-1", name: "aws-eusc", host: "eusc-de-east-1.console.amazonaws-eusc.eu" },
  { region: "us-iso-east-1", name: "aws-iso", host: undefined },
  { region: "us-isob-east-1", name: "aws-iso-b", host: undefined },
  { region: "eu-isoe-west-1", name: "aws-iso-e", host: undefined },
  { region: "us-isof-south-1", name: "aws-iso-f", host: undefined },
];

describe("each partition", () => {
  test.each(regions)("$name: $region", ({ region, name, host }) => {
    expect(partitionOf(region)).toMatchObject({ name, isListed: true });
    expect(consoleHost(region)).toBe(host);
  });

  test.each(regions)("$name ends alike in the SDK's data and in the simulator's", ({ region }) => {
    const { name, dnsSuffix } = partitionOf(region);
    expect(simulated(region)).toEqual({ name, dnsSuffix });
    expect(simulated(partitionOf(region).firstRegion).name).toBe(name);
  });
});

test("a region that the SDK does not list is placed by its name", () => {
  expect(partitionOf("cn-south-9")).toMatchObject({ name: "aws-cn", isListed: false });
  expect(partitionOf("us-eats-1")).toMatchObject({ name: "aws", isListed: false });
});

test.each([
  { region: "us-gov-west-1", audiences: ["sts.amazonaws.com"] },
  { region: "cn-north-1", audiences: ["sts.amazonaws.com.cn", "sts.amazonaws.com"] },
  { region: "eusc-de-east-1", audiences: ["sts.amazonaws.eu", "sts.amazonaws.com"] },
])("audiences of $region", ({ region, audiences }) => {
  expect(audiencesOf(region)).toEqual(audiences);
});

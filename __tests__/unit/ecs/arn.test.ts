import { expect, test } from "vitest";
import { parseArn, resourceId, shortRevision } from "../../../src/ecs/arn.ts";

test("an ARN is taken apart", () => {
  expect(parseArn("arn:aws-cn:ecs:cn-north-1:123456789012:service/clockko/api")).toEqual({
    partition: "aws-cn",
    service: "ecs",
    region: "cn-north-1",
    accountId: "123456789012",
    resource: "service/clockko/api",
  });
});

test("a resource keeps its own colons; region and account may be empty", () => {
  expect(parseArn("arn:aws:iam::123456789012:role/a")).toMatchObject({
    region: "",
    accountId: "123456789012",
  });
  expect(parseArn("arn:aws:s3:::bucket/key")).toMatchObject({
    accountId: "",
    resource: "bucket/key",
  });
  expect(parseArn("arn:aws:ecs:eu-west-1:1:task-definition/app:7")).toMatchObject({
    resource: "task-definition/app:7",
  });
});

test.each([
  "",
  "api",
  "arn:",
  "arn:aws:ecs:us-east-1:123456789012",
  "arn:aws:ecs:us-east-1:123456789012:",
  "arn::ecs:::x",
  "xarn:aws:ecs:::x",
])("%j is not an ARN", (text) => {
  expect(parseArn(text)).toBeUndefined();
});

test.each([
  { arn: "arn:aws:ecs:eu-west-1:123456789012:cluster/clockko", id: "clockko" },
  { arn: "arn:aws:ecs:eu-west-1:123456789012:service/clockko/api", id: "api" },
  { arn: "arn:aws:ecs:eu-west-1:123456789012:service/api", id: "api" },
  { arn: "arn:aws:ecs:eu-west-1:123456789012:task/clockko/0123abcd", id: "0123abcd" },
  { arn: "ecs-svc/22", id: "22" },
  { arn: "api", id: "api" },
  { arn: "clockko/", id: "" },
  { arn: "", id: "" },
])("the resource id of '$arn' is '$id'", ({ arn, id }) => {
  expect(resourceId(arn)).toBe(id);
});

test("a short revision is family and number", () => {
  expect(shortRevision("arn:aws:ecs:us-east-1:1:task-definition/api:41")).toBe("api:41");
  expect(shortRevision("api:41")).toBe("api:41");
});

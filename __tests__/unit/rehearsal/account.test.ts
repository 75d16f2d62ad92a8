import { expect, test } from "vitest";
import {
  accountPlaceOf,
  isImageOf,
  logGroupsOf,
  serviceRequest,
  withLocalRepository,
} from "../../../src/rehearsal/account.ts";

const ownImage = "210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/shop:1";
const awslogs = {
  logDriver: "awslogs",
  options: { "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1" },
};
const definition = {
  family: "shop",
  executionRoleArn: "arn:aws:iam::210987654321:role/execution",
  containerDefinitions: [
    { name: "shop", image: ownImage, logConfiguration: awslogs },
    { name: "proxy", image: "nginx:1", logConfiguration: awslogs },
  ],
};

test("account and region are those that the definition names", () => {
  expect(accountPlaceOf(definition, undefined)).toEqual({
    region: "eu-west-1",
    accountId: "210987654321",
  });
  expect(accountPlaceOf(definition, "us-west-2").region).toBe("us-west-2");
  expect(accountPlaceOf({}, undefined)).toEqual({ region: "us-east-1", accountId: "123456789012" });
});

test("each log group once", () => {
  expect(logGroupsOf(definition)).toEqual(["/ecs/shop"]);
});

test("only images of the repository become local ones, also in describe-task-definition's output", () => {
  const images = (document: ReturnType<typeof withLocalRepository>) =>
    JSON.stringify(document).match(/"image":"[^"]+"/g);
  const expected = ['"image":"127.0.0.1:5000/team/shop:before"', '"image":"nginx:1"'];
  expect(images(withLocalRepository(definition, "team/shop", "127.0.0.1:5000"))).toEqual(expected);
  const described = { taskDefinition: definition, tags: [] };
  expect(images(withLocalRepository(described, "team/shop", "127.0.0.1:5000"))).toEqual(expected);
});

test.each([
  [ownImage, true],
  ["210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/shop", true],
  ["210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/shop-proxy:1", false],
  ["docker.io/team/shop:1", false],
])("%s: %s", (image, expected) => {
  expect(isImageOf(image, "team/shop")).toBe(expected);
});

test("the service is on Fargate unless the definition requires something else", () => {
  expect(serviceRequest({})).toMatchObject({ launchType: "FARGATE" });
  const onInstances = serviceRequest({ requiresCompatibilities: ["EC2"], networkMode: "bridge" });
  expect(onInstances).toMatchObject({ launchType: "EC2" });
  expect(onInstances).not.toHaveProperty("networkConfiguration");
});

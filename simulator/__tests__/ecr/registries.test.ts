// One registry for each account and region: where a password is valid, and whom a repository's own policy lets in.

import { BatchGetImageCommand, ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { expect, test } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import { repositoryDenial } from "../../src/ecr/repository-policy.ts";
import { createSimulator, sdkRequestHandler } from "../../src/index.ts";
import { runs, scriptedRunner } from "../../src/tasks/index.ts";

const clock = new VirtualClock();
const simulator = createSimulator({
  clock,
  runner: scriptedRunner({ clock, behaviour: () => runs() }),
});
const requestHandler = sdkRequestHandler(simulator);
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const clientIn = (region: string) => new ECRClient({ region, credentials, requestHandler });

async function tokenOf(region: string): Promise<{ readonly token: string; readonly host: string }> {
  const { authorizationData: [data] = [] } = await clientIn(region).send(
    new GetAuthorizationTokenCommand({}),
  );
  return {
    token: data?.authorizationToken ?? "",
    host: new URL(data?.proxyEndpoint ?? "").host,
  };
}

async function statusOf(host: string, token: string): Promise<number> {
  const headers = { authorization: `Basic ${token}` };
  const request = { method: "GET", hostname: host, path: "/v2/", headers };
  return (await requestHandler.handle(request)).response.statusCode;
}

test("a password is valid for the registries of all accounts in its region, and in no other", async () => {
  const { token, host } = await tokenOf("eu-west-1");
  expect(host).toBe("123456789012.dkr.ecr.eu-west-1.amazonaws.com");
  expect(await statusOf(host, token)).toBe(200);
  expect(await statusOf("999999999999.dkr.ecr.eu-west-1.amazonaws.com", token)).toBe(200);
  expect(await statusOf("123456789012.dkr.ecr.us-east-1.amazonaws.com", token)).toBe(401);
});

test("each registry has its own repositories", async () => {
  simulator.registryAt({ region: "eu-west-1" }).createRepository("app");
  const digest = simulator.registryAt({ region: "eu-west-1" }).putImage("app", { tags: ["v1"] });
  const read = new BatchGetImageCommand({ repositoryName: "app", imageIds: [{ imageTag: "v1" }] });
  const { images: [image] = [] } = await clientIn("eu-west-1").send(read);
  expect(image?.imageId?.imageDigest).toBe(digest);
  await expect(clientIn("us-east-1").send(read)).rejects.toThrow("does not exist");
});

const arn = "arn:aws:ecr:us-east-1:999999999999:repository/app";
const caller = {
  accountId: "123456789012",
  arn: "arn:aws:sts::123456789012:assumed-role/deploy/run",
};
const allow = (AWS: string) => ({
  Statement: { Effect: "Allow" as const, Principal: { AWS }, Action: "ecr:Batch*" },
});

test.each([
  { policy: undefined, allowed: false },
  { policy: allow("123456789012"), allowed: true },
  { policy: allow("arn:aws:iam::123456789012:root"), allowed: true },
  { policy: allow("arn:aws:iam::123456789012:role/ci/deploy"), allowed: true },
  { policy: allow("arn:aws:iam::123456789012:role/other"), allowed: false },
  { policy: allow("arn:aws:iam::999999999999:root"), allowed: false },
])("another account's caller: $policy.Statement.Principal.AWS", ({ policy, allowed }) => {
  const denial = repositoryDenial(policy, caller, "ecr:BatchGetImage", arn);
  if (allowed) expect(denial).toBeUndefined();
  else expect(denial).toContain("because no resource-based policy allows the ecr:BatchGetImage");
});

test("a caller of its own account needs no statement, but a Deny counts", () => {
  const own = { ...caller, accountId: "999999999999" };
  expect(repositoryDenial(undefined, own, "ecr:BatchGetImage", arn)).toBeUndefined();
  const denies = {
    Statement: { Effect: "Deny" as const, Principal: "*" as const, Action: "ecr:*" },
  };
  expect(repositoryDenial(denies, own, "ecr:BatchGetImage", arn)).toContain("explicit deny");
});

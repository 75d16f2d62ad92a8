// ECR as the AWS SDK sees it, through the simulator's own wire.

import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ImageAlreadyExistsException,
  PutImageCommand,
  RepositoryNotFoundException,
} from "@aws-sdk/client-ecr";
import { expect, test } from "vitest";
import { createCredentials } from "../../src/iam/credentials.ts";
import { Faults } from "../../src/wire/faults.ts";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";
import { createWire } from "../../src/wire/wire.ts";
import { ACCOUNT, HOST, scene } from "./fixture.ts";

function setting() {
  const { clock, ecr } = scene();
  const region = "eu-central-1";
  const wire = createWire({
    clock,
    accountId: ACCOUNT,
    region,
    services: { ecr: ecr.service },
    registry: ecr.registry,
    oidc: () => ({ status: 404, headers: {}, body: "" }),
    credentials: createCredentials({ clock, accountId: ACCOUNT, region }),
    authorize() {},
    faults: new Faults(),
    calls: [],
  });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return {
    clock,
    ecr,
    client: new ECRClient({ region, credentials, requestHandler: sdkRequestHandler(wire) }),
  };
}

test("dates, hosts and manifests arrive as they were sent", async () => {
  const { clock, ecr, client } = setting();
  const digest = ecr.repositories.putImage("team/app", { tags: ["v1"] });
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  expect(authorizationData?.[0]?.expiresAt).toEqual(new Date(clock.now() + 12 * 3600 * 1000));
  expect(authorizationData?.[0]?.proxyEndpoint).toBe(`https://${HOST}`);
  const { imageDetails } = await client.send(
    new DescribeImagesCommand({ repositoryName: "team/app" }),
  );
  expect(imageDetails).toMatchObject([
    { imageDigest: digest, imagePushedAt: new Date(clock.now()) },
  ]);

  const imageIds = [{ imageTag: "v1" }];
  const { images } = await client.send(
    new BatchGetImageCommand({ repositoryName: "team/app", imageIds }),
  );
  const { imageManifest, imageManifestMediaType } = images?.[0] ?? {};
  const again = { repositoryName: "team/app", imageManifest, imageManifestMediaType };
  await client.send(new PutImageCommand({ ...again, imageTag: "latest" }));
  expect(ecr.resolve(`${HOST}/team/app:latest`)).toBe(digest);
  await expect(client.send(new PutImageCommand({ ...again, imageTag: "v1" }))).rejects.toThrow(
    ImageAlreadyExistsException,
  );
});

test("errors are the SDK's own classes", async () => {
  const { client } = setting();
  const call = client.send(new DescribeImagesCommand({ repositoryName: "nope" }));
  await expect(call).rejects.toThrow(RepositoryNotFoundException);
  await expect(call).rejects.toThrow(
    `The repository with name 'nope' does not exist in the registry with id '${ACCOUNT}'`,
  );
});

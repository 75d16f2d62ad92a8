import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { sdkRequestHandler } from "../../src/wire/sdk-handler.ts";
import { REGION, ROOT, wireWorld } from "./fixture.ts";

function clientOf(world: ReturnType<typeof wireWorld>) {
  return new ECSClient({
    region: REGION,
    credentials: ROOT,
    requestHandler: sdkRequestHandler(world),
    maxAttempts: 1,
  });
}

const operated = (world: ReturnType<typeof wireWorld>) => world.contexts.length;

describe("an SDK client in the same process", () => {
  it("is reached under AWS's own host names", async () => {
    const world = wireWorld();
    await clientOf(world).send(new ListClustersCommand({}));
    expect(world.contexts[0]?.host).toBe("123456789012.dkr.ecr.us-east-1.amazonaws.com");
  });

  it("takes no virtual time: the clock stands still during calls", async () => {
    const world = wireWorld();
    const client = clientOf(world);
    await client.send(new ListClustersCommand({})); // a client's first call also looks for its configuration files, which is real I/O
    const start = world.clock.now();
    const sleeping = world.clock.sleep(60_000);
    for (let turn = 0; turn < 20; turn++) await client.send(new ListClustersCommand({}));
    expect(world.calls.map(({ at }) => at - start)).toEqual(Array(21).fill(0));
    await sleeping;
    expect(world.clock.now() - start).toBe(60_000);
  });

  it("sees a connection that is reset before the operation", async () => {
    const world = wireWorld();
    world.faults.add("ecs:ListClusters", { kind: "reset" });
    await expect(clientOf(world).send(new ListClustersCommand({}))).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    expect(operated(world)).toBe(0);
  });

  it("sees the same when only the answer is lost", async () => {
    const world = wireWorld();
    world.faults.add("ecs:ListClusters", { kind: "lost", operate: true });
    await expect(clientOf(world).send(new ListClustersCommand({}))).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    expect(operated(world)).toBe(1);
  });

  it("sees an answer that ends in its middle", async () => {
    const world = wireWorld();
    world.faults.add("ecs:ListClusters", { kind: "half", operate: true });
    await expect(clientOf(world).send(new ListClustersCommand({}))).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    expect(operated(world)).toBe(1);
  });

  it("waits for ever for an answer that never comes, until it gives up", async () => {
    const world = wireWorld();
    world.faults.add("ecs:ListClusters", { kind: "hang" });
    const giveUp = new AbortController();
    const sent = clientOf(world).send(new ListClustersCommand({}), { abortSignal: giveUp.signal });
    const settled = sent.then(
      () => "answered",
      (error: Error) => error.name,
    );
    expect(
      await Promise.race([settled, world.clock.sleep(3_600_000).then(() => "an hour later")]),
    ).toBe("an hour later");
    giveUp.abort();
    expect(await settled).toBe("AbortError");
    expect(operated(world)).toBe(0);
  });

  it("retries what the SDK deems transient", async () => {
    const world = wireWorld();
    world.faults.add("ecs:ListClusters", { kind: "reset" });
    world.faults.add("ecs:ListClusters", {
      kind: "error",
      name: "ServerException",
      message: "oops",
      status: 500,
    });
    const patient = new ECSClient({
      region: REGION,
      credentials: ROOT,
      requestHandler: sdkRequestHandler(world),
      maxAttempts: 3,
    });
    await patient.send(new ListClustersCommand({}));
    expect(world.calls.map(({ fault }) => fault)).toEqual(["reset", "error", undefined]);
  });
});

// The reverse proxy before an Express Mode service; its tasks are HTTP servers on loopback
// addresses.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import { openLoadBalancer } from "../../src/load-balancer/load-balancer.ts";
import { createSimulator } from "../../src/simulator.ts";
import { runs, scriptedRunner } from "../../src/tasks/scripted-runner.ts";
import { serve } from "../../src/wire/http.ts";

const of = { cluster: "shop", service: "web" };
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/**
 * Version 1 answers 200, version 2 what it is told, at two addresses on one port. `/` is the health
 * check path.
 */
async function balancedWorld(secondStatus = 200, secondHealth = 200) {
  const first = await startApplication("127.0.0.1", 0, () => 200);
  const { port } = first.address() as AddressInfo;
  await startApplication("127.0.0.2", port, (path) => (path === "/" ? secondHealth : secondStatus));
  const clock = new VirtualClock();
  const runner = scriptedRunner({
    clock,
    behaviour: ({ revision }) => runs({ privateIpv4Address: `127.0.0.${revision}` }),
  });
  const simulator = createSimulator({ clock, runner });
  const { ecs } = simulator;
  ecs.createCluster("shop");
  for (const image of ["app:1", "app:2"]) {
    ecs.registerTaskDefinition({
      family: "web",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: [
        { name: "Main", image, portMappings: [{ name: "http", containerPort: port }] },
      ],
    });
  }
  ecs.createExpressService({ cluster: "shop", serviceName: "web", taskDefinition: "web:1" });
  const balancer = openLoadBalancer(simulator);
  open.push(balancer);
  const url = await balancer.urlOf(of);
  const update = () => {
    const principal = { accountId: "", arn: "", accessKeyId: "" };
    const context = { principal, host: "", requestId: "" };
    ecs.service.operations["UpdateService"]?.({ ...of, taskDefinition: "web:2" }, context);
  };
  /** How often each page came. */
  const ask = async (times: number) => {
    const pages: Record<string, number> = {};
    for (let turn = 0; turn < times; turn++) {
      const answer = await fetch(`${url}/page?turn=${turn}`);
      const [first = ""] = (await answer.text()).split(" ");
      const page = `${answer.status} ${first.replace(/<.*>/, "")}`;
      pages[page] = (pages[page] ?? 0) + 1;
    }
    return pages;
  };
  /** Real answers to health checks arrive between the seconds of the world. */
  const until = async (is: () => boolean) => {
    for (let second = 0; second < 3_600 && !is(); second++) {
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(is()).toBe(true);
  };
  return { clock, simulator, balancer, url, ask, update, until };
}

async function startApplication(
  host: string,
  port: number,
  statusOf: (path: string | undefined) => number,
): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(statusOf(request.url), {
      "x-forwarded": request.headers["x-forwarded-proto"] ?? "none",
    });
    response.end(`${host} ${request.method} ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  open.push(server);
  return server;
}

const weightOf = ({ simulator }: Awaited<ReturnType<typeof balancedWorld>>) => {
  const { currentServiceDeployment: arn } = simulator.ecs.describeService(of);
  const context = {
    principal: { accountId: "", arn: "", accessKeyId: "" },
    host: "",
    requestId: "",
  };
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation
  const answer: any = simulator.ecs.service.operations["DescribeServiceDeployments"]?.(
    { serviceDeploymentArns: [arn] },
    context,
  );
  const [deployment] = answer.serviceDeployments;
  return {
    ...deployment,
    weight: deployment.targetServiceRevision.requestedProductionTrafficWeight,
  };
};

describe("the load balancer", () => {
  it("answers 503 until a task is healthy, then what the task answers", async () => {
    const world = await balancedWorld();
    expect(await world.ask(2)).toEqual({ "503 503": 2 });
    await world.until(() => world.simulator.ecs.isSteady(of));
    const answer = await fetch(`${world.url}/a?b=c`, { method: "POST", body: "x" });
    expect(await answer.text()).toBe("127.0.0.1 POST /a?b=c");
    expect(answer.headers.get("x-forwarded")).toBe("https");
  });

  it("sends 5 % to the new version in the canary, then everything", async () => {
    const world = await balancedWorld();
    await world.until(() => world.simulator.ecs.isSteady(of));
    world.update();
    await world.until(() => weightOf(world).weight === 5);
    expect(await world.ask(200)).toEqual({ "200 127.0.0.1": 190, "200 127.0.0.2": 10 });
    await world.until(() => weightOf(world).weight === 100);
    expect(await world.ask(10)).toEqual({ "200 127.0.0.2": 10 });
  });

  it("counts 404s: RollbackAlarm rolls the new version back", async () => {
    const world = await balancedWorld(404);
    await world.until(() => world.simulator.ecs.isSteady(of));
    world.update();
    await world.until(() => weightOf(world).weight === 5);
    for (let minute = 0; minute < 3; minute++) {
      await world.ask(120);
      world.clock.advance(60_000);
    }
    expect(weightOf(world)).toMatchObject({ alarms: { status: "TRIGGERED" } });
    await world.until(() => weightOf(world).status === "ROLLBACK_SUCCESSFUL");
    expect(await world.ask(10)).toEqual({ "200 127.0.0.1": 10 });
  });

  it("does not count fewer than five errors in a minute", async () => {
    const world = await balancedWorld(404);
    await world.until(() => world.simulator.ecs.isSteady(of));
    world.update();
    await world.until(() => weightOf(world).weight === 5);
    for (let minute = 0; minute < 3; minute++) {
      await world.ask(60);
      world.clock.advance(60_000);
    }
    expect(weightOf(world)).toMatchObject({ status: "IN_PROGRESS" });
  });

  it("asks for the health check path: a version that answers 401 there never gets traffic", async () => {
    const world = await balancedWorld(200, 401);
    await world.until(() => world.simulator.ecs.isSteady(of));
    world.update();
    await world.until(() => weightOf(world).status === "ROLLBACK_SUCCESSFUL");
    expect(weightOf(world)).toMatchObject({
      lifecycleStage: "SCALE_UP",
      statusReason: expect.stringContaining("circuit breaker"),
    });
    const { events = [] } = world.simulator.ecs.describeService(of);
    expect(events.map(({ message }) => message).join("\n")).toContain(
      "due to (reason Health checks failed)",
    );
    expect(await world.ask(5)).toEqual({ "200 127.0.0.1": 5 });
  });

  it("loses 95 % where the traffic is split, and answers 503 for a service that is gone", async () => {
    const world = await balancedWorld();
    await world.until(() => world.simulator.ecs.isSteady(of));
    world.simulator.ecs.splitTraffic(of);
    const { "200 127.0.0.1": answered = 0 } = await world.ask(100);
    expect(answered).toBeGreaterThan(2);
    expect(answered).toBeLessThan(8);
    world.simulator.ecs.mendTraffic(of);
    expect(await world.ask(5)).toEqual({ "200 127.0.0.1": 5 });
    world.simulator.ecs.deleteService(of);
    expect(await world.ask(1)).toEqual({ "503 503": 1 });
  });

  it("answers at the simulator's own address for the host of the endpoint", async () => {
    const world = await balancedWorld();
    await world.until(() => world.simulator.ecs.isSteady(of));
    const server = await serve(world.simulator, { forward: world.balancer.forward });
    open.push(server);
    const { operations } = world.simulator.ecs.service;
    const { serviceArn } = world.simulator.ecs.describeService(of);
    const context = {
      principal: { accountId: "", arn: "", accessKeyId: "" },
      host: "",
      requestId: "",
    };
    // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation
    const answer: any = operations["DescribeExpressGatewayService"]?.({ serviceArn }, context);
    const { endpoint } = answer.service.activeConfigurations[0].ingressPaths[0];
    expect(await pageAt(server.port, endpoint)).toBe("127.0.0.1 GET /");
    expect(await pageAt(server.port, "localhost")).toContain("UnknownOperation");
  });
});

/** `fetch` sets `Host` by itself. */
async function pageAt(port: number, host: string): Promise<string> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, headers: { host } }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      resolve(text);
    });
    sent.on("error", reject);
    sent.end();
  });
}

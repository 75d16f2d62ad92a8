// A reverse proxy in the place of the load balancer: requests to an Express Mode service go to its
// running tasks. Only where tasks answer at an address: with real containers.

import type { Server, ServerResponse } from "node:http";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import type { Ecs } from "../ecs/ecs.ts";
import type { ServiceReference } from "../ecs/express/levers.ts";
import type { Target } from "../ecs/express/probes.ts";
import type { ExpressRoute } from "../ecs/express/routing.ts";

const checkMilliseconds = 5_000;

export interface LoadBalancer {
  /** `http://127.0.0.1:PORT`, one port for each service, as long as the load balancer is open. */
  urlOf(of: ServiceReference): Promise<string>;
  /**
   * Answers requests whose `Host` is the endpoint of a service, for `serve`; false: it is none, and
   * nothing was answered.
   */
  forward(request: IncomingMessage, response: ServerResponse): boolean;
  close(): Promise<void>;
}

export function openLoadBalancer({ ecs }: { readonly ecs: Ecs }): LoadBalancer {
  ecs.checkTargets(isHealthy);
  const servers = new Map<string, Promise<Server>>();
  const serverOf = (of: ServiceReference) => {
    const { serviceArn: arn = "" } = ecs.describeService(of);
    const server =
      servers.get(arn) ??
      listen((request, response) => pass(ecs.routeRequest(of), request, response));
    servers.set(arn, server);
    return server;
  };
  return {
    async urlOf(of) {
      const { port } = (await serverOf(of)).address() as AddressInfo;
      return `http://127.0.0.1:${port}`;
    },
    forward(request, response) {
      const host = (request.headers.host ?? "").replace(/:\d+$/, "");
      const of = ecs.serviceAt(host);
      if (of) pass(ecs.routeRequest(of), request, response);
      return of !== undefined;
    },
    async close() {
      const open = await Promise.all(servers.values());
      await Promise.all(open.map(closeServer));
    },
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(handler: Handler): Promise<Server> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return server;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** 200, within five seconds. */
async function isHealthy({ address, port, path }: Target): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(checkMilliseconds);
    const answer = await fetch(`http://${address}:${port}${path}`, { signal, redirect: "manual" });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false; // no answer, or too late
  }
}

/** 503 without a healthy target, 502 from a target that does not answer: as a load balancer. */
function pass(
  route: ExpressRoute | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!route) return refuse(request, response, 503, "Service Temporarily Unavailable");
  const { method = "GET", url = "/", headers } = request;
  const to = { host: route.address, port: route.port, method, path: url };
  const forwarded = {
    "x-forwarded-for": request.socket.remoteAddress ?? "",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "443",
  };
  const upstream = httpRequest({ ...to, headers: { ...headers, ...forwarded } }, (answer) => {
    const status = answer.statusCode ?? 502;
    route.answered(status);
    response.writeHead(status, answer.headers);
    pipeline(answer, response, () => {});
  });
  upstream.on("error", () => {
    if (response.headersSent) return void response.destroy();
    refuse(request, response, 502, "Bad Gateway");
  });
  pipeline(request, upstream, () => {});
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
): void {
  request.resume();
  const page = `<html><body><h1>${status} ${text}</h1></body></html>\n`;
  response.writeHead(status, { "content-type": "text/html", "content-length": page.length });
  response.end(page);
}

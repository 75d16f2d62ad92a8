// Versions of hello that fail in every way that a container can, and what is said of each: the same in a deployment and in a
// rehearsal.

import { type HelloService, healthCheck } from "../rig/hello-account.ts";

export interface Failure {
  readonly title: string;
  readonly service: HelloService;
  /** The new version's Dockerfile after `FROM` version 1 of hello, or the whole of it. */
  readonly dockerfile: string;
  /** What the annotation says, in any order. */
  readonly says: readonly RegExp[];
  /** Of these repositories the image 1 is built for another CPU architecture, or missing. */
  readonly images?: Readonly<Record<string, "foreign" | "missing">>;
  /** Default: the circuit breaker rolled the deployment back. */
  readonly outputs?: Readonly<Record<"outcome" | "reason-code", string>>;
}

export const failures: Readonly<Record<string, Failure>> = {
  crash: {
    title: "it exits with 1 at start",
    service: {},
    dockerfile: "ENV PORT=http",
    says: [/"hello" exited with code 1\b/, /PORT must be a number, but is "http"/],
  },
  done: {
    title: "it exits with 0 at once",
    service: {},
    dockerfile: 'CMD ["echo", "migrations done"]',
    says: [/"hello" ended by itself with exit code 0/, /must keep running/, /migrations done/],
  },
  memory: {
    title: "it runs out of memory",
    service: { container: { memory: 24 } },
    dockerfile: 'CMD ["tail", "/dev/zero"]',
    says: [/"hello" ran out of memory/, /Raise `memory`/],
  },
  command: {
    title: "its command is not in the image",
    service: {},
    dockerfile: 'CMD ["gunicorn", "app:main"]',
    says: [/"hello" was not started/, /command "gunicorn" is not in the image/],
  },
  processor: {
    title: "its image is built for another CPU architecture",
    service: {},
    dockerfile: "FROM --platform=linux/{foreign} {registry}/foreign:1\n",
    images: { foreign: "foreign" },
    says: [/linux\/{foreign}/, /linux\/{own}/],
    outputs: { outcome: "failed", "reason-code": "PlatformMismatch" },
  },
  sidecar: {
    title: "the image of a container beside it is built for another CPU architecture",
    service: { sidecar: "proxy" },
    dockerfile: "",
    images: { proxy: "foreign" },
    says: [/built for another CPU architecture/, /linux\/{own}/],
  },
  health: {
    title: "its health check fails",
    service: { container: { healthCheck: { ...healthCheck, retries: 1 } } },
    dockerfile: "ENV PORT=8088",
    says: [/"hello" runs, but its health check does not pass/, /healthCheck/],
  },
  pull: {
    title: "an image of the task cannot be pulled",
    service: { sidecar: "metrics" },
    dockerfile: "",
    images: { metrics: "missing" },
    says: [/metrics:1 does not exist/],
  },
};

/** As Docker spells them. */
export const own = process.arch === "x64" ? "amd64" : process.arch;
export const foreign = own === "amd64" ? "arm64" : "amd64";

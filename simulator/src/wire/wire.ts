// From an HTTP request to an operation, and back: routing, authentication, faults and the call log.

import { randomUUID } from "node:crypto";
import {
  type Authorize,
  AwsError,
  type AwsService,
  type Fault,
  type Principal,
  type RecordedCall,
  type SimulatorClock,
  type WireRequest,
  type WireResponse,
} from "../contract.ts";
import type { Credentials } from "../iam/credentials.ts";
import { registryHostOf } from "../iam/partitions.ts";
import { signedRegion, signedService } from "../iam/sigv4.ts";
import { collect, isWhole } from "./body.ts";
import type { Faults } from "./faults.ts";
import { awsJson, awsQuery, type Protocol, parseJsonInput, parseQueryInput } from "./protocols.ts";
import { isForS3, s3Request } from "./s3-rest.ts";
import type { Throttle } from "./throttling.ts";

/** What happens to a request. A transport (http.ts, sdk-handler.ts) carries it out. */
export type WireOutcome =
  | { readonly kind: "answer"; readonly response: WireResponse }
  // only the first half of the body arrives
  | { readonly kind: "half"; readonly response: WireResponse }
  | { readonly kind: "reset" }
  | { readonly kind: "tls"; readonly code: string; readonly message: string }
  | { readonly kind: "hang" };

export interface Wire {
  handle(request: WireRequest): Promise<WireOutcome>;
}

interface WireOptions {
  readonly clock: SimulatorClock;
  readonly accountId: string;
  readonly region: string;
  /**
   * Host of the image registry; unset: the host with which the caller reached the simulator, or
   * ECR's own name for a caller that used AWS's names.
   */
  readonly registryHost?: string;
  readonly services: Readonly<Record<string, AwsService>>;
  /** ECR of a region. Default: that of `services`. */
  readonly ecrIn?: (region: string, input: unknown) => AwsService;
  readonly registry: (request: WireRequest, host: string) => Promise<WireResponse>;
  readonly oidc: (request: WireRequest) => WireResponse;
  readonly credentials: Credentials;
  readonly authorize: Authorize;
  readonly faults: Faults;
  /** Default: no call is refused for its rate. */
  readonly throttle?: Throttle | undefined;
  /** The time in responses (header `date`). Default: no header. */
  readonly wallClock?: (() => number) | undefined;
  /** Every call is appended here. */
  readonly calls: RecordedCall[];
}

/**
 * X-Amz-Target prefix → service. The service's name is also its SigV4 signing name and its IAM
 * prefix.
 */
const targetServices: Readonly<Record<string, string>> = {
  AmazonEC2ContainerServiceV20141113: "ecs",
  AmazonEC2ContainerRegistry_V20150921: "ecr",
  Logs_20140328: "logs",
  secretsmanager: "secretsmanager",
  AmazonSSM: "ssm",
  AnyScaleFrontendService: "application-autoscaling",
};

/** No signature needed: the token in the input is the proof. */
const unsignedOperations: ReadonlySet<string> = new Set(["sts:AssumeRoleWithWebIdentity"]);
const anonymousPrincipal: Principal = { accountId: "", arn: "", accessKeyId: "" };

const stsQueryProtocol = awsQuery("https://sts.amazonaws.com/doc/2011-06-15/");

/** A request whose operation is known. */
interface Call {
  readonly service: string;
  readonly operation: string;
  /** As recorded: without tokens. */
  readonly input: unknown;
  execute(): Promise<WireResponse>;
  named(error: AwsError): AwsError;
  refuse(error: AwsError): WireResponse;
  /** A response without any member. */
  empty(): WireResponse;
}

type CallRecord = { -readonly [Member in keyof RecordedCall]: RecordedCall[Member] };

export function createWire(options: WireOptions): Wire {
  return {
    async handle(request) {
      const call = await route(request, options);
      const name = `${call.service}:${call.operation}`;
      const fault = options.faults.take(name);
      const recording: CallRecord = {
        at: options.clock.now(),
        service: call.service,
        operation: call.operation,
        input: call.input,
        ...(fault ? { fault: fault.kind } : {}),
      };
      options.calls.push(recording);
      const outcome: WireOutcome = fault
        ? await applyFault(fault, call, recording)
        : { kind: "answer", response: await accept(name, call, recording, options) };
      return withDateHeader(outcome, options.wallClock);
    },
  };
}

/** AWS counts a call before it checks anything else of it. */
async function accept(
  name: string,
  call: Call,
  recording: CallRecord,
  { throttle }: WireOptions,
): Promise<WireResponse> {
  if (!throttle?.(name)) return perform(call, recording);
  recording.error = "ThrottlingException";
  return call.refuse(new AwsError("ThrottlingException", "Rate exceeded"));
}

function withDateHeader(outcome: WireOutcome, wallClock: WireOptions["wallClock"]): WireOutcome {
  if (!wallClock || !("response" in outcome)) return outcome;
  const { response } = outcome;
  const headers = { ...response.headers, date: new Date(wallClock()).toUTCString() };
  return { ...outcome, response: { ...response, headers } };
}

async function applyFault(fault: Fault, call: Call, recording: CallRecord): Promise<WireOutcome> {
  switch (fault.kind) {
    case "error":
      recording.error = fault.name;
      return {
        kind: "answer",
        response: call.refuse(new AwsError(fault.name, fault.message, fault.status)),
      };
    case "garbage":
      return {
        kind: "answer",
        response: {
          status: fault.status,
          headers: { "content-type": "text/html" },
          body: fault.body,
        },
      };
    case "empty":
      if (fault.operate) await perform(call, recording);
      return { kind: "answer", response: call.empty() };
    case "half":
      return { kind: "half", response: await perform(call, recording) };
    case "lost":
      await perform(call, recording);
      return { kind: "reset" };
    case "tls":
      return fault;
    case "reset":
    case "hang":
      return { kind: fault.kind };
  }
}

async function perform(call: Call, recording: CallRecord): Promise<WireResponse> {
  try {
    const response = await call.execute();
    if (response.status >= 400) recording.error = plainErrorCode(response);
    return response;
  } catch (error) {
    const refusal = call.named(error instanceof AwsError ? error : simulatorBug(error));
    recording.error = refusal.name;
    return call.refuse(refusal);
  }
}

async function route(request: WireRequest, options: WireOptions): Promise<Call> {
  if (isForS3(request)) return s3Call(request, options);
  const path = request.path.split("?", 1)[0] ?? "";
  if (/^\/v2(\/|$)/.test(path)) return registryCall(request, path, options);
  if (path.startsWith("/_oidc/")) return tokenEndpointCall(request, path, options);
  const body = await collect(request.body);
  const target = request.headers["x-amz-target"];
  if (
    target === undefined &&
    request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")
  ) {
    const { Action, Version: _, ...input } = parseQueryInput(body);
    // unsigned: only STS has such an operation
    const service = signedService(request.headers) ?? "sts";
    return awsCall(
      {
        request,
        body,
        service,
        operation: String(Action),
        protocol: stsQueryProtocol,
        read: () => input,
      },
      options,
    );
  }
  const [prefix = "", operation = `${request.method} ${path}`] = target?.split(".") ?? [];
  const service = targetServices[prefix] ?? signedService(request.headers) ?? (prefix || "unknown");
  return awsCall(
    { request, body, service, operation, protocol: awsJson, read: () => parseJsonInput(body) },
    options,
  );
}

async function s3Call(request: WireRequest, options: WireOptions): Promise<Call> {
  const body = await collect(request.body);
  return awsCall({ request, body, service: "s3", ...s3Request(request, body) }, options);
}

interface AwsRequest {
  readonly request: WireRequest;
  readonly body: Uint8Array;
  readonly service: string;
  readonly operation: string;
  readonly protocol: Protocol;
  read(): unknown;
}

function awsCall(
  { request, body, service, operation, protocol, read }: AwsRequest,
  options: WireOptions,
): Call {
  const requestId = randomUUID();
  const action = `${service}:${operation}`;
  return {
    service,
    operation,
    input: redacted(read),
    async execute() {
      const region = calledRegion(request, service, options);
      const ecr = service === "ecr" ? options.ecrIn?.(region, read()) : undefined;
      const called = ecr ?? options.services[service];
      const run = ownProperty(called?.operations, operation);
      if (!run)
        throw new AwsError(
          "UnknownOperationException",
          `The simulator has no operation ${action}.`,
        );
      const principal = unsignedOperations.has(action)
        ? anonymousPrincipal
        : options.credentials.authenticate(request, body, service, region);
      const input = read();
      if (principal !== anonymousPrincipal) options.authorize(principal, action, input, region);
      const host =
        region === options.region
          ? hostFor(request, options)
          : registryHostOf({ region, accountId: options.accountId });
      const output = await run(input, { principal, host, requestId, region });
      return protocol.answer(operation, output, requestId);
    },
    named: protocol.named,
    refuse: (error) => protocol.refuse(error, requestId),
    empty: () => protocol.answer(operation, {}, requestId),
  };
}

/** These services are simulated in every region; the signature names the one that was called. */
const servicesOfEveryRegion: ReadonlySet<string> = new Set(["ecr", "secretsmanager", "ssm"]);

function calledRegion({ headers }: WireRequest, service: string, { region }: WireOptions): string {
  if (!servicesOfEveryRegion.has(service)) return region;
  return signedRegion(headers) ?? region;
}

function registryCall(request: WireRequest, path: string, options: WireOptions): Call {
  const resource = path
    .replace(/\b[a-z0-9]+:[0-9a-f]{32,}$/, ":digest")
    .replace(/(\/blobs\/uploads\/)[^/]+$/, "$1:upload");
  return {
    service: "registry",
    operation: `${request.method} ${resource}`,
    input: {},
    execute: () => options.registry(request, hostFor(request, options)),
    named: (error) => error,
    // https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
    refuse: ({ name, message, status }) => plainJson(status, { errors: [{ code: name, message }] }),
    empty: () => plainJson(200, {}),
  };
}

function tokenEndpointCall(request: WireRequest, path: string, options: WireOptions): Call {
  const audience = new URLSearchParams(request.path.split("?")[1]).get("audience");
  return {
    service: "oidc",
    operation: `${request.method} ${path}`,
    input: audience === null ? {} : { audience },
    execute: async () => options.oidc(request),
    named: (error) => error,
    refuse: ({ message, status }) => plainJson(status, { message }),
    empty: () => plainJson(200, {}),
  };
}

/**
 * Members that the call log never contains; an object may be a Terraform state, and those contain
 * secrets.
 */
const redactedMembers = {
  WebIdentityToken: "<token>",
  SecretString: "<secret>",
  SecretBinary: "<secret>",
  Body: "<body>",
};

/** The input as recorded in the call log: a copy, without secrets. */
function redacted(read: () => unknown): unknown {
  try {
    const input = structuredClone(read()) as Record<string, unknown>;
    for (const [member, shown] of Object.entries(redactedMembers))
      if (input && member in input) input[member] = shown;
    return input;
  } catch {
    return undefined; // not readable: `perform` reports it
  }
}

function hostFor(request: WireRequest, { registryHost, accountId, region }: WireOptions): string {
  if (registryHost) return registryHost;
  const host = request.headers["host"] ?? "";
  const reachedByAddress = /^(localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(:\d+)?$/i.test(host);
  if (/^\d{12}\.dkr\.ecr\./.test(host)) return host;
  return reachedByAddress ? host : registryHostOf({ region, accountId });
}

function plainErrorCode({ status, body }: WireResponse): string {
  try {
    return JSON.parse(isWhole(body) ? Buffer.from(body as Uint8Array).toString() : "").errors[0]
      .code;
  } catch {
    return `HTTP ${status}`;
  }
}

function plainJson(status: number, body: unknown): WireResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** A mistake of the simulator must not look like AWS's behaviour: 500, with the stack. */
function simulatorBug(error: unknown): AwsError {
  return new AwsError(
    "InternalFailure",
    "Bug in the simulator: " +
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    500,
  );
}

/** `constructor` and similar names are not operations. */
function ownProperty<T>(
  table: Readonly<Record<string, T>> | undefined,
  name: string,
): T | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

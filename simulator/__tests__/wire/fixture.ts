// A small world around the wire: real keys, tokens, STS, faults and log; services and registry reduced to an echo.

import { VirtualClock } from "../../src/clock.ts";
import { AwsError, type CallContext, type RecordedCall } from "../../src/contract.ts";
import { createCredentials } from "../../src/iam/credentials.ts";
import { createIam } from "../../src/iam/iam.ts";
import type { TrustPolicy } from "../../src/iam/trust-policy.ts";
import { createOidc, githubIssuer, type Job } from "../../src/oidc/oidc.ts";
import { createSts } from "../../src/sts/sts.ts";
import { Faults } from "../../src/wire/faults.ts";
import { createWire } from "../../src/wire/wire.ts";

const ACCOUNT = "123456789012";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`;
export const REGION = "us-east-1";
export const ROOT = { accessKeyId: "test", secretAccessKey: "test" };
export const CREATED = new Date(1_753_000_000_123);

export function trustPolicy(
  conditions: Record<string, Record<string, string | string[]>>,
): TrustPolicy {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: {
          Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
        },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: conditions,
      },
    ],
  };
}

export const TRUST_OCTO = trustPolicy({
  StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
  StringLike: { "token.actions.githubusercontent.com:sub": "repo:octo/app:*" },
});

interface WireWorldOptions {
  readonly job?: Partial<Job>;
  readonly registryHost?: string;
  readonly wallClock?: () => number;
}

export function wireWorld(options: WireWorldOptions = {}) {
  const clock = new VirtualClock();
  const contexts: CallContext[] = [];
  const calls: RecordedCall[] = [];
  const faults = new Faults();
  const credentials = createCredentials({
    clock,
    accountId: ACCOUNT,
    region: REGION,
    wallClock: options.wallClock,
  });
  const oidc = createOidc({ clock, ...(options.job ? { job: options.job } : {}) });
  const iam = createIam();
  const sts = createSts({ clock, region: REGION, accountId: ACCOUNT, credentials, iam });
  sts.providers.put({ url: githubIssuer, clientIds: ["sts.amazonaws.com"], keys: oidc.jwks });
  iam.roles.put({ roleArn: ROLE, trustPolicy: TRUST_OCTO });

  const ecs = {
    operations: {
      ListClusters(_input: unknown, context: CallContext) {
        contexts.push(context);
        return {
          clusterArns: [`arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/main`],
          nextToken: undefined,
        };
      },
      DescribeServices({ cluster }: { cluster: string }) {
        if (cluster !== "main")
          throw new AwsError("ClusterNotFoundException", "Cluster not found.");
        return { services: [{ serviceName: "app", createdAt: CREATED }], failures: [] };
      },
      ListServices() {
        throw new TypeError("a slip of ours");
      },
    },
  };
  const logs = {
    operations: {
      GetLogEvents: () => ({ events: [{ timestamp: 1_753_000_000_123, message: "hello" }] }),
    },
  };

  const wire = createWire({
    clock,
    wallClock: options.wallClock,
    accountId: ACCOUNT,
    region: REGION,
    ...(options.registryHost ? { registryHost: options.registryHost } : {}),
    services: { ecs, logs, sts: sts.service },
    async registry(request, host) {
      let bytes = 0;
      for await (const chunk of request.body) bytes += chunk.length;
      if (request.path.endsWith("/missing"))
        return {
          status: 404,
          headers: {},
          body: JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN" }] }),
        };
      const body = JSON.stringify({ host, bytes });
      return {
        status: 200,
        headers: { "content-length": String(body.length), "docker-content-digest": "sha256:abc" },
        body: request.method === "HEAD" ? "" : body,
      };
    },
    oidc: oidc.handle,
    credentials,
    authorize() {},
    faults,
    calls,
  });
  return {
    ...wire,
    clock,
    calls,
    contexts,
    faults,
    credentials,
    oidc,
    iam,
    roles: iam.roles,
    providers: sts.providers,
  };
}

/** The bare input of a role session; tests change one member at a time. */
export function assumption(token: string) {
  return { RoleArn: ROLE, RoleSessionName: "deploy-1", WebIdentityToken: token };
}

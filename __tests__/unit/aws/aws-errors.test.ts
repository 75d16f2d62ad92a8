import { describe, expect, test } from "vitest";
import {
  isAccessDenied,
  isAwsError,
  isExpiredCredentials,
  isTransient,
  toDeployError,
} from "../../../src/aws/aws-errors.ts";
import { DeployError, type ErrorCode } from "../../../src/errors.ts";

interface Members {
  readonly message?: string;
  readonly code?: string;
  readonly status?: number;
}

/** An error as the SDK throws it. */
function aws(name: string, { message = "Sorry.", code, status }: Members = {}): Error {
  return Object.assign(new Error(message), {
    name,
    ...(code !== undefined && { code }),
    ...(status !== undefined && { $metadata: { httpStatusCode: status } }),
  });
}

const tooMany = "Too many concurrent attempts to create a new revision of the specified family.";
const noKey = "Couldn't retrieve verification key from your identity provider, please reference …";

const passing: readonly { name: string; input: unknown }[] = [
  { name: "throttled", input: aws("ThrottlingException") },
  { name: "throttled, as EC2 says it", input: aws("RequestLimitExceeded", { status: 503 }) },
  { name: "HTTP 429", input: aws("Odd", { status: 429 }) },
  { name: "HTTP 500 of any name", input: aws("Odd", { status: 500 }) },
  { name: "connection reset", input: aws("Error", { code: "ECONNRESET" }) },
  { name: "DNS that does not answer now", input: aws("Error", { code: "EAI_AGAIN" }) },
  { name: "no answer in time", input: aws("TimeoutError") },
  { name: "a page instead of JSON", input: aws("SyntaxError", { status: 502 }) },
  {
    name: "parallel jobs that register",
    input: aws("ClientException", { message: tooMany, status: 400 }),
  },
  {
    name: "STS that did not reach GitHub",
    input: aws("InvalidIdentityTokenException", { message: noKey }),
  },
  {
    name: "what was translated as unavailable already",
    input: new DeployError({ code: "AwsUnavailable", message: "x" }),
  },
];

const lasting: readonly { name: string; input: unknown }[] = [
  { name: "access denied", input: aws("AccessDeniedException", { status: 400 }) },
  { name: "a mistake of ours", input: aws("ClientException", { status: 400 }) },
  { name: "a host that does not exist", input: aws("Error", { code: "ENOTFOUND" }) },
  {
    name: "what was translated as a refusal already",
    input: new DeployError({ code: "RoleRefused", message: "x" }),
  },
  { name: "something that is no error", input: "ThrottlingException" },
];

describe("worth another try", () => {
  test.each(passing)("$name", ({ input }) => {
    expect(isTransient(input)).toBe(true);
  });
});

describe("not worth another try", () => {
  test.each(lasting)("$name", ({ input }) => {
    expect(isTransient(input)).toBe(false);
  });
});

const denied =
  "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: iam:PassRole on resource: arn:…";

const reported: readonly {
  name: string;
  input: unknown;
  code: ErrorCode;
  says: readonly string[];
}[] = [
  {
    name: "access denied names the call",
    input: aws("AccessDeniedException"),
    code: "PermissionMissing",
    says: [
      "AWS refused ecs:UpdateService: Sorry.",
      'Allow the action "ecs:UpdateService" on arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE in the policy',
      "(docs/iam.md: Update the service)",
    ],
  },
  {
    name: "… but the action that AWS names, where it is another",
    input: aws("AccessDeniedException", { message: denied }),
    code: "PermissionMissing",
    says: [
      'Allow the action "iam:PassRole" on arn:…',
      "(docs/iam.md: Task definition, Pre-deploy, verification or post-deploy task, Pre-deploy task with a definition of its own, Create an Express service)",
    ],
  },
  {
    name: "… and an action that no feature of ours has",
    input: aws("AccessDeniedException", {
      message: "User: x is not authorized to perform: kms:Decrypt on resource: key",
    }),
    code: "PermissionMissing",
    says: [
      'Allow the action "kms:Decrypt" on key in the policy of the role that this step uses (docs/iam.md lists what it needs).',
    ],
  },
  {
    name: "an explicit deny is not cured by an Allow",
    input: aws("AccessDeniedException", {
      message: `${denied} with an explicit deny in a service control policy`,
    }),
    code: "PermissionMissing",
    says: ["A statement of a service control policy denies", "no Allow can outvote it"],
  },
  {
    name: "a session policy is the one to change",
    input: aws("AccessDeniedException", {
      message: `${denied} because no session policy allows the iam:PassRole action`,
    }),
    code: "PermissionMissing",
    says: ["in inline-session-policy or managed-session-policies, which narrow this run"],
  },
  {
    name: "credentials that expired",
    input: aws("ExpiredTokenException"),
    code: "CredentialsRefused",
    says: ["role-to-assume"],
  },
  {
    name: "credentials that are wrong",
    input: aws("UnrecognizedClientException"),
    code: "CredentialsRefused",
    says: ["ecs:UpdateService"],
  },
  {
    name: "no credentials",
    input: aws("CredentialsProviderError"),
    code: "CredentialsMissing",
    says: ["id-token: write", "env:\n  AWS_ACCESS_KEY_ID: $"],
  },
  {
    name: "no cluster",
    input: aws("ClusterNotFoundException"),
    code: "ClusterNotFound",
    says: ["cluster"],
  },
  {
    name: "no service",
    input: aws("ServiceNotFoundException"),
    code: "ServiceNotFound",
    says: ["service"],
  },
  {
    name: "a service that is going",
    input: aws("ServiceNotActiveException"),
    code: "ServiceNotActive",
    says: ["not active"],
  },
  {
    name: "a host that does not exist",
    input: aws("Error", { code: "ENOTFOUND" }),
    code: "AwsUnavailable",
    says: ["aws-region"],
  },
  {
    name: "an outage",
    input: aws("ServerException", { status: 500 }),
    code: "AwsUnavailable",
    says: ["still failed after several attempts: ServerException: Sorry."],
  },
  {
    name: "a proxy's page, not in the words of a parser",
    input: aws("SyntaxError", {
      message: "Unexpected token '<' … {error}.$response",
      status: 502,
    }),
    code: "AwsUnavailable",
    says: [
      "still failed after several attempts: the answer is a page, not that of an API (HTTP 502).",
    ],
  },
  {
    name: "half an answer in XML",
    input: aws("Error", {
      message:
        "@aws-sdk XML parse error: unexpected end of input.\n  Deserialization error: to see the raw response, inspect the hidden field {error}.$response on this object.",
      status: 200,
    }),
    code: "AwsUnavailable",
    says: ["the answer is incomplete, or not that of an API (HTTP 200).", "captive portal"],
  },
  {
    name: "a certificate that has run out",
    input: aws("Error", { message: "certificate has expired", code: "CERT_HAS_EXPIRED" }),
    code: "TlsFailed",
    says: [
      "the certificate is not valid at this time (CERT_HAS_EXPIRED: certificate has expired)",
      "date -u",
    ],
  },
  ...[
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  ].map((code) => ({
    name: `a certificate of an unknown authority: ${code}`,
    input: aws("Error", { code }),
    code: "TlsFailed" as const,
    says: ["not of an authority that this runner trusts", "NODE_EXTRA_CA_CERTS", "NO_PROXY"],
  })),
  {
    name: "a proxy that breaks TLS off",
    input: aws("Error", {
      code: "EPROTO",
      message:
        "80EB:error:0A000410:SSL routines:ssl3_read_bytes:ssl/tls alert handshake failure:../deps/x.c:916:\n",
    }),
    code: "TlsFailed",
    says: ["(EPROTO: ssl/tls alert handshake failure)", "HTTPS_PROXY"],
  },
  {
    name: "a clock that is slow",
    input: aws("InvalidSignatureException", {
      message:
        "Signature expired: 20261127T220000Z is now earlier than 20261127T221500Z (20261127T222000Z - 5 min.)",
    }),
    code: "ClockSkewed",
    says: ["The clock of this runner is 20 min slow"],
  },
  {
    name: "a wrong clock with an unknown offset",
    input: aws("RequestTimeTooSkewed"),
    code: "ClockSkewed",
    says: ["The clock of this runner is not that of AWS", "chrony"],
  },
  {
    name: "a signature that is wrong for another reason",
    input: aws("SignatureDoesNotMatch", {
      message: "The request signature we calculated does not match.",
    }),
    code: "CredentialsRefused",
    says: ["The job's own credentials are wrong, expired"],
  },
  {
    name: "anything else",
    input: aws("InvalidParameterException"),
    code: "AwsRefused",
    says: ["ecs:UpdateService failed: InvalidParameterException: Sorry."],
  },
  { name: "no error at all", input: "oh", code: "AwsRefused", says: ["oh"] },
];

describe("reported", () => {
  test.each(reported)("$name", ({ input, code, says }) => {
    const error = toDeployError("ecs:UpdateService", input);
    expect(error.code).toBe(code);
    for (const part of says) expect(`${error.message}\n${error.hint}`).toContain(part);
    expect(error.cause).toBe(input);
  });

  test("an error that is a DeployError already is not translated again", () => {
    const error = new DeployError({ code: "RoleRefused", message: "x" });
    expect(toDeployError("ecs:UpdateService", error)).toBe(error);
  });
});

describe("who calls decides the cure", () => {
  const invalid = aws("InvalidClientTokenId", {
    message: "The security token included in the request is invalid",
  });

  test("keys of another partition", () => {
    const { hint } = toDeployError("sts:GetCallerIdentity", invalid, {
      region: "us-gov-west-1",
      assumesRole: false,
    });
    expect(hint).toContain("aws-region us-gov-west-1 is in aws-us-gov");
  });

  test("a role's session", () => {
    const { hint } = toDeployError("ecs:DescribeServices", invalid, {
      region: "me-south-1",
      assumesRole: true,
    });
    expect(hint).toContain("Is that aws-region switched on");
    expect(hint).not.toMatch(/use role-to-assume/i);
  });

  test("what to allow bears the partition's name", () => {
    const refused = aws("AccessDeniedException");
    const { hint } = toDeployError("ecs:UpdateService", refused, {
      region: "cn-north-1",
      assumesRole: true,
    });
    expect(hint).toContain("on arn:aws-cn:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE");
  });
});

test("a translated error is still known by its AWS name", () => {
  const error = toDeployError("ecs:ListServiceDeployments", aws("AccessDeniedException"));
  expect(isAwsError(error, "AccessDeniedException")).toBe(true);
  expect(isAccessDenied(error)).toBe(true);
  expect(isAccessDenied(aws("ClientException"))).toBe(false);
});

test.each([
  ["AccessDeniedException", "AWS refused ecs:UpdateService: Sorry (request id r-1)."],
  [
    "ExpiredTokenException",
    "AWS refused the credentials at ecs:UpdateService: Sorry (request id r-1).",
  ],
  [
    "InvalidParameterException",
    "ecs:UpdateService failed: InvalidParameterException: Sorry (request id r-1).",
  ],
])("a message that quotes AWS has the request id, once: %s", (name, message) => {
  const error = Object.assign(aws(name), { $metadata: { requestId: "r-1" } });
  expect(toDeployError("ecs:UpdateService", error, undefined, "r-1").message).toBe(message);
  expect(toDeployError("ecs:UpdateService", aws(name), undefined, "r-1").message).toBe(message);
});

test("a page in place of an answer has the request id of its header", () => {
  const page = Object.assign(new Error("Unexpected token"), {
    name: "SyntaxError",
    $response: { headers: { "content-type": "text/html", "x-amzn-requestid": "r-1" } },
  });
  expect(toDeployError("ecs:UpdateService", page).message).toMatch(/ \(request id r-1\)\.$/);
});

test("expired is not the same as wrong", () => {
  expect(isExpiredCredentials(aws("ExpiredTokenException"))).toBe(true);
  expect(isExpiredCredentials(aws("UnrecognizedClientException"))).toBe(false);
});

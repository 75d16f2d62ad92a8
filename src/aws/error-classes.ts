// Which class an error of AWS or the network belongs to, PURE: tables of names and codes.

/** Refused for their rate, before anything of them was done. */
export const throttledNames = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "SlowDown",
]);

/**
 * Errors after which a retry may succeed.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
 */
export const transientNames = new Set([
  ...throttledNames,
  "ServerException",
  "InternalFailure",
  "InternalError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "RequestTimeout",
  "RequestTimeoutException",
  "TimeoutError",
  "IDPCommunicationErrorException",
]);

export const transientCodes = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
]);

/** Messages of AWS that are transient although their error name is not. */
export const transientMessages = [
  // RegisterTaskDefinition by parallel jobs; the SDK never retries it
  "Too many concurrent attempts to create a new revision",
  // STS could not reach GitHub's keys
  "Couldn't retrieve verification key from your identity provider",
];

export const expiredNames = new Set(["ExpiredTokenException", "ExpiredToken", "RequestExpired"]);

export const refusedNames = new Set([
  ...expiredNames,
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "MissingAuthenticationTokenException",
  "AuthFailure",
]);

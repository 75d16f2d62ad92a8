// What the SDK loads only when it is needed, by `await import()`: each package, and what it takes from it. They are one file in dist/.
// __tests__/contract/bundle.test.ts compares the list with the SDK.

export const onDemand: Readonly<Record<string, readonly string[]>> = {
  "@aws-sdk/credential-provider-env": ["fromEnv"],
  "@aws-sdk/credential-provider-http": ["fromHttp"],
  "@aws-sdk/credential-provider-ini": ["fromIni"],
  "@aws-sdk/credential-provider-login": ["fromLoginCredentials"],
  "@aws-sdk/credential-provider-process": ["fromProcess"],
  "@aws-sdk/credential-provider-sso": ["fromSSO"],
  "@aws-sdk/credential-provider-web-identity": ["fromTokenFile"],
  "@aws-sdk/nested-clients/sts": ["getDefaultRoleAssumer", "getDefaultRoleAssumerWithWebIdentity"],
  "@smithy/core/event-streams": ["EventStreamSerde", "eventStreamSerdeProvider"],
  "@smithy/credential-provider-imds": [
    "ENV_CMDS_FULL_URI",
    "ENV_CMDS_RELATIVE_URI",
    "fromContainerMetadata",
    "fromInstanceMetadata",
  ],
};

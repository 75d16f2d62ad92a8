// Stands in the bundle for the SDK's two sign-ins that need a person at a browser: docs/decisions/0013-rolldown-before-ncc.md

function refuse(): () => Promise<never> {
  return async () => {
    throw new Error(
      "The profile uses IAM Identity Center (SSO) or `aws login`, which deploy-ecs does not support. " +
        "Use role-to-assume, access keys, or a profile with role_arn or credential_process.",
    );
  };
}

export const fromLoginCredentials = refuse;
export const fromSSO = refuse;

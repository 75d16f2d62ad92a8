// The inputs of aws-actions/configure-aws-credentials and aws-actions/amazon-ecr-login.

import type { Row, Rows } from "./row.ts";

function carried(to: string, sample: string, note = ""): Row {
  return { treatment: { kind: "input", to }, note, sample };
}

function environment(to: string, sample: string, note = ""): Row {
  return { treatment: { kind: "environment", to }, note, sample };
}

function automatic(note: string, sample: string): Row {
  return { treatment: { kind: "automatic" }, note, sample };
}

function stays(note: string, sample: string, unless: readonly string[] = []): Row {
  return { treatment: { kind: "stays", unless }, note, sample };
}

export const signInRows: Rows = {
  "aws-region": carried("aws-region", "eu-west-1"),
  "aws-profile": stays("No profile is written.", "deploy"),
  "overwrite-aws-profile": stays("No profile is written.", "true", ["false"]),
  "role-to-assume": {
    treatment: { kind: "joined", to: ["role-to-assume"] },
    note: "By OIDC only. With access keys beside it, the step stays.",
    sample: "arn:aws:iam::123456789012:role/deploy",
  },
  "aws-access-key-id": environment(
    "AWS_ACCESS_KEY_ID",
    "secret",
    "There is no input for keys: they go into `env:` of the step. Better: " +
      "[a role without keys](#from-access-keys-to-a-role).",
  ),
  "aws-secret-access-key": environment("AWS_SECRET_ACCESS_KEY", "secret", "The same."),
  "aws-session-token": environment(
    "AWS_SESSION_TOKEN",
    "secret",
    "The same. It cannot be renewed: a deployment that takes longer fails.",
  ),
  "web-identity-token-file": stays("No token file is read.", "/tmp/token"),
  "role-chaining": stays("A role is assumed once.", "true", ["false"]),
  audience: carried("audience", "sts.amazonaws.com"),
  "http-proxy": environment("HTTPS_PROXY", "http://proxy:3128", "The runner's own variable."),
  "no-proxy": environment("NO_PROXY", "localhost", "The runner's own variable."),
  "mask-aws-account-id": stays("Account ids are not masked.", "true", ["false", "no"]),
  "role-duration-seconds": carried(
    "role-duration-seconds",
    "1800",
    "The session is renewed if the deployment takes longer.",
  ),
  "role-external-id": stays("GitHub's OIDC roles have none.", "id"),
  "role-session-name": carried(
    "role-session-name",
    "release",
    "Default `deploy-ecs-` and the run id, there `GitHubActions`: a trust policy may name it.",
  ),
  "role-skip-session-tagging": automatic("A session by OIDC has no tags of its own.", "true"),
  "transitive-tag-keys": stays("No session tags are set.", "Team"),
  "inline-session-policy": carried("inline-session-policy", '{"Version":"2012-10-17"}'),
  "managed-session-policies": carried(
    "managed-session-policies",
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "One per line.",
  ),
  "output-credentials": stays(
    "The credentials never leave our step, but other steps read these outputs.",
    "true",
    ["false"],
  ),
  "output-env-credentials": stays(
    "The credentials never leave our step. The step stays, too, if another step needs AWS.",
    "false",
    ["true"],
  ),
  "unset-current-credentials": automatic("The role's session is used by our step alone.", "true"),
  "disable-retry": automatic("Sign-in is retried by itself, if that can help.", "true"),
  "retry-max-attempts": automatic("Sign-in is retried by itself, if that can help.", "5"),
  "special-characters-workaround": automatic("Any secret key works.", "true"),
  "use-existing-credentials": stays(
    "Leave `role-to-assume` out to use the job's credentials.",
    "true",
    ["false"],
  ),
  "allowed-account-ids": carried("allowed-account-ids", "123456789012"),
  "force-skip-oidc": stays("With `role-to-assume`, OIDC is used.", "true", ["false"]),
  "action-timeout-s": {
    treatment: { kind: "comment" },
    note: "Sign-in has no limit of its own: set `timeout-minutes` on the step.",
    sample: "60",
  },
  "custom-tags": stays("No session tags are set.", '{"Team":"a"}'),
  "sts-endpoint": stays("There is no input for it.", "https://sts.example.com"),
};

export const loginRows: Rows = {
  "http-proxy": environment("HTTPS_PROXY", "http://proxy:3128", "The runner's own variable."),
  "mask-password": automatic("The password is no output, and never in the log.", "true"),
  registries: stays(
    "We sign in to the registry of the account; base images of other accounts need this login.",
    "111122223333",
  ),
  "registry-type": stays("We push to private repositories only. The build stays, too.", "public", [
    "private",
  ]),
  "skip-logout": automatic("The password is in a private file that our step deletes.", "true"),
};

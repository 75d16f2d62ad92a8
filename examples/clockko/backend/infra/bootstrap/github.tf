# GitHub Actions signs in without a key: AWS trusts GitHub's tokens, and each role says which jobs it takes.

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_oidc_provider_arn == null ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  github_oidc_provider_arn = var.github_oidc_provider_arn == null ? aws_iam_openid_connect_provider.github[0].arn : var.github_oidc_provider_arn

  # `sub` begins with names alone, or (repositories created, renamed or transferred since 2026-07-15) with names and ids.
  github_subject_prefixes = [
    "repo:${var.github_owner}/${var.github_repository}",
    "repo:${var.github_owner}@${var.github_owner_id}/${var.github_repository}@${var.github_repository_id}",
  ]

  # Which jobs each role takes, as `sub` ends for them. A job with `environment:` has no branch in its `sub`: that only the main
  # branch deploys is a rule of the environment.
  # https://docs.github.com/en/actions/reference/security/oidc
  github_subject_endings = {
    deploy = "environment:${var.github_environment}"
    plan   = "pull_request"
  }
}

data "aws_iam_policy_document" "trust_github" {
  for_each = local.github_subject_endings

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.github_oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [for prefix in local.github_subject_prefixes : "${prefix}:${each.value}"]
    }

    # Names can change hands, the id cannot.
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:repository_id"
      values   = [var.github_repository_id]
    }
  }
}

# The role that deploys. What it may do is in deploy_policy.tf, which is generated. It can run any code as the tasks' roles: its guard
# is the environment in `sub`, with its reviewers and branches.
resource "aws_iam_role" "deploy" {
  name                 = "${var.project}-gha-role"
  description          = "GitHub Actions deploys ${local.service_name} with it."
  assume_role_policy   = data.aws_iam_policy_document.trust_github["deploy"].json
  max_session_duration = 3600 # The action renews its session by itself.
}

resource "aws_iam_role_policy" "deploy" {
  name   = "deploy"
  role   = aws_iam_role.deploy.id
  policy = data.aws_iam_policy_document.deploy.json
}

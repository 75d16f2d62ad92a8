# The role of pull requests: it looks, plans and changes nothing. Code of a pull request runs with it, before anybody has looked at
# that code, so it may read no secret and no other state. (Pull requests from forks get no token at all from GitHub.)

resource "aws_iam_role" "plan" {
  name                 = "${var.project}-gha-plan-role"
  description          = "GitHub Actions plans pull requests with it, and changes nothing."
  assume_role_policy   = data.aws_iam_policy_document.trust_github["plan"].json
  max_session_duration = 3600
}

data "aws_iam_policy_document" "plan" {
  statement {
    sid       = "LookAtRepository"
    actions   = ["ecr:DescribeRepositories", "ecr:DescribeImages"]
    resources = [aws_ecr_repository.backend.arn]
  }

  statement {
    sid       = "ReadTaskDefinition"
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"] # IAM knows no resource for this action.
  }

  statement {
    sid = "LookAtService"
    actions = [
      "ecs:DescribeClusters",
      "ecs:DescribeServices",
      "ecs:ListServiceDeployments",
      "ecs:ListTagsForResource",
    ]
    resources = [
      "arn:aws:ecs:${var.region}:${local.account_id}:cluster/${local.cluster_name}",
      "arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}",
      "arn:aws:ecs:${var.region}:${local.account_id}:task-definition/${local.task_definition_family}:*",
    ]
  }

  statement {
    sid     = "LookAtLogGroup"
    actions = ["logs:DescribeLogGroups", "logs:ListTagsForResource"]
    resources = [
      "arn:aws:logs:${var.region}:${local.account_id}:log-group:*",
    ]
  }

  statement {
    sid       = "FindState"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.service_state_key}*"]
    }
  }

  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.state.arn}/${local.service_state_key}"]
  }

  # A plan takes the lock too, so that it does not look while an apply is writing.
  statement {
    sid       = "LockState"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.state.arn}/${local.service_state_key}.tflock"]
  }
}

resource "aws_iam_role_policy" "plan" {
  name   = "plan"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.plan.json
}

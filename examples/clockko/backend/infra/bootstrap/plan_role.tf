# The role of pull requests: it looks, plans and changes nothing. Code of a pull request runs with it, before anybody has looked at
# that code, so it may read no secret and no other state: deploy_policy.tf has all that it may. (Pull requests from forks get no token
# at all from GitHub.)

resource "aws_iam_role" "plan" {
  name                 = "${var.project}-gha-plan-role"
  description          = "GitHub Actions plans pull requests with it, and changes nothing."
  assume_role_policy   = data.aws_iam_policy_document.trust_github["plan"].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "plan" {
  name   = "plan"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.plan.json
}

# What the two roles of github.tf may do: every action that a deployment calls, on these resources only. The same, feature by feature, is in
# the action's docs/iam.md. https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

# begin: written by script/docs from src/permissions/permissions.ts

# What the job `deploy` of .github/workflows/deploy.yml asks for: image, migration, deployment, rollback; Terraform's own calls.
data "aws_iam_policy_document" "deploy" {
  statement {
    sid       = "Service1"
    actions   = ["ecs:DescribeServices"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}"]
  }

  statement {
    sid       = "Service2"
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid = "Repository"
    actions = [
      "ecr:DescribeRepositories",
      "ecr:DescribeImages",
    ]
    resources = ["arn:aws:ecr:${var.region}:${local.account_id}:repository/${local.ecr_repository_name}"]
  }

  statement {
    sid       = "Push1"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "Push2"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:InitiateLayerUpload",
      "ecr:UploadLayerPart",
      "ecr:CompleteLayerUpload",
      "ecr:PutImage",
      "ecr:BatchGetImage",
    ]
    resources = ["arn:aws:ecr:${var.region}:${local.account_id}:repository/${local.ecr_repository_name}"]
  }

  statement {
    sid       = "PlatformCheck"
    actions   = ["ecr:GetDownloadUrlForLayer"]
    resources = ["arn:aws:ecr:${var.region}:${local.account_id}:repository/${local.ecr_repository_name}"]
  }

  statement {
    sid       = "TaskDefinition1"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task-definition/${local.task_definition_family}:*"]
  }

  statement {
    sid     = "TaskDefinition2"
    actions = ["iam:PassRole"]
    resources = [
      "arn:aws:iam::${local.account_id}:role/${aws_iam_role.task.name}",
      "arn:aws:iam::${local.account_id}:role/${aws_iam_role.execution.name}",
    ]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid       = "Update"
    actions   = ["ecs:UpdateService"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}"]
  }

  statement {
    sid       = "Verdict1"
    actions   = ["ecs:ListServiceDeployments"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}"]
  }

  statement {
    sid     = "Verdict2"
    actions = ["ecs:DescribeServiceDeployments"]
    resources = [
      "arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}",
      "arn:aws:ecs:${var.region}:${local.account_id}:service-deployment/${local.cluster_name}/${local.service_name}/*",
    ]
  }

  statement {
    sid     = "Verdict3"
    actions = ["ecs:DescribeServiceRevisions"]
    resources = [
      "arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}",
      "arn:aws:ecs:${var.region}:${local.account_id}:service-revision/${local.cluster_name}/${local.service_name}/*",
    ]
  }

  statement {
    sid       = "Preflight1"
    actions   = ["ecs:DescribeClusters"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:cluster/${local.cluster_name}"]
  }

  statement {
    sid       = "Preflight2"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }

  statement {
    sid       = "Diagnosis1"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["arn:aws:ecs:${var.region}:${local.account_id}:cluster/${local.cluster_name}"]
    }
  }

  statement {
    sid       = "Diagnosis2"
    actions   = ["ecs:DescribeTasks"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task/${local.cluster_name}/*"]
  }

  statement {
    sid       = "Diagnosis3"
    actions   = ["logs:GetLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${local.account_id}:log-group:${local.log_group_name}:log-stream:*"]
  }

  statement {
    sid       = "Tags"
    actions   = ["ecs:TagResource"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task-definition/${local.task_definition_family}:*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition"]
    }
  }

  statement {
    sid       = "Task"
    actions   = ["ecs:RunTask"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task-definition/${local.task_definition_family}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["arn:aws:ecs:${var.region}:${local.account_id}:cluster/${local.cluster_name}"]
    }
  }

  statement {
    sid       = "TaskTags"
    actions   = ["ecs:TagResource"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:task/${local.cluster_name}/*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RunTask"]
    }
  }

  statement {
    sid       = "TerraformPlan1"
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${local.state_bucket_name}"]
  }

  statement {
    sid       = "TerraformPlan2"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${local.state_bucket_name}/${local.service_state_key}"]
  }

  statement {
    sid = "TerraformPlan3"
    actions = [
      "s3:GetObject",
      "s3:PutObject",
      "s3:DeleteObject",
    ]
    resources = ["arn:aws:s3:::${local.state_bucket_name}/${local.service_state_key}.tflock"]
  }

  statement {
    sid       = "TerraformPlan4"
    actions   = ["logs:ListTagsForResource"]
    resources = ["arn:aws:logs:${var.region}:${local.account_id}:log-group:${local.log_group_name}"]
  }

  statement {
    sid       = "TerraformApply"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::${local.state_bucket_name}/${local.service_state_key}"]
  }

  statement {
    sid       = "TerraformCreate1"
    actions   = ["ecs:CreateCluster"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:cluster/${local.cluster_name}"]
  }

  statement {
    sid       = "TerraformCreate2"
    actions   = ["ecs:CreateService"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}"]
  }

  statement {
    sid     = "TerraformCreate3"
    actions = ["ecs:TagResource"]
    resources = [
      "arn:aws:ecs:${var.region}:${local.account_id}:cluster/${local.cluster_name}",
      "arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}",
    ]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values = [
        "CreateCluster",
        "CreateService",
      ]
    }
  }

  statement {
    sid = "TerraformCreate4"
    actions = [
      "logs:CreateLogGroup",
      "logs:PutRetentionPolicy",
    ]
    resources = ["arn:aws:logs:${var.region}:${local.account_id}:log-group:${local.log_group_name}:*"]
  }

  statement {
    sid       = "TerraformCreate5"
    actions   = ["logs:TagResource"]
    resources = ["arn:aws:logs:${var.region}:${local.account_id}:log-group:${local.log_group_name}"]
  }

  statement {
    sid       = "TerraformCreate6"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:aws:iam::${local.account_id}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["ecs.amazonaws.com"]
    }
  }
}

# What its job `plan` asks for: reads, and the lock of the state.
data "aws_iam_policy_document" "plan" {
  statement {
    sid       = "Service1"
    actions   = ["ecs:DescribeServices"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}"]
  }

  statement {
    sid       = "Service2"
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid = "Repository"
    actions = [
      "ecr:DescribeRepositories",
      "ecr:DescribeImages",
    ]
    resources = ["arn:aws:ecr:${var.region}:${local.account_id}:repository/${local.ecr_repository_name}"]
  }

  statement {
    sid       = "ImageOrigin1"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "ImageOrigin2"
    actions = [
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
    ]
    resources = ["arn:aws:ecr:${var.region}:${local.account_id}:repository/${local.ecr_repository_name}"]
  }

  statement {
    sid       = "Preflight1"
    actions   = ["ecs:DescribeClusters"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:cluster/${local.cluster_name}"]
  }

  statement {
    sid       = "Preflight2"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }

  statement {
    sid       = "Preflight3"
    actions   = ["ecs:ListServiceDeployments"]
    resources = ["arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}"]
  }

  statement {
    sid     = "Preflight4"
    actions = ["ecs:DescribeServiceRevisions"]
    resources = [
      "arn:aws:ecs:${var.region}:${local.account_id}:service/${local.cluster_name}/${local.service_name}",
      "arn:aws:ecs:${var.region}:${local.account_id}:service-revision/${local.cluster_name}/${local.service_name}/*",
    ]
  }

  statement {
    sid       = "TerraformPlan1"
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${local.state_bucket_name}"]
  }

  statement {
    sid       = "TerraformPlan2"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${local.state_bucket_name}/${local.service_state_key}"]
  }

  statement {
    sid = "TerraformPlan3"
    actions = [
      "s3:GetObject",
      "s3:PutObject",
      "s3:DeleteObject",
    ]
    resources = ["arn:aws:s3:::${local.state_bucket_name}/${local.service_state_key}.tflock"]
  }

  statement {
    sid       = "TerraformPlan4"
    actions   = ["logs:ListTagsForResource"]
    resources = ["arn:aws:logs:${var.region}:${local.account_id}:log-group:${local.log_group_name}"]
  }
}

# end: written by script/docs

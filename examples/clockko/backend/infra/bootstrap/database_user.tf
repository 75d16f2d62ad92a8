# A task that gives the application its own database user. The database is in private subnets, so no administrator's machine reaches
# it; a task in the VPC does. The script create-database-user runs it, once and whenever the password is to change.

# A cluster for such tasks alone: the service's is made by `service/`, later. In an empty account the first cluster also makes ECS's
# service-linked role: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
resource "aws_ecs_cluster" "setup" {
  name = "${var.project}-setup"
}

resource "aws_cloudwatch_log_group" "database_user" {
  name              = "/ecs/${var.project}-database-user"
  retention_in_days = 30
}

# It reads the master's password, so it is not the service's execution role.
resource "aws_iam_role" "database_user_execution" {
  name               = "${var.project}-database-user-execution"
  description        = "ECS starts the task that makes the application's database user with it."
  assume_role_policy = data.aws_iam_policy_document.trust_ecs_tasks.json
}

data "aws_iam_policy_document" "database_user_execution" {
  statement {
    sid = "WriteLog"
    actions = [
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]
    resources = ["${aws_cloudwatch_log_group.database_user.arn}:log-stream:*"]
  }

  statement {
    sid     = "ReadSecrets"
    actions = ["secretsmanager:GetSecretValue"]
    resources = [
      aws_db_instance.main.master_user_secret[0].secret_arn,
      aws_secretsmanager_secret.database_url.arn,
    ]
  }
}

resource "aws_iam_role_policy" "database_user_execution" {
  name   = "start-task"
  role   = aws_iam_role.database_user_execution.id
  policy = data.aws_iam_policy_document.database_user_execution.json
}

resource "aws_ecs_task_definition" "database_user" {
  family                   = "${var.project}-database-user"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.database_user_execution.arn

  container_definitions = jsonencode([{
    name       = "psql"
    image      = "public.ecr.aws/docker/library/postgres:${var.db_engine_version}-alpine"
    essential  = true
    entryPoint = ["sh", "-c"]
    command    = [file("${path.module}/database-user.sh")]
    environment = [
      { name = "PGHOST", value = aws_db_instance.main.address },
      { name = "PGDATABASE", value = local.database_name },
      { name = "PGUSER", value = local.database_master_user },
      { name = "PGSSLMODE", value = "require" },
      { name = "APP_USER", value = local.database_app_user },
    ]
    secrets = [
      { name = "PGPASSWORD", valueFrom = "${aws_db_instance.main.master_user_secret[0].secret_arn}:password::" },
      { name = "DATABASE_URL", valueFrom = aws_secretsmanager_secret.database_url.arn },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.database_user.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "psql"
      }
    }
  }])
}

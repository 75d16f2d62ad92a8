# One revision for each image tag. Terraform calls that a replacement; the old revision stays, for a rollback.

resource "aws_ecs_task_definition" "backend" {
  family                   = local.task_definition_family
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = var.task_role_arn

  # Without this, Terraform deregisters the earlier revision, and ECS could not roll back to it.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  container_definitions = jsonencode([{
    name      = local.container_name
    image     = "${var.ecr_repository_url}:${var.image_tag}"
    essential = true

    portMappings = [{
      containerPort = local.container_port
      hostPort      = local.container_port
      protocol      = "tcp"
    }]

    # ECS reads the value when it starts a task, with the execution role. Who may read task definitions sees only the ARN.
    secrets = [
      { name = "DATABASE_URL", valueFrom = var.database_secret_arn },
    ]

    # There is no load balancer: without this check a task that merely starts would count as good. ECS does not look at the
    # Dockerfile's HEALTHCHECK. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
    healthCheck = {
      command     = ["CMD", "python", "-m", "clockko.healthcheck"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 20
    }

    # The application writes no file. ECS Exec does: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    readonlyRootFilesystem = !var.enable_execute_command

    # A first process that passes signals on and clears up after others.
    linuxParameters = { initProcessEnabled = true }

    # From SIGTERM to SIGKILL, in seconds: time for requests under way.
    stopTimeout = 30

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.backend.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "ecs"
      }
    }
  }])
}

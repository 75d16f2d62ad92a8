# Stands in for examples/clockko/backend/infra/service on a machine that has no AWS provider: the same variables (variables.tf and
# locals.tf are that root's own), the same outputs, the same task definition and service, made with the AWS CLI in place of the provider.

locals {
  provider      = abspath("${path.module}/as-the-provider")
  default_tags  = { Project = var.project, ManagedBy = "terraform", Root = "service" }
  tags_of_ecs   = jsonencode([for key, value in local.default_tags : { key = key, value = value }])
  log_group_arn = "arn:aws:logs:${var.region}:${var.account_id}:log-group:${local.log_group_name}"
}

resource "terraform_data" "log_group" {
  triggers_replace = [local.log_group_name, var.log_retention_days]

  provisioner "local-exec" {
    interpreter = ["bash", "-euc"]
    command     = "\"$PROVIDER\" log_group"
    environment = {
      PROVIDER  = local.provider
      NAME      = local.log_group_name
      ARN       = local.log_group_arn
      RETENTION = var.log_retention_days
      TAGS      = jsonencode(local.default_tags)
    }
  }
}

resource "terraform_data" "cluster" {
  triggers_replace = [local.cluster_name]

  provisioner "local-exec" {
    interpreter = ["bash", "-euc"]
    command     = "\"$PROVIDER\" cluster"
    environment = {
      PROVIDER = local.provider
      NAME     = local.cluster_name
      INSIGHTS = var.container_insights
      TAGS     = local.tags_of_ecs
    }
  }
}

resource "terraform_data" "task_definition" {
  input = {
    container_definitions = jsonencode([{
      name      = local.container_name
      image     = "${var.ecr_repository_url}:${var.image_tag}"
      essential = true

      portMappings = [{
        containerPort = local.container_port
        hostPort      = local.container_port
        protocol      = "tcp"
      }]

      secrets = [
        { name = "DATABASE_URL", valueFrom = var.database_secret_arn },
      ]

      healthCheck = {
        command     = ["CMD", "python", "-m", "clockko.healthcheck"]
        interval    = 10
        timeout     = 5
        retries     = 3
        startPeriod = 20
      }

      readonlyRootFilesystem = !var.enable_execute_command

      linuxParameters = { initProcessEnabled = true }

      stopTimeout = 30

      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = local.log_group_name
          awslogs-region        = var.region
          awslogs-stream-prefix = "ecs"
        }
      }
    }])
  }

  triggers_replace = [var.image_tag, var.database_secret_arn]

  provisioner "local-exec" {
    interpreter = ["bash", "-euc"]
    command     = "\"$PROVIDER\" task_definition"
    environment = {
      PROVIDER      = local.provider
      CLUSTER       = local.cluster_name
      FAMILY        = local.task_definition_family
      LOG_GROUP     = local.log_group_name
      LOG_GROUP_ARN = local.log_group_arn
      DEFINITION = jsonencode({
        family                  = local.task_definition_family
        requiresCompatibilities = ["FARGATE"]
        networkMode             = "awsvpc"
        cpu                     = tostring(var.cpu)
        memory                  = tostring(var.memory)
        executionRoleArn        = var.execution_role_arn
        taskRoleArn             = var.task_role_arn
        runtimePlatform         = { operatingSystemFamily = "LINUX", cpuArchitecture = var.cpu_architecture }
        containerDefinitions    = jsondecode(self.input.container_definitions)
        tags                    = jsondecode(local.tags_of_ecs)
      })
    }
  }

  depends_on = [terraform_data.log_group, terraform_data.cluster]
}

resource "terraform_data" "service" {
  triggers_replace = [terraform_data.task_definition.id]

  provisioner "local-exec" {
    interpreter = ["bash", "-euc"]
    command     = "\"$PROVIDER\" service"
    environment = {
      PROVIDER = local.provider
      CLUSTER  = local.cluster_name
      SERVICE  = local.service_name
      FAMILY   = local.task_definition_family
      COUNT    = var.desired_count
      WAIT     = var.wait_for_steady_state
      TAGS     = local.tags_of_ecs
      DEPLOYMENT = jsonencode({
        deploymentCircuitBreaker = { enable = true, rollback = true }
        minimumHealthyPercent    = 100
        maximumPercent           = 200
      })
      NETWORK = jsonencode({
        awsvpcConfiguration = {
          subnets        = var.private_subnet_ids
          securityGroups = [var.service_security_group_id]
          assignPublicIp = "DISABLED"
        }
      })
    }
  }

  depends_on = [terraform_data.cluster]
}

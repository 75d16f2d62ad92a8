# Stands in for examples/clockko/backend/infra/service on a machine that has no AWS provider: the same variables (variables.tf and
# locals.tf are that root's own), the same outputs, the same task definition and service, made with the AWS CLI in place of the provider.

resource "terraform_data" "log_group" {
  triggers_replace = [local.log_group_name]

  provisioner "local-exec" {
    interpreter = ["bash", "-euc"]
    command     = "aws --endpoint-url \"$AWS_ENDPOINT_URL\" logs create-log-group --log-group-name \"$NAME\" || true"
    environment = { NAME = local.log_group_name }
  }
}

resource "terraform_data" "cluster" {
  triggers_replace = [local.cluster_name]

  provisioner "local-exec" {
    interpreter = ["bash", "-euc"]
    command     = "aws --endpoint-url \"$AWS_ENDPOINT_URL\" ecs create-cluster --cluster-name \"$NAME\" >/dev/null"
    environment = { NAME = local.cluster_name }
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
    command     = "aws --endpoint-url \"$AWS_ENDPOINT_URL\" ecs register-task-definition --cli-input-json \"$DEFINITION\" >/dev/null"
    environment = {
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
      })
    }
  }

  depends_on = [terraform_data.log_group]
}

resource "terraform_data" "service" {
  triggers_replace = [terraform_data.task_definition.id]

  provisioner "local-exec" {
    interpreter = ["bash", "-euc"]
    command     = "\"$SCRIPT\""
    environment = {
      SCRIPT  = abspath("${path.module}/deploy-service")
      CLUSTER = local.cluster_name
      SERVICE = local.service_name
      FAMILY  = local.task_definition_family
      COUNT   = var.desired_count
      WAIT    = var.wait_for_steady_state
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

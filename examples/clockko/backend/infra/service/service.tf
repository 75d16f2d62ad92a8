# The cluster and the service. One deployment at a time; the circuit breaker rolls back when new tasks do not start.

resource "aws_ecs_cluster" "main" {
  name = local.cluster_name

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }
}

resource "aws_ecs_service" "backend" {
  name            = local.service_name
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.backend.arn
  desired_count   = var.desired_count
  launch_type     = "FARGATE"

  # No load balancer, so nothing in the internet reaches the tasks. The container's health check decides whether a task is healthy.
  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [var.service_security_group_id]
    assign_public_ip = false
  }

  # All new tasks are up before an old one stops.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  enable_execute_command = var.enable_execute_command
  wait_for_steady_state  = var.wait_for_steady_state

  # Would roll back on Ctrl-C. Left off: it needs one more permission, its wait of up to an hour fits in no cancelled job, and in the
  # provider's 6.53 and 6.54 it rolled back healthy deployments (https://github.com/hashicorp/terraform-provider-aws/issues/49031).
  # The action's `on-cancel: rollback` does it without Terraform.
  sigint_rollback = false

  timeouts {
    create = "30m"
    update = "30m"
    delete = "20m"
  }

  lifecycle {
    # Autoscaling and operators may change the count. The task definition is not ignored: Terraform is the one who deploys.
    ignore_changes = [desired_count]
  }
}

# The outputs of examples/clockko/backend/infra/service.

output "region" {
  value = var.region
}

output "cluster_name" {
  value = local.cluster_name
}

output "service_name" {
  value = local.service_name
}

output "task_definition_family" {
  value = local.task_definition_family
}

output "task_definition_arn" {
  # Which revision it is, the CLI does not tell Terraform; without a number it is the newest.
  value = "arn:aws:ecs:${var.region}:${var.account_id}:task-definition/${local.task_definition_family}"
}

output "container_name" {
  value = local.container_name
}

output "image_tag" {
  value = var.image_tag
}

output "ecr_repository_url" {
  value = var.ecr_repository_url
}

output "log_group_name" {
  value = local.log_group_name
}

output "private_subnet_ids" {
  value = var.private_subnet_ids
}

output "service_security_group_id" {
  value = var.service_security_group_id
}

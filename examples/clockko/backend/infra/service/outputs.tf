# What the action, and whoever looks at the service, may want to know.

output "region" {
  description = "AWS region."
  value       = var.region
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.main.name
}

output "service_name" {
  description = "Name of the service."
  value       = aws_ecs_service.backend.name
}

output "task_definition_family" {
  description = "Family of the task definition."
  value       = aws_ecs_task_definition.backend.family
}

output "task_definition_arn" {
  description = "The revision that Terraform wants the service to run."
  value       = aws_ecs_task_definition.backend.arn
}

output "container_name" {
  description = "The container that gets the image."
  value       = local.container_name
}

output "image_tag" {
  description = "Tag of the last apply. To change something else than the image: TF_VAR_image_tag=$(terraform output -raw image_tag) terraform apply"
  value       = var.image_tag
}

output "ecr_repository_url" {
  description = "URL of the image repository, without a tag."
  value       = var.ecr_repository_url
}

output "log_group_name" {
  description = "Log group of the tasks."
  value       = aws_cloudwatch_log_group.backend.name
}

output "private_subnet_ids" {
  description = "Subnets of the tasks."
  value       = var.private_subnet_ids
}

output "service_security_group_id" {
  description = "Security group of the tasks."
  value       = var.service_security_group_id
}

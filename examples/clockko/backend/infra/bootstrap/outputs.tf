# What comes after needs: GitHub's variables, the inputs of `service/`, and the database user's script.

output "region" {
  description = "AWS region; GitHub variable AWS_REGION."
  value       = var.region
}

output "deploy_role_arn" {
  description = "Role that the workflow deploys with; GitHub variable DEPLOY_ROLE_ARN."
  value       = aws_iam_role.deploy.arn
}

output "plan_role_arn" {
  description = "Role that pull requests plan with; GitHub variable PLAN_ROLE_ARN."
  value       = aws_iam_role.plan.arn
}

output "state_bucket_name" {
  description = "Bucket with Terraform's states; GitHub variable TF_STATE_BUCKET."
  value       = aws_s3_bucket.state.bucket
}

output "ecr_repository_name" {
  description = "Name of the image repository, as the action's input ecr-repository has it."
  value       = aws_ecr_repository.backend.name
}

output "ecr_repository_url" {
  description = "URL of the image repository, without a tag."
  value       = aws_ecr_repository.backend.repository_url
}

output "cluster_name" {
  description = "Name that `service/` gives the cluster, as the action's input cluster has it."
  value       = local.cluster_name
}

output "service_name" {
  description = "Name that `service/` gives the service, as the action's input service has it."
  value       = local.service_name
}

output "private_subnet_ids" {
  description = "Subnets of the tasks."
  value       = aws_subnet.private[*].id
}

output "service_security_group_id" {
  description = "Security group of the tasks."
  value       = aws_security_group.service.id
}

output "service_variables" {
  description = "All that `service/` must know of this root: terraform output -json service_variables > ../service/bootstrap.auto.tfvars.json"
  value = {
    account_id                = local.account_id
    region                    = var.region
    project                   = var.project
    private_subnet_ids        = aws_subnet.private[*].id
    service_security_group_id = aws_security_group.service.id
    ecr_repository_url        = aws_ecr_repository.backend.repository_url
    execution_role_arn        = aws_iam_role.execution.arn
    task_role_arn             = aws_iam_role.task.arn
    database_secret_arn       = aws_secretsmanager_secret.database_url.arn
    enable_execute_command    = var.enable_execute_command
  }
}

output "backend_file" {
  description = "Where this root's own state moves after the first apply: terraform output -raw backend_file > backend.tf"
  value       = <<-EOT
    # Written by `terraform output -raw backend_file`: the bucket that this root has made keeps its state.

    terraform {
      backend "s3" {
        bucket       = "${aws_s3_bucket.state.bucket}"
        key          = "${local.bootstrap_state_key}"
        region       = "${var.region}"
        encrypt      = true
        use_lockfile = true
      }
    }
  EOT
}

output "database_secret_arn" {
  description = "Secret with DATABASE_URL."
  value       = aws_secretsmanager_secret.database_url.arn
}

output "database_host" {
  description = "Address of PostgreSQL, inside the VPC."
  value       = aws_db_instance.main.address
}

output "database_name" {
  description = "Name of the database."
  value       = local.database_name
}

output "database_app_user" {
  description = "The application's database user."
  value       = local.database_app_user
}

output "database_user_cluster" {
  description = "Cluster of the task that makes the database user."
  value       = aws_ecs_cluster.setup.name
}

output "database_user_log_group" {
  description = "Log of the task that makes the database user."
  value       = aws_cloudwatch_log_group.database_user.name
}

output "database_user_task" {
  description = "The request that starts it: aws ecs run-task --cli-input-json"
  value = {
    cluster        = aws_ecs_cluster.setup.name
    taskDefinition = aws_ecs_task_definition.database_user.arn
    launchType     = "FARGATE"
    networkConfiguration = {
      awsvpcConfiguration = {
        subnets        = aws_subnet.private[*].id
        securityGroups = [aws_security_group.service.id]
        assignPublicIp = "DISABLED"
      }
    }
  }
}

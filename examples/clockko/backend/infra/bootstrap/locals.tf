# All names in one place. `service/` and deploy_policy.tf use the same ones.

data "aws_caller_identity" "current" {}

data "aws_availability_zones" "available" {
  state = "available"

  # No local zones: they have neither RDS nor NAT.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  account_id = data.aws_caller_identity.current.account_id

  # RDS wants two zones for its subnet group; a third would cost a third NAT gateway where each zone has one.
  zones = slice(data.aws_availability_zones.available.names, 0, 2)

  cluster_name           = var.project
  service_name           = "${var.project}-backend"
  task_definition_family = "${var.project}-backend"
  ecr_repository_name    = "${var.project}-backend"
  log_group_name         = "/ecs/${var.project}-backend"

  # Names of buckets are unique in the world; the account's id makes it so.
  state_bucket_name   = "${var.project}-terraform-state-${local.account_id}"
  bootstrap_state_key = "bootstrap/terraform.tfstate"
  service_state_key   = "service/terraform.tfstate"

  # Names in PostgreSQL have no hyphens.
  database_name        = replace(var.project, "-", "_")
  database_master_user = "${local.database_name}_admin"
  database_app_user    = "${local.database_name}_app"
}

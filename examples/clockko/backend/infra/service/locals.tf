# The same names as in bootstrap, whose deploy role may touch these and no others.

locals {
  cluster_name           = var.project
  service_name           = "${var.project}-backend"
  task_definition_family = "${var.project}-backend"
  log_group_name         = "/ecs/${var.project}-backend"

  container_name = "backend"
  container_port = 8000 # As in the Dockerfile.
}

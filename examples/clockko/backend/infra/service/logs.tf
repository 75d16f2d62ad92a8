# Declared, not left to the log driver's awslogs-create-group: that group would keep everything forever.

resource "aws_cloudwatch_log_group" "backend" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
}

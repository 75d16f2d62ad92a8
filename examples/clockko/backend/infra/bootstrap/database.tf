# PostgreSQL, and the secret that the tasks read. No password is in Terraform's state.

resource "aws_db_subnet_group" "main" {
  name        = var.project
  description = "Database subnets of ${var.project}: no route out."
  subnet_ids  = aws_subnet.database[*].id
}

# RDS would create them itself, and keep everything forever.
resource "aws_cloudwatch_log_group" "database" {
  for_each          = toset(["postgresql", "upgrade"])
  name              = "/aws/rds/instance/${var.project}/${each.key}"
  retention_in_days = 30
}

resource "aws_db_instance" "main" {
  identifier     = var.project
  engine         = "postgres"
  engine_version = var.db_engine_version
  instance_class = var.db_instance_class
  db_name        = local.database_name
  multi_az       = var.db_multi_az

  storage_type          = "gp3"
  allocated_storage     = var.db_allocated_storage
  max_allocated_storage = 5 * var.db_allocated_storage
  storage_encrypted     = true

  # RDS makes the master's password, keeps it in Secrets Manager, and changes it every 7 days. The tasks do not use it: ECS reads
  # secrets only when a task starts, so tasks would be left with an old password. They have a user of their own (database_user.tf).
  # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
  username                    = local.database_master_user
  manage_master_user_password = true

  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = false

  enabled_cloudwatch_logs_exports = keys(aws_cloudwatch_log_group.database)

  auto_minor_version_upgrade = true
  backup_retention_period    = var.db_backup_retention_days
  copy_tags_to_snapshot      = true
  deletion_protection        = var.deletion_protection
  skip_final_snapshot        = false
  final_snapshot_identifier  = "${var.project}-final"
}

# Its value is written once, by create-database-user: postgresql://USER:PASSWORD@HOST:5432/NAME?sslmode=require
resource "aws_secretsmanager_secret" "database_url" {
  name        = "${var.project}/database-url"
  description = "DATABASE_URL of ${local.service_name}: the application's own database user."

  # A name is free again only after this time.
  recovery_window_in_days = 7
}

# What may differ from account to account. Only the four values about GitHub have no default.

variable "region" {
  description = "AWS region of everything."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region must be an AWS region's code, like us-east-1."
  }
}

variable "project" {
  description = "Name that all names begin with: the cluster, the service, the roles, the repository."
  type        = string
  default     = "clockko"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "The project must be 3 to 20 lower-case letters, digits and hyphens, with a letter first and no hyphen last."
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC. It is cut into 16 equal parts, of which six are used."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 4, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "The range must be valid CIDR, /16 to /20."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for both zones (cheaper), or one in each (a zone's failure does not cut off the other)."
  type        = bool
  default     = true
}

variable "image_retention_count" {
  description = "How many tagged images ECR keeps. Keep more than you will ever roll back: a service cannot start tasks from a deleted image."
  type        = number
  default     = 50

  validation {
    condition     = var.image_retention_count >= 10 && var.image_retention_count <= 1000
    error_message = "Keep 10 to 1000 images."
  }
}

variable "db_engine_version" {
  description = "Major version of PostgreSQL. RDS takes the newest minor one and keeps it up to date."
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^1[5-9]$", var.db_engine_version))
    error_message = "Give a major version of PostgreSQL, 15 or newer."
  }
}

variable "db_instance_class" {
  description = "Size of the database."
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = startswith(var.db_instance_class, "db.")
    error_message = "An instance class of RDS begins with `db.`."
  }
}

variable "db_allocated_storage" {
  description = "Disk of the database in GiB. RDS lets it grow to five times of that."
  type        = number
  default     = 20

  validation {
    condition     = var.db_allocated_storage >= 20
    error_message = "gp3 begins at 20 GiB."
  }
}

variable "db_multi_az" {
  description = "Keep a standby of the database in the other zone. Doubles its price."
  type        = bool
  default     = false
}

variable "db_backup_retention_days" {
  description = "For how many days the database can be set back to any moment."
  type        = number
  default     = 7

  validation {
    condition     = var.db_backup_retention_days >= 1 && var.db_backup_retention_days <= 35
    error_message = "RDS keeps backups for 1 to 35 days; 0 would switch them off."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the database, images and states. Set it to false, and apply, before you take everything down."
  type        = bool
  default     = true
}

variable "enable_execute_command" {
  description = "Allow ECS Exec: a shell in a task, and port forwarding to it. Off, the tasks' role may do nothing at all."
  type        = bool
  default     = false
}

variable "github_owner" {
  description = "User or organization that owns the repository on GitHub."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*$", var.github_owner))
    error_message = "Give the owner's name alone, without a slash."
  }
}

variable "github_owner_id" {
  description = "The owner's number: gh api repos/OWNER/REPO --jq .owner.id"
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.github_owner_id))
    error_message = "The id is a number."
  }
}

variable "github_repository" {
  description = "The repository's name, without its owner."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Give the repository's name alone, without its owner and without a slash."
  }
}

variable "github_repository_id" {
  description = "The repository's number: gh api repos/OWNER/REPO --jq .id"
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.github_repository_id))
    error_message = "The id is a number."
  }
}

variable "github_environment" {
  description = "GitHub environment whose jobs may take the deploy role. Its protection rules are the guard of production."
  type        = string
  default     = "production"

  validation {
    # GitHub puts the name into `sub` with `:` escaped; IAM would take `*` and `?` for themselves only in StringLike, but why risk it.
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.github_environment))
    error_message = "Use letters, digits, dots, hyphens and underscores."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of the account's identity provider for GitHub, if it has one already (there can be only one). Null: make it."
  type        = string
  default     = null

  validation {
    condition     = var.github_oidc_provider_arn == null || can(regex(":oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "The ARN must end with :oidc-provider/token.actions.githubusercontent.com."
  }
}

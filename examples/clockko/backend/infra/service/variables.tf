# First what `bootstrap/` has made, then what a deployment brings, then what may be tuned.
#
# The first block comes from the file bootstrap.auto.tfvars.json, which bootstrap's output `service_variables` writes and which is
# committed. Why not look it up here? Each data source would cost the deploy role a permission (most of EC2's know no resource, so
# on `*`), and bootstrap's state, read through terraform_remote_state, holds far more than these ids. A committed file costs nothing,
# and a change of the network shows in a pull request.

variable "account_id" {
  description = "AWS account in which this may run."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account's id has 12 digits."
  }
}

variable "region" {
  description = "AWS region of everything."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region must be an AWS region's code, like us-east-1."
  }
}

variable "project" {
  description = "Name that all names begin with, the same as in bootstrap."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "The project must be 3 to 20 lower-case letters, digits and hyphens, with a letter first and no hyphen last."
  }
}

variable "private_subnet_ids" {
  description = "Subnets of the tasks, in two zones."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 2 && alltrue([for id in var.private_subnet_ids : startswith(id, "subnet-")])
    error_message = "Give two or more ids of subnets (subnet-…)."
  }
}

variable "service_security_group_id" {
  description = "Security group of the tasks: the one that the database lets in."
  type        = string

  validation {
    condition     = startswith(var.service_security_group_id, "sg-")
    error_message = "Give the id of a security group (sg-…)."
  }
}

variable "ecr_repository_url" {
  description = "URL of the image repository, without a tag."
  type        = string

  validation {
    # The part after the host may hold no colon: that would be a tag.
    condition     = can(regex("^[^/]+/[a-z0-9._/-]+$", var.ecr_repository_url))
    error_message = "Give HOST/NAME, without a tag and without https://."
  }
}

variable "execution_role_arn" {
  description = "Role with which ECS starts the tasks."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", var.execution_role_arn))
    error_message = "Give the ARN of an IAM role."
  }
}

variable "task_role_arn" {
  description = "Role with which the application runs."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", var.task_role_arn))
    error_message = "Give the ARN of an IAM role."
  }
}

variable "database_secret_arn" {
  description = "Secret that becomes DATABASE_URL."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.database_secret_arn))
    error_message = "Give the ARN of a secret in Secrets Manager."
  }
}

variable "enable_execute_command" {
  description = "Allow ECS Exec. Set it in bootstrap, which also gives the tasks' role what it needs."
  type        = bool
  default     = false
}

# What a deployment brings.

variable "image_tag" {
  description = "Tag of the image to run: TF_VAR_image_tag. It has no default, so that an apply cannot move the service by oversight."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_tag))
    error_message = "The tag must be 1 to 128 letters, digits, underscores, dots and hyphens, and begin with no dot or hyphen."
  }

  validation {
    condition     = var.image_tag != "latest"
    error_message = "`latest` moves, so a rollback to it is not possible. Use an immutable tag, like the commit's SHA."
  }
}

# What may be tuned.

variable "cpu" {
  description = "CPU units of a task; 1024 are one vCPU."
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384."
  }
}

variable "memory" {
  description = "Memory of a task in MiB. Which sizes go with which CPU: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"
  type        = number
  default     = 512

  validation {
    condition     = var.memory >= 2 * var.cpu && var.memory <= 8 * var.cpu
    error_message = "Fargate gives 2 to 8 MiB of memory for each CPU unit."
  }
}

variable "cpu_architecture" {
  description = "X86_64, or ARM64 (cheaper). The action builds for what stands here."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "Fargate has X86_64 and ARM64."
  }
}

variable "desired_count" {
  description = "How many tasks run at first. Later changes of the count (autoscaling, an operator) are kept."
  type        = number
  default     = 2

  validation {
    condition     = var.desired_count >= 1 && floor(var.desired_count) == var.desired_count
    error_message = "Give a whole number of at least 1: a service without tasks cannot show that an image works."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "container_insights" {
  description = "CloudWatch Container Insights of the cluster: disabled, enabled or enhanced. It is paid by the metric."
  type        = string
  default     = "disabled"

  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.container_insights)
    error_message = "Choose disabled, enabled or enhanced."
  }
}

# Off for the action, which follows the rollout itself, from the moment the apply starts, and judges by ECS. With `true` the very first
# rollout, if it fails, leaves a service that Terraform wants to destroy and create again ("tainted"), and the lock is held for as long
# as the rollout takes.
variable "wait_for_steady_state" {
  description = "Let `terraform apply` wait for the rollout, and fail when ECS rolls back. Set it for an apply by hand: without it, apply says success as soon as ECS has accepted the update."
  type        = bool
  default     = false
}

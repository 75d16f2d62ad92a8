# What this root needs: Terraform with state locks in S3 itself, and a provider that waits for the right deployment.

terraform {
  # 1.10 brought `use_lockfile`: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
  required_version = ">= 1.10"

  # The bucket has the account's id in its name, so it comes from outside: terraform init -backend-config=bucket=… -backend-config=region=…
  backend "s3" {
    key          = "service/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # From 6.5 `wait_for_steady_state` follows its own deployment, so a rollback is an error: https://github.com/hashicorp/terraform-provider-aws/pull/43502
      # 6.53.0 and 6.54.0 can roll back healthy deployments: https://github.com/hashicorp/terraform-provider-aws/issues/49031
      version = ">= 6.8, != 6.53.0, != 6.54.0, < 7"
    }
  }
}

provider "aws" {
  region = var.region

  # Credentials of another account touch nothing.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Project   = var.project
      ManagedBy = "terraform"
      Root      = "service"
    }
  }
}

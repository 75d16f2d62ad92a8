# What this root needs: Terraform with state locks in S3 itself, and a provider without the two broken releases.

terraform {
  # 1.10 brought `use_lockfile`: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 6.8.0 brought image_tag_mutability_exclusion_filter: https://github.com/hashicorp/terraform-provider-aws/pull/43642
      # 6.53.0 and 6.54.0 can roll back healthy deployments: https://github.com/hashicorp/terraform-provider-aws/issues/49031
      version = ">= 6.8, != 6.53.0, != 6.54.0, < 7"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project   = var.project
      ManagedBy = "terraform"
      Root      = "bootstrap"
    }
  }
}

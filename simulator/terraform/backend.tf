# Where the state lives: as in the real root, terraform init -backend-config=bucket=… -backend-config=region=…

terraform {
  backend "s3" {
    key          = "service/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

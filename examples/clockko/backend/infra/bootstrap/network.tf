# The VPC: two zones, each with a public, a private and a database subnet. No load balancer: nothing outside reaches the tasks.

resource "aws_vpc" "main" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.project }
}

# Resources without an explicit security group get this one: no inbound and no outbound traffic.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${var.project}-default-closed" }
}

resource "aws_subnet" "public" {
  count = length(local.zones)

  vpc_id            = aws_vpc.main.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, count.index)

  tags = { Name = "${var.project}-public-${local.zones[count.index]}" }
}

resource "aws_subnet" "private" {
  count = length(local.zones)

  vpc_id            = aws_vpc.main.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, 4 + count.index)

  tags = { Name = "${var.project}-private-${local.zones[count.index]}" }
}

resource "aws_subnet" "database" {
  count = length(local.zones)

  vpc_id            = aws_vpc.main.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, 8 + count.index)

  tags = { Name = "${var.project}-database-${local.zones[count.index]}" }
}

# Public: only the NAT gateways live here.

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = { Name = var.project }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${var.project}-public" }
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  count = length(local.zones)

  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {
  count = var.single_nat_gateway ? 1 : length(local.zones)

  domain = "vpc"

  tags = { Name = "${var.project}-nat-${local.zones[count.index]}" }

  # An address can be given to a NAT gateway only when the VPC has its internet gateway.
  depends_on = [aws_internet_gateway.main]
}

resource "aws_nat_gateway" "main" {
  count = length(aws_eip.nat)

  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id

  tags = { Name = "${var.project}-${local.zones[count.index]}" }

  depends_on = [aws_route.public_internet]
}

# Private: the tasks. Outbound traffic goes through NAT (ECR, Secrets Manager, CloudWatch Logs); there is no inbound traffic.

resource "aws_route_table" "private" {
  count = length(local.zones)

  vpc_id = aws_vpc.main.id

  tags = { Name = "${var.project}-private-${local.zones[count.index]}" }
}

resource "aws_route" "private_internet" {
  count = length(local.zones)

  route_table_id         = aws_route_table.private[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[var.single_nat_gateway ? 0 : count.index].id
}

resource "aws_route_table_association" "private" {
  count = length(local.zones)

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}

# Layers of images come from S3. The gateway endpoint costs nothing and keeps them away from NAT, which is paid by the gigabyte.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = aws_route_table.private[*].id

  tags = { Name = "${var.project}-s3" }
}

# Database: no way out at all.

resource "aws_route_table" "database" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${var.project}-database" }
}

resource "aws_route_table_association" "database" {
  count = length(local.zones)

  subnet_id      = aws_subnet.database[count.index].id
  route_table_id = aws_route_table.database.id
}

# Who may talk to whom.

resource "aws_security_group" "service" {
  name        = local.service_name
  description = "Tasks of ${local.service_name}: out to AWS and to the database, nothing in."
  vpc_id      = aws_vpc.main.id

  tags = { Name = local.service_name }
}

resource "aws_vpc_security_group_egress_rule" "service_https" {
  security_group_id = aws_security_group.service.id
  description       = "HTTPS: ECR, S3, Secrets Manager, CloudWatch Logs."
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "service_database" {
  security_group_id            = aws_security_group.service.id
  description                  = "PostgreSQL, to the database only."
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = aws_security_group.database.id
}

resource "aws_security_group" "database" {
  name        = "${var.project}-database"
  description = "PostgreSQL of ${var.project}: in from the service's tasks only."
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${var.project}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "database_service" {
  security_group_id            = aws_security_group.database.id
  description                  = "PostgreSQL, from the tasks of ${local.service_name} only."
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = aws_security_group.service.id
}

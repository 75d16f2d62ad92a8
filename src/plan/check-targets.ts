// Problems with repository and services, PURE: all of them are reported before anything is built or
// changed.

import type { ObservedRepository, ObservedService } from "../ecs/observed.ts";
import { DeployError, type DeployErrorDetails } from "../errors.ts";
import { codeBlock, shellBlock } from "../text/code-block.ts";
import { unsupportedServiceProblem } from "./service/check-express.ts";

/** A requested service, and how ECS describes it (undefined: it does not exist). */
export interface RequestedService {
  /** Its name, never its ARN. */
  readonly cluster: string;
  readonly name: string;
  readonly observed: ObservedService | undefined;
}

/** The account and region in which the services must be. */
interface ServiceLocation {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
}

interface TargetsView {
  readonly location: ServiceLocation;
  /** undefined: none is needed. */
  readonly repositoryName: string | undefined;
  readonly repository: ObservedRepository | undefined;
  /** Why it is unknown whether ECR creates the repository on push. */
  readonly templateError: string | undefined;
  readonly services: readonly RequestedService[];
  /** The update itself changes its controller from CodeDeploy to ECS. */
  readonly movesToEcs: (service: ObservedService) => boolean;
}

export function checkTargets(view: TargetsView): readonly DeployErrorDetails[] {
  return [
    ...(view.repository || view.repositoryName === undefined
      ? []
      : [repositoryMissing(view.repositoryName, view.location.region, view.templateError)]),
    ...view.services.flatMap((requested) => serviceProblem(requested, view)),
  ];
}

/** Makes one error of several findings: its code is the first one's. */
export function toSingleError(findings: readonly DeployErrorDetails[]): DeployError | undefined {
  const [first, ...others] = findings;
  if (!first) return undefined;
  if (others.length === 0) return new DeployError(first);
  return new DeployError({
    code: first.code,
    message: findings.map(({ message }) => `- ${message}`).join("\n"),
    hint: [...new Set(findings.flatMap(({ hint }) => hint ?? []))].join("\n"),
  });
}

export function repositoryMissing(
  repositoryName: string,
  region: string,
  templateError: string | undefined,
): DeployErrorDetails {
  return {
    code: "RepositoryNotFound",
    message: `There is no ECR repository "${repositoryName}" in ${region}.`,
    hint: [
      "Nothing was built. Check ecr-repository, aws-region and the account of the role, or " +
        "create it once, with immutable tags except latest (`if-repository-missing: create` does " +
        "this, too):",
      shellBlock(
        "aws ecr create-repository",
        `--region ${region}`,
        `--repository-name ${repositoryName}`,
        "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION",
        "--image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=latest",
      ),
      "Or in Terraform:",
      codeBlock(repositoryResource(repositoryName), "hcl"),
      ...describeTemplateError(templateError),
    ].join("\n"),
  };
}

function describeTemplateError(error: string | undefined): readonly string[] {
  if (error === undefined) return [];
  return [`Whether ECR would create it on push (a repository creation template): ${error}`];
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository */
function repositoryResource(name: string): string {
  const label = name.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^(?=\d)/, "_");
  return [
    `resource "aws_ecr_repository" "${label}" {`,
    `  name                 = "${name}"`,
    '  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"',
    "  image_tag_mutability_exclusion_filter {",
    '    filter      = "latest"',
    '    filter_type = "WILDCARD"',
    "  }",
    "}",
  ].join("\n");
}

function serviceProblem(
  { cluster, name, observed }: RequestedService,
  { location: place, movesToEcs }: Pick<TargetsView, "location" | "movesToEcs">,
): DeployErrorDetails[] {
  const { region } = place;
  if (!observed || observed.status === "INACTIVE")
    return [
      {
        code: "ServiceNotFound",
        message: `There is no active service "${name}" in cluster "${cluster}" (${region}).`,
        hint:
          "Check `service`, `cluster` and `aws-region`. deploy-ecs updates services; it does not " +
          "create them.",
      },
    ];
  if (!isRequestedService({ cluster, name }, observed, place))
    return [
      {
        code: "Bug",
        message:
          `ECS was asked for service "${name}" in cluster "${cluster}" (${region}, account ` +
          `${place.accountId}) and answered with ${observed.arn || "a service without an ARN"} ` +
          `in ${observed.clusterArn || "no cluster"}.`,
        hint:
          "Nothing was built or changed. If AWS_ENDPOINT_URL or a proxy stands between this job " +
          "and AWS, check it; otherwise report this to the maintainers of deploy-ecs.",
      },
    ];
  if (observed.status === "DRAINING")
    return [
      {
        code: "ServiceNotActive",
        message: `Service "${name}" in cluster "${cluster}" is DRAINING: it is being deleted.`,
        hint: "Recreate the service before you deploy to it.",
      },
    ];
  if (observed.controller !== "ECS" && !movesToEcs(observed))
    return [
      {
        code: "ControllerUnsupported",
        message:
          `Service "${name}" in cluster "${cluster}" is deployed by ${observed.controller}, not ` +
          "by ECS itself.",
        hint:
          observed.controller === "CODE_DEPLOY"
            ? "Start a CodeDeploy deployment instead, or move the service to ECS with this very " +
              'deployment: `service-patch: "{deploymentController: {type: ECS}}"` (its own ' +
              "blue/green needs no CodeDeploy)."
            : "Another tool manages its task sets; deploy with that tool.",
      },
    ];
  return [unsupportedServiceProblem(observed, region) ?? []].flat();
}

/**
 * Whether ECS answered with the requested service, by each part of its ARNs. A service ARN in the
 * old format has no cluster.
 */
function isRequestedService(
  { cluster, name }: Pick<RequestedService, "cluster" | "name">,
  { arn, clusterArn }: ObservedService,
  { region, accountId, partition }: ServiceLocation,
): boolean {
  const start = `arn:${partition}:ecs:${region}:${accountId}`;
  return (
    clusterArn === `${start}:cluster/${cluster}` &&
    (arn === `${start}:service/${cluster}/${name}` || arn === `${start}:service/${name}`)
  );
}

// UpdateService's rules: what starts a deployment, what is only recorded, what a controller
// forbids. Pure. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html

import { isDeepStrictEqual } from "node:util";
import type { DeploymentConfiguration, UpdateServiceRequest } from "@aws-sdk/client-ecs";
import type { AwsError } from "../contract.ts";
import { invalidParameter } from "./errors.ts";
import type { ServiceSettings } from "./state.ts";

/** A change of these members starts a deployment. */
const deployingMembers = [
  "networkConfiguration",
  "platformVersion",
  "loadBalancers",
  "serviceRegistries",
  "serviceConnectConfiguration",
  "volumeConfigurations",
  "vpcLatticeConfigurations",
] as const;

/** A change of these is only recorded. */
const recordedMembers = [
  "capacityProviderStrategy",
  "availabilityZoneRebalancing",
  "placementConstraints",
  "placementStrategy",
  "healthCheckGracePeriodSeconds",
  "enableExecuteCommand",
  "enableECSManagedTags",
  "propagateTags",
  "deploymentController",
  "gatewayConnectors",
  "monitoring",
] as const;

/** ECS's default for an omitted member: no public address. */
export function withNetworkDefaults<
  Input extends Pick<UpdateServiceRequest, "networkConfiguration">,
>(input: Input): Input {
  const awsvpc = input.networkConfiguration?.awsvpcConfiguration;
  if (!awsvpc) return input;
  return {
    ...input,
    networkConfiguration: {
      awsvpcConfiguration: { ...awsvpc, assignPublicIp: awsvpc.assignPublicIp ?? "DISABLED" },
    },
  };
}

/** Members that are not sent keep their value. */
export function mergeSettings(
  current: ServiceSettings,
  input: UpdateServiceRequest,
): ServiceSettings {
  const sent = [...deployingMembers, ...recordedMembers]
    .filter((name) => input[name] !== undefined)
    .map((name) => [name, input[name]]);
  const merged: ServiceSettings = { ...current, ...Object.fromEntries(sent) };
  if (!input.capacityProviderStrategy?.length) return merged;
  const { launchType: _launchType, ...withoutLaunchType } = merged;
  return withoutLaunchType;
}

export function startsDeployment(current: ServiceSettings, input: UpdateServiceRequest): boolean {
  const controller = current.deploymentController?.type ?? "ECS";
  return (
    isMoveToEcs(controller, input) ||
    deployingMembers.some(
      (name) => input[name] !== undefined && !isDeepStrictEqual(input[name], current[name]),
    )
  );
}

const defaultConfiguration: DeploymentConfiguration = {
  deploymentCircuitBreaker: { enable: false, rollback: false },
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  strategy: "ROLLING",
  bakeTimeInMinutes: 0,
};

export const newConfiguration = (
  given: DeploymentConfiguration | undefined,
): DeploymentConfiguration => ({
  ...defaultConfiguration,
  ...given,
});

/**
 * Members of deploymentConfiguration that are not sent are kept; a member that is sent replaces the
 * whole member, so a breaker without thresholdConfiguration gets the default thresholds. AWS does
 * not document it; seen with Terraform's provider.
 */
export const mergeConfiguration = (
  current: DeploymentConfiguration,
  given: DeploymentConfiguration | undefined,
): DeploymentConfiguration => ({ ...current, ...given });

/**
 * CODE_DEPLOY and EXTERNAL services are not deployed with UpdateService, unless the same call moves
 * the service from CodeDeploy to ECS.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-codedeploy-to-ecs-bluegreen.html
 */
export function refusedByController(
  controller: string,
  input: UpdateServiceRequest,
): AwsError | undefined {
  if (controller === "ECS" || isMoveToEcs(controller, input)) return undefined;
  const means =
    controller === "CODE_DEPLOY"
      ? "AWS CodeDeploy to trigger a new deployment"
      : "task sets to deploy";
  const refuse = (what: string) =>
    invalidParameter(
      `Unable to ${what} on services with a ${controller} deployment controller. Use ${means}.`,
    );
  if (input.taskDefinition !== undefined) return refuse("update task definition");
  if (input.forceNewDeployment) return refuse("force a new deployment");
  if (deployingMembers.some((name) => input[name] !== undefined))
    return refuse("update network parameters");
  return undefined;
}

const isMoveToEcs = (controller: string, { deploymentController }: UpdateServiceRequest): boolean =>
  controller === "CODE_DEPLOY" && deploymentController?.type === "ECS";

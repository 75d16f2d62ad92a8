// What CreateService and UpdateService refuse. Pure; it shares nothing with the action's own rules.
// Texts marked "ours" are not AWS's.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html

import {
  AssignPublicIp,
  type CreateServiceRequest,
  type DeploymentConfiguration,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookTargetType,
  DeploymentStrategy,
  LaunchType,
  SchedulingStrategy,
  ThresholdType,
  type UpdateServiceRequest,
} from "@aws-sdk/client-ecs";
import type { AwsError } from "../contract.ts";
import { invalidParameter } from "./errors.ts";
import type { ServiceSettings, TaskDefinitionState } from "./state.ts";

interface UpdatedService {
  readonly settings: ServiceSettings;
  readonly configuration: DeploymentConfiguration;
  readonly taskDefinition: TaskDefinitionState;
}

/** @param sent the service members of the call; members that are not sent were accepted before */
export function refusedService(
  sent: Partial<CreateServiceRequest> | UpdateServiceRequest,
  { settings, configuration, taskDefinition }: UpdatedService,
): AwsError | undefined {
  const said =
    refusedValues(sent, settings) ??
    refusedCount(sent, settings) ??
    refusedNetwork(settings, taskDefinition) ??
    (sent.deploymentConfiguration &&
      refusedConfiguration(sent.deploymentConfiguration, configuration, settings));
  return said === undefined ? undefined : invalidParameter(said);
}

/** The texts are ours. */
function refusedValues(
  sent: Partial<CreateServiceRequest>,
  settings: ServiceSettings,
): string | undefined {
  const ip = settings.networkConfiguration?.awsvpcConfiguration?.assignPublicIp;
  const given: readonly (readonly [
    string,
    string | undefined,
    Readonly<Record<string, string>>,
  ])[] = [
    ["launchType", sent.launchType, LaunchType],
    ["schedulingStrategy", sent.schedulingStrategy, SchedulingStrategy],
    ["assignPublicIp", ip, AssignPublicIp],
  ];
  const odd = given.find(
    ([, value, known]) => value !== undefined && !Object.values(known).includes(value),
  );
  return odd && `Invalid value '${odd[1]}' for '${odd[0]}'.`;
}

function refusedCount(
  { desiredCount }: { readonly desiredCount?: number | undefined },
  settings: ServiceSettings,
) {
  if (desiredCount === undefined) return undefined;
  if (settings.schedulingStrategy === "DAEMON")
    // fabfuel/ecs-deploy#59
    return (
      "The daemon scheduling strategy does not support a desired count for services. Remove the " +
      "desired count value and try again"
    );
  return desiredCount < 0 ? "desiredCount cannot be negative." : undefined; // ours
}

function refusedNetwork(
  settings: ServiceSettings,
  { definition }: TaskDefinitionState,
): string | undefined {
  const hasNetwork = settings.networkConfiguration?.awsvpcConfiguration !== undefined;
  if (definition.networkMode === "awsvpc" && !hasNetwork)
    return "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
  if (definition.networkMode && definition.networkMode !== "awsvpc" && hasNetwork)
    // badmintoncryer/cdk-preflight
    return "Network Configuration is not valid for the given networkMode of this task definition.";
  const providers = settings.capacityProviderStrategy ?? [];
  const isFargate =
    settings.launchType === "FARGATE" ||
    providers.some((one) => one.capacityProvider?.startsWith("FARGATE"));
  return isFargate && !definition.compatibilities?.includes("FARGATE")
    ? "Task definition does not support launch_type FARGATE." // aws/aws-cli#3983
    : undefined;
}

/** PAUSE hooks are not allowed in stages that shift traffic. */
const trafficShiftStages: readonly string[] = ["TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"];

function refusedConfiguration(
  sent: DeploymentConfiguration,
  configuration: DeploymentConfiguration,
  settings: ServiceSettings,
): string | undefined {
  const isClassic = settings.loadBalancers?.some((one) => one.loadBalancerName) ?? false;
  if (isClassic && sent.deploymentCircuitBreaker)
    // aws/containers-roadmap#1272
    return (
      "Deployment circuit breaker feature is not supported with Classic Load Balancers. Remove " +
      "the Classic Load Balancer and try again."
    );
  return (
    refusedPercents(configuration, settings) ??
    refusedBreaker(sent) ??
    refusedStrategy(configuration) ??
    refusedHooks(sent)
  );
}

/** Source of the texts: badmintoncryer/cdk-preflight, except for the one that is marked. */
function refusedPercents(
  { minimumHealthyPercent = 100, maximumPercent = 200 }: DeploymentConfiguration,
  { schedulingStrategy }: ServiceSettings,
): string | undefined {
  if (minimumHealthyPercent < 0 || minimumHealthyPercent > 100)
    return "minimumHealthyPercent must be at most 100";
  if (maximumPercent < 100) return "maximumPercent must be at least 100";
  if (schedulingStrategy === "DAEMON" && maximumPercent > 100)
    return "The daemon scheduling strategy does not support values above 100 for maximumPercent";
  return maximumPercent < minimumHealthyPercent
    ? "maximumPercent must not be lower than minimumHealthyPercent." // ours
    : undefined;
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html; the
 * texts are ours
 */
function refusedBreaker({
  deploymentCircuitBreaker: breaker,
}: DeploymentConfiguration): string | undefined {
  if (!breaker) return undefined;
  if (breaker.enable === undefined || breaker.rollback === undefined)
    return "deploymentCircuitBreaker: enable and rollback must be given.";
  const threshold = breaker.thresholdConfiguration;
  if (!threshold) return undefined;
  const { type, value } = threshold;
  if (type === undefined || value === undefined)
    return "thresholdConfiguration: type and value must be given.";
  if (!Object.values<string>(ThresholdType).includes(type))
    return `Invalid value '${type}' for thresholdConfiguration.type.`;
  return value < 1 ? "The value of thresholdConfiguration must be at least 1." : undefined;
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html; the
 * texts are ours
 */
function refusedStrategy(configuration: DeploymentConfiguration): string | undefined {
  const {
    strategy = "ROLLING",
    linearConfiguration: linear,
    canaryConfiguration: canary,
  } = configuration;
  const {
    earlySuccessCriteria: early,
    minimumHealthyPercent = 100,
    bakeTimeInMinutes = 0,
  } = configuration;
  if (!Object.values<string>(DeploymentStrategy).includes(strategy))
    return `Invalid value '${strategy}' for strategy.`;
  if (linear && strategy !== "LINEAR")
    return "linearConfiguration is only valid with the strategy LINEAR.";
  if (canary && strategy !== "CANARY")
    return "canaryConfiguration is only valid with the strategy CANARY.";
  if (bakeTimeInMinutes < 0) return "bakeTimeInMinutes cannot be negative.";
  const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linear ?? {};
  const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = canary ?? {};
  if (stepPercent < 3 || stepPercent > 100) return "stepPercent must be between 3.0 and 100.0.";
  if (canaryPercent < 0.1 || canaryPercent > 100)
    return "canaryPercent must be between 0.1 and 100.0.";
  const isDay = (minutes: number) => minutes >= 0 && minutes <= 1440;
  if (!isDay(stepBakeTimeInMinutes) || !isDay(canaryBakeTimeInMinutes))
    return "A bake time must be between 0 and 1440.";
  if (!early?.enable) return undefined;
  if (strategy !== "ROLLING")
    return "earlySuccessCriteria is only valid with the strategy ROLLING.";
  const { healthyPercent, sourceServiceRevisionCleanup } = early;
  if (healthyPercent === undefined || sourceServiceRevisionCleanup === undefined)
    return "earlySuccessCriteria: healthyPercent and sourceServiceRevisionCleanup must be given.";
  return healthyPercent < minimumHealthyPercent || healthyPercent > 100
    ? "healthyPercent must be between minimumHealthyPercent and 100."
    : undefined;
}

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html; the
 * texts are ours
 */
function refusedHooks({ lifecycleHooks = [] }: DeploymentConfiguration): string | undefined {
  const isOne = (value: string | undefined, known: Readonly<Record<string, string>>) =>
    value === undefined || Object.values(known).includes(value);
  for (const {
    targetType,
    hookTargetArn,
    lifecycleStages = [],
    timeoutConfiguration,
  } of lifecycleHooks) {
    if (!isOne(targetType, DeploymentLifecycleHookTargetType))
      return `Invalid value '${targetType}' for targetType.`;
    const stage = lifecycleStages.find((one) => !isOne(one, DeploymentLifecycleHookStage));
    if (stage) return `Invalid value '${stage}' for lifecycleStages.`;
    if (!isOne(timeoutConfiguration?.action, DeploymentLifecycleHookAction))
      return "Invalid action of a hook's timeout.";
    const minutes = timeoutConfiguration?.timeoutInMinutes ?? 1440;
    if (minutes < 1 || minutes > 20_160) return "timeoutInMinutes must be between 1 and 20160.";
    if (targetType === "PAUSE" && lifecycleStages.some((one) => trafficShiftStages.includes(one)))
      return "PAUSE hooks cannot be configured at TEST_TRAFFIC_SHIFT or PRODUCTION_TRAFFIC_SHIFT.";
    if (targetType !== "PAUSE" && !hookTargetArn)
      return "hookTargetArn must be given for an AWS_LAMBDA hook.";
  }
  return undefined;
}

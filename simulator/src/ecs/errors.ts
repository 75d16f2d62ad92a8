// ECS's errors with ECS's texts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html

import { AwsError } from "../contract.ts";

export const clientException = (message: string) => new AwsError("ClientException", message);
export const invalidParameter = (message: string) =>
  new AwsError("InvalidParameterException", message);
export const clusterNotFound = () => new AwsError("ClusterNotFoundException", "Cluster not found.");
export const serviceNotFound = () => new AwsError("ServiceNotFoundException", "Service not found.");
export const serviceNotActive = () =>
  new AwsError("ServiceNotActiveException", "Service was not ACTIVE.");
export const deploymentNotFound = () =>
  new AwsError("ServiceDeploymentNotFoundException", "Service deployment not found.");
export const conflict = (message: string) => new AwsError("ConflictException", message);

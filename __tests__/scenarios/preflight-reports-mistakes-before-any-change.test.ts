import { expect, test } from "vitest";
import type { ErrorCode } from "../../src/errors.ts";
import { changesOf } from "./support/no-changes.ts";
import {
  account,
  type InputTexts,
  type Stage,
  type StageOptions,
  setStage,
} from "./support/stage.ts";

interface Mistake {
  readonly name: string;
  readonly options?: StageOptions;
  readonly prepare?: (stage: Stage) => unknown;
  readonly inputs?: InputTexts;
  readonly code: ErrorCode;
  readonly says: readonly string[];
}

const targetGroup = `arn:aws:elasticloadbalancing:us-east-1:${account}:targetgroup/app/1`;
const balanced = (containerName: string, containerPort: number) => ({
  loadBalancers: [{ targetGroupArn: targetGroup, containerName, containerPort }],
});
const secrets = (valueFrom: string) => ({
  container: { secrets: [{ name: "DB_PASSWORD", valueFrom }] },
});

const patched = (app: object) => JSON.stringify({ containerDefinitions: { app } });
const behindClassicLoadBalancer: StageOptions = {
  container: { portMappings: [{ containerPort: 80 }] },
  service: {
    loadBalancers: [{ loadBalancerName: "classic", containerName: "app", containerPort: 80 }],
  },
};

const mistakes: readonly Mistake[] = [
  {
    name: "the load balancer's port is not in the container",
    options: {
      container: { portMappings: [{ containerPort: 8000 }] },
      service: balanced("app", 80),
    },
    code: "PortMissing",
    says: ['port 80 of "app"', "only 8000"],
  },
  {
    name: "the load balancer's container is not in the task definition",
    options: { service: balanced("web", 80) },
    code: "PortMissing",
    says: ['container "web"', 'it has "app"'],
  },
  {
    name: "Service Connect uses a port that has no such name",
    options: {
      service: {
        serviceConnectConfiguration: {
          enabled: true,
          services: [{ portName: "http", clientAliases: [{ port: 80 }] }],
        },
      },
    },
    code: "PortMissing",
    says: ['port named "http"'],
  },
  {
    name: "the log group is not there",
    inputs: {
      "task-definition-patch":
        '{"containerDefinitions":{"app":{"logConfiguration":{"options":{"awslogs-group":"/ecs/typo"}}}}}',
    },
    code: "LogGroupMissing",
    says: ["/ecs/typo", "aws logs create-log-group", "awslogs-create-group"],
  },
  {
    name: "a role is another account's",
    inputs: { "task-definition-patch": "taskRoleArn: arn:aws:iam::999999999999:role/app" },
    code: "TaskDefinitionInvalid",
    says: ["taskRoleArn", "999999999999", account],
  },
  {
    name: "a role is a placeholder",
    inputs: { "task-definition-patch": "taskRoleArn: __TASK_ROLE_ARN__" },
    code: "TaskDefinitionInvalid",
    says: ["taskRoleArn", "__TASK_ROLE_ARN__"],
  },
  {
    name: "a secret is a placeholder",
    options: secrets("<SECRET_ARN>"),
    code: "TaskDefinitionInvalid",
    says: ["containerDefinitions[app].secrets[DB_PASSWORD].valueFrom"],
  },
  {
    name: "secrets, and no role that could read them",
    inputs: {
      secrets: "DB_PASSWORD=/clockko/db-password",
      "task-definition-patch": "executionRoleArn: null",
    },
    code: "TaskDefinitionInvalid",
    says: ["executionRoleArn is missing"],
  },
  {
    name: "Fargate has no such size",
    inputs: { "task-definition-patch": '{"cpu":"256","memory":"4096"}' },
    code: "TaskDefinitionInvalid",
    says: ["cpu 256", "memory 4096", "512, 1024 or 2048"],
  },
  {
    name: "the percents leave no room",
    options: {
      service: { deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 100 } },
    },
    code: "NoRollingCapacity",
    says: ["maximumPercent 100", "service-patch"],
  },
  {
    name: "a rounding leaves no room",
    options: {
      service: {
        desiredCount: 3,
        deploymentConfiguration: { maximumPercent: 125, minimumHealthyPercent: 100 },
      },
    },
    code: "NoRollingCapacity",
    says: ["allows 3 tasks", "keeps 3 of them"],
  },
  {
    name: "the service belongs to another tool",
    options: { service: { deploymentController: { type: "EXTERNAL" } } },
    code: "ControllerUnsupported",
    says: ["EXTERNAL"],
  },
  {
    name: "ECS does not know the cluster",
    prepare: ({ simulator }) =>
      simulator.faults.add(
        "ecs:DescribeServices",
        { kind: "error", name: "ClusterNotFoundException", message: "Cluster not found." },
        9,
      ),
    code: "ClusterNotFound",
    says: ['no cluster "clockko"'],
  },
  {
    name: "a container that no task definition has",
    inputs: { "container-name": "ap" },
    code: "ContainerNotFound",
    says: ['"ap"', 'Did you mean "app"?'],
  },
  {
    name: "a revision that is not there",
    inputs: { "task-definition": "clockko-backend:99" },
    code: "TaskDefinitionNotFound",
    says: ['"clockko-backend:99"'],
  },
  {
    name: "a patch of the wrong type",
    inputs: {
      "task-definition-patch":
        '{"cpu": 512, "containerDefinitions": {"app": {"portMappings": [{"containerPort": "80"}]}}}',
    },
    code: "TaskDefinitionInvalid",
    says: [
      "cpu: expected a text",
      "containerDefinitions[app].portMappings[0].containerPort: expected a number",
    ],
  },
  {
    name: "a deployment configuration of the wrong type",
    inputs: { "service-patch": 'deploymentConfiguration: {maximumPercent: "200"}' },
    code: "InvalidInput",
    says: [
      'service-patch: deploymentConfiguration.maximumPercent: expected a number (without quotes), got a text: "200"',
    ],
  },
  {
    name: "one name as variable and secret, by the inputs",
    inputs: { secrets: "DB=/clockko/db", "environment-variables": "DB=x" },
    code: "TaskDefinitionInvalid",
    says: ["containerDefinitions[app].secrets[DB] has the name of a variable", "`-NAME`"],
  },
  {
    name: "valueFrom under environment",
    inputs: {
      "task-definition-patch": patched({
        environment: [{ name: "SSM", valueFrom: "/clockko/db" }],
      }),
    },
    code: "TaskDefinitionInvalid",
    says: ["containerDefinitions[app].environment[SSM].valueFrom", "belongs in `secrets`"],
  },
  {
    name: "a dependency that must not be essential",
    inputs: {
      "task-definition-patch": JSON.stringify({
        containerDefinitions: {
          init: { image: "busybox:1" },
          app: { dependsOn: [{ containerName: "init", condition: "SUCCESS" }] },
        },
      }),
      "container-name": "app",
    },
    code: "TaskDefinitionInvalid",
    says: ['dependsOn[0] waits until "init" has ended (SUCCESS)', "`essential: false`"],
  },
  {
    name: "no execution role for an image in ECR",
    inputs: { "task-definition-patch": "executionRoleArn: null" },
    code: "TaskDefinitionInvalid",
    says: [
      "executionRoleArn is missing, but an image is in ECR, and containers log through awslogs",
    ],
  },
  {
    name: "Fargate without awsvpc",
    inputs: { "task-definition-patch": "networkMode: null" },
    code: "TaskDefinitionInvalid",
    says: ["networkMode is missing, and Fargate only has awsvpc"],
  },
  {
    name: "a container with more memory than its task",
    inputs: { "task-definition-patch": patched({ memory: 1024 }) },
    code: "TaskDefinitionInvalid",
    says: ["containerDefinitions[app].memory is 1024, more than the task's 512"],
  },
  {
    name: "a required member is missing",
    inputs: { "task-definition-patch": patched({ ulimits: [{ name: "nofile", softLimit: 1 }] }) },
    code: "TaskDefinitionInvalid",
    says: ["containerDefinitions[app].ulimits[0].hardLimit is missing"],
  },
  {
    name: "a log group that is template text",
    inputs: {
      "task-definition-patch": patched({
        logConfiguration: { options: { "awslogs-group": "app-<ENV>-ecs" } },
      }),
    },
    code: "TaskDefinitionInvalid",
    says: ['awslogs-group holds template text: "app-<ENV>-ecs"'],
  },
  {
    name: "a count for a DAEMON service",
    options: {
      service: {
        launchType: "EC2",
        schedulingStrategy: "DAEMON",
        deploymentConfiguration: { maximumPercent: 100, minimumHealthyPercent: 0 },
      },
      taskDefinition: { requiresCompatibilities: ["EC2"], networkMode: "bridge" },
    },
    inputs: { "desired-count": "3" },
    code: "InvalidInput",
    says: ["desired-count cannot be set for a DAEMON service", "Leave it out"],
  },
  {
    name: "a threshold of the circuit breaker behind a Classic Load Balancer",
    options: behindClassicLoadBalancer,
    inputs: { "circuit-breaker-threshold": "3" },
    code: "InvalidInput",
    says: [
      "cannot be set for a service behind a Classic Load Balancer",
      "`circuit-breaker-threshold`",
    ],
  },
  {
    name: "a canary without the strategy",
    inputs: {
      "service-patch": "deploymentConfiguration: {canaryConfiguration: {canaryPercent: 200}}",
    },
    code: "InvalidInput",
    says: [
      "canaryConfiguration is only for the strategy CANARY",
      "canaryPercent is 200",
      "from 0.1 to 100",
    ],
  },
  {
    name: "half a circuit breaker",
    inputs: {
      "service-patch":
        "deploymentConfiguration: {deploymentCircuitBreaker: {thresholdConfiguration: {value: 3}}}",
    },
    code: "InvalidInput",
    says: [
      "deploymentConfiguration.deploymentCircuitBreaker.thresholdConfiguration.type is missing",
    ],
  },
  {
    name: "a patch of what other inputs set",
    inputs: { "service-patch": "{taskDefinition: 'app:1', desiredCount: 2, cluster: other}" },
    code: "InvalidInput",
    says: [
      "service-patch: taskDefinition cannot be patched",
      "service-patch: desiredCount cannot be patched",
      "service-patch: cluster cannot be patched",
      "Use the input `desired-count`",
    ],
  },
  {
    name: "a patch that removes a member",
    inputs: { "service-patch": "loadBalancers: null" },
    code: "InvalidInput",
    says: ["loadBalancers is null", "`loadBalancers: []`"],
  },
  {
    name: "a patch without what ECS requires",
    options: { service: { loadBalancers: [] } },
    inputs: { "service-patch": "serviceConnectConfiguration: {namespace: shop}" },
    code: "InvalidInput",
    says: ["serviceConnectConfiguration.enabled is missing"],
  },
  {
    name: "a load balancer, by the patch, to a port that no container has",
    inputs: {
      "service-patch":
        "loadBalancers: [{targetGroupArn: 'arn:tg', containerName: app, containerPort: 81}]",
    },
    code: "PortMissing",
    says: ["sends traffic to port 81"],
  },
  {
    name: "a patch to a controller that is not ECS",
    inputs: { "service-patch": "deploymentController: {type: CODE_DEPLOY}" },
    code: "InvalidInput",
    says: ['deploymentController.type is "CODE_DEPLOY"', "the controller ECS only"],
  },
  {
    name: "a network mode that the service has no network for",
    options: {
      service: { launchType: "EC2" },
      taskDefinition: { networkMode: "bridge", requiresCompatibilities: ["EC2"] },
    },
    inputs: { "task-definition-patch": "networkMode: awsvpc" },
    code: "TaskDefinitionInvalid",
    says: ["networkMode is awsvpc, but the service has no networkConfiguration"],
  },
  {
    name: "a sidecar without an image",
    inputs: {
      "task-definition-patch": "containerDefinitions: {otel: {image: OTEL_IMAGE}}",
      "container-name": "app",
    },
    code: "TaskDefinitionInvalid",
    says: ["containerDefinitions[otel].image", "OTEL_IMAGE"],
  },
];

test.each(mistakes)("$name", async ({ options = {}, prepare, inputs = {}, code, says }) => {
  const stage = await setStage(options);
  prepare?.(stage);

  const play = await stage.play(inputs);

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: code });
  for (const words of says) expect(play.annotation).toContain(words);
  expect(changesOf(play)).toEqual([]);
});

test("another deployment is in progress, and when-busy is fail", async () => {
  const stage = await setStage();
  await stage.play({ "wait-for-service-stability": "false" });

  const play = await stage.play({ "when-busy": "stop", "image-tag": "newer" });

  expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "DeploymentInProgress" });
  expect(play.annotation).toMatch(
    /clockko-backend:2 since .* UTC \(0 min ago\), registered by arn:aws:sts::/,
  );
  expect(changesOf(play)).toEqual([]);
});

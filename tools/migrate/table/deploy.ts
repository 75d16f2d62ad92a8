// The inputs of aws-actions/amazon-ecs-deploy-task-definition.

import type { Row, Rows } from "./row.ts";

function same(to: string, sample: string, note = ""): Row {
  return { treatment: { kind: "input", to }, note, sample };
}

function joined(to: readonly string[], sample: string, note: string): Row {
  return { treatment: { kind: "joined", to }, note, sample };
}

function comment(note: string, sample: string, unless: readonly string[] = []): Row {
  return { treatment: { kind: "comment", unless }, note, sample };
}

function automatic(note: string, sample: string): Row {
  return { treatment: { kind: "automatic" }, note, sample };
}

const codeDeploy: Row = {
  treatment: { kind: "stays" },
  note:
    "Services with the CodeDeploy controller are not deployed; a service can be moved to ECS's " +
    "own blue/green deployments ([how](#from-codedeploy)).",
  sample: "app",
};
const ownNetwork =
  "With a service, the task has its network. Without one, it is an input of the verb `run-task`.";
const ownCapacity =
  "With a service, the task has its capacity provider or launch type. Without one, it is an " +
  "input of the verb `run-task`.";
const patchable = "A list or an object of UpdateService, in `service-patch`.";

export const deployRows: Rows = {
  "task-definition": joined(["task-definition"], "task-definition.json", ""),
  "desired-count": same("desired-count", "2"),
  service: joined(["service"], "web", "Several: one per line."),
  cluster: joined(["cluster"], "main", "Required, there `default`."),
  "wait-for-service-stability": same(
    "wait-for-service-stability",
    "false",
    "`true` by default, there `false`; and what is waited for is this deployment.",
  ),
  "wait-for-minutes": same("wait-for-minutes", "20"),
  "wait-max-delay-seconds": automatic("The time between two reads is not configurable.", "60"),
  "codedeploy-appspec": codeDeploy,
  "codedeploy-application": codeDeploy,
  "codedeploy-deployment-group": codeDeploy,
  "codedeploy-deployment-description": codeDeploy,
  "codedeploy-deployment-config": codeDeploy,
  "force-new-deployment": same("force-new-deployment", "true"),
  "enable-ecs-managed-tags": {
    treatment: { kind: "service-patch", patch: booleanMember("enableECSManagedTags") },
    note: patchable,
    sample: "true",
  },
  "propagate-tags": {
    treatment: { kind: "service-patch", patch: (propagateTags) => ({ propagateTags }) },
    note: patchable,
    sample: "SERVICE",
  },
  "service-managed-ebs-volume-name": {
    treatment: { kind: "joined", to: ["service-patch"] },
    note: "As `volumeConfigurations`.",
    sample: "data",
  },
  "service-managed-ebs-volume": {
    treatment: { kind: "joined", to: ["service-patch"] },
    note: "As `volumeConfigurations`.",
    sample: '{"sizeInGiB": 20}',
  },
  "run-task": joined(
    ["pre-deploy-command"],
    "true",
    "A task of the new revision, before the service changes. Without a service: the verb " +
      "`run-task`.",
  ),
  "run-task-container-overrides": joined(
    ["pre-deploy-command", "pre-deploy-container"],
    '[{"name": "web", "command": ["migrate"]}]',
    "The command of one container; anything else with the verb `run-task` and a task definition " +
      "of its own.",
  ),
  "run-task-security-groups": comment(ownNetwork, "sg-1"),
  "run-task-subnets": comment(ownNetwork, "subnet-1"),
  "run-task-assign-public-IP": comment(ownNetwork, "ENABLED"),
  "run-task-capacity-provider-strategy": comment(ownCapacity, "[]"),
  "run-task-launch-type": comment(ownCapacity, "FARGATE"),
  "run-task-started-by": comment("It is always `deploy-ecs/RUN/ATTEMPT`.", "ci"),
  "run-task-tags": comment("The task has the tags of the task definition.", "[]"),
  "run-task-managed-ebs-volume-name": comment("No equivalent.", "data"),
  "run-task-managed-ebs-volume": comment("No equivalent.", "{}"),
  "wait-for-task-stopped": automatic(
    "We always wait for the task, for `pre-deploy-timeout-minutes`.",
    "true",
  ),
  "keep-null-value-keys": automatic("Empty values are kept, `null` is removed.", "tag"),
  "max-retries": automatic("Calls are retried by themselves.", "5"),
};

function booleanMember(name: string) {
  return (value: string) => {
    if (value !== "true" && value !== "false") return undefined;
    return { [name]: value === "true" };
  };
}

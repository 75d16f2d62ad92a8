// The task definition of an Express Mode service: how ECS makes one from a primary container, and
// reads the primary container out of one. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-advanced-customization.html

import type {
  ContainerDefinition,
  ExpressGatewayContainer,
  RegisterTaskDefinitionRequest,
  RepositoryCredentials,
  Tag,
  TaskDefinition,
} from "@aws-sdk/client-ecs";

/** The container of the application. */
const mainContainer = "Main";
const defaultPort = 80;
const stopTimeoutSeconds = 30;

/** What a call may say of a task definition, its defaults filled in. */
export interface WantedDefinition {
  readonly family: string;
  readonly container: ExpressGatewayContainer;
  readonly executionRoleArn?: string | undefined;
  readonly taskRoleArn?: string | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly cpuArchitecture?: string | undefined;
  readonly tags: readonly Tag[];
  /** What the new revision starts from: what others added to it stays. */
  readonly current?: TaskDefinition | undefined;
  readonly logGroup: string;
  readonly region: string;
}

export function definitionFor(wanted: WantedDefinition): RegisterTaskDefinitionRequest {
  const { current } = wanted;
  const sidecars = (current?.containerDefinitions ?? []).filter(
    ({ name }) => name !== mainContainer,
  );
  const input: RegisterTaskDefinitionRequest = {
    family: wanted.family,
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: wanted.executionRoleArn,
    taskRoleArn: wanted.taskRoleArn,
    cpu: wanted.cpu,
    memory: wanted.memory,
    runtimePlatform: {
      operatingSystemFamily: "LINUX",
      cpuArchitecture: (wanted.cpuArchitecture ?? "X86_64") as "X86_64",
    },
    volumes: current?.volumes,
    containerDefinitions: [mainDefinition(wanted), ...sidecars],
    tags: [...wanted.tags, { key: "AmazonECSManaged", value: "true" }],
  };
  return withoutUndefined(input);
}

function mainDefinition(wanted: WantedDefinition): ContainerDefinition {
  const { container, current, logGroup, region } = wanted;
  const { containerPort = defaultPort, awsLogsConfiguration: logs } = container;
  return withoutUndefined({
    stopTimeout: stopTimeoutSeconds,
    linuxParameters: { initProcessEnabled: true },
    ...mainOf(current),
    name: mainContainer,
    essential: true,
    image: container.image,
    // The name of the port is ours.
    portMappings: [{ name: `main-${containerPort}-tcp`, containerPort, protocol: "tcp" as const }],
    command: container.command?.length ? container.command : undefined,
    environment: container.environment ?? [],
    secrets: container.secrets?.length ? container.secrets : undefined,
    repositoryCredentials: container.repositoryCredentials as RepositoryCredentials | undefined,
    logConfiguration: {
      logDriver: "awslogs" as const,
      options: {
        "awslogs-group": logs?.logGroup ?? logGroup,
        "awslogs-region": region,
        "awslogs-stream-prefix": logs?.logStreamPrefix ?? "ecs",
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    },
  });
}

export function mainOf(definition: TaskDefinition | undefined): ContainerDefinition | undefined {
  return definition?.containerDefinitions?.find(({ name }) => name === mainContainer);
}

/** The application's container; a definition of a test may have another name for it. */
const applicationOf = (definition: TaskDefinition) =>
  mainOf(definition) ?? definition.containerDefinitions?.[0];

/** As DescribeExpressGatewayService shows it: `command` always, `environment` by name. */
export function primaryContainerOf(definition: TaskDefinition): ExpressGatewayContainer {
  const main = applicationOf(definition);
  const options = main?.logConfiguration?.options ?? {};
  const { "awslogs-group": logGroup, "awslogs-stream-prefix": logStreamPrefix } = options;
  return withoutUndefined({
    image: main?.image ?? "",
    containerPort: portOf(definition),
    awsLogsConfiguration: logGroup
      ? { logGroup, logStreamPrefix: logStreamPrefix ?? "" }
      : undefined,
    repositoryCredentials: main?.repositoryCredentials,
    command: [...(main?.command ?? [])],
    environment: [...(main?.environment ?? [])].sort(byName),
    secrets: [...(main?.secrets ?? [])],
  });
}

export const portOf = (definition: TaskDefinition): number =>
  applicationOf(definition)?.portMappings?.[0]?.containerPort ?? defaultPort;

export const applicationName = (definition: TaskDefinition): string | undefined =>
  applicationOf(definition)?.name;

interface Named {
  readonly name?: string | undefined;
}

const byName = ({ name: one = "" }: Named, { name: other = "" }: Named) => (one < other ? -1 : 1);

/** The SDK sends no member without a value, and no answer shows one. */
export function withoutUndefined<T extends object>(input: T): T {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as T;
}

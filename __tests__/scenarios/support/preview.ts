// The step of the action `preview`, with an event and a GitHub that records what it is told.

import { type PreviewInputs, toDeployInputs } from "../../../src/inputs/preview-inputs.ts";
import { readPreviewInputs } from "../../../src/inputs/read-verb.ts";
import { previewFeaturesFor } from "../../../src/permissions/preview-features.ts";
import type { DeploymentStatus } from "../../../src/preview/deployment-status.ts";
import { runPreview } from "../../../src/verbs/preview.ts";
import { byAnotherUser } from "./changes.ts";
import { account, type PlayedStep, type Stage } from "./stage.ts";

const repository = "acme/shop";

/** Of the pattern. */
export const infrastructureRoleArn = `arn:aws:iam::${account}:role/ecsInfrastructureRoleForExpressServices`;

/** The pattern of all scenarios. */
export const pattern = { service: "shop" };

export interface PreviewEvent {
  readonly name?: string;
  readonly number?: number;
  readonly state?: "open" | "closed";
  /** Repository of its branch. */
  readonly from?: string;
}

export interface RecordedGithub {
  readonly deployments: DeploymentStatus[];
  readonly deactivated: string[];
  /** Every request is refused with this message. */
  refusal: string | undefined;
}

export function recordedGithub(): RecordedGithub {
  return { deployments: [], deactivated: [], refusal: undefined };
}

/** @param github where deployment statuses go */
export function previewStep(
  { name = "pull_request", number = 12, state = "open", from = repository }: PreviewEvent = {},
  github = recordedGithub(),
): PlayedStep {
  const head = { sha: `head-of-${number}`, repo: { full_name: from } };
  const event = name.startsWith("pull_request") ? { pull_request: { number, state, head } } : {};
  const refuse = () => {
    if (github.refusal !== undefined) throw new Error(github.refusal);
  };
  return {
    run: (source, runtime) =>
      runPreview(
        {
          ...source,
          readText: (path) =>
            path === "/event.json" ? JSON.stringify(event) : source.readText(path),
        },
        {
          ...runtime,
          environment: {
            ...runtime.environment,
            GITHUB_EVENT_NAME: name,
            GITHUB_EVENT_PATH: "/event.json",
            GITHUB_REPOSITORY: repository,
          },
          openGithub: async () => ({
            async create(status) {
              refuse();
              github.deployments.push(status);
            },
            async deactivate(environment) {
              refuse();
              github.deactivated.push(environment);
            },
          }),
        },
      ),
    grant: {
      read: async (source) => toDeployInputs(await readPreviewInputs(source, state === "closed")),
      featuresFor: (inputs) => previewFeaturesFor(inputs as PreviewInputs),
      never: ["express", "expressFirst"],
      known: [{ infrastructureRoleArn, "awslogs-group": "/aws/ecs/clockko/shop-pr-*" }],
    },
  };
}

/** A preview as an earlier run made it; `days` until it expires. */
export function makePreview(
  stage: Stage,
  number: number,
  { days = 7, tags = {} }: { days?: number; tags?: Readonly<Record<string, string>> } = {},
): string {
  const { simulator, clock } = stage;
  const serviceName = `shop-pr-${number}`;
  const all = {
    "deploy-ecs:preview": "shop",
    "deploy-ecs:repository": repository,
    "deploy-ecs:expires": new Date(clock.now() + days * 86_400_000).toISOString(),
    ...tags,
  };
  byAnotherUser(stage, "CreateExpressGatewayService", {
    cluster: "clockko",
    serviceName,
    infrastructureRoleArn,
    executionRoleArn: `arn:aws:iam::${account}:role/clockko-execution`,
    primaryContainer: {
      image: `${simulator.accountId}.dkr.ecr.us-east-1.amazonaws.com/clockko-backend:v1`,
    },
    tags: Object.entries(all).map(([key, value]) => ({ key, value })),
  });
  clock.advance(10 * 60_000);
  return serviceName;
}

export function statusOf({ simulator }: Stage, service: string): string | undefined {
  return simulator.ecs.describeService({ cluster: "clockko", service }).status;
}

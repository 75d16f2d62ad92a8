// What will be done, as a plain value. Types only.

import type { ObservedService } from "../ecs/observed.ts";
import type { JsonObject } from "../json.ts";
import type { PlanFinding } from "./findings.ts";
import type { ImagePlan } from "./image/image.ts";
import type { ServiceSettings } from "./service/service-settings.ts";
import type { Change } from "./task-definition/diff.ts";

export interface ServicePlan {
  readonly service: ObservedService;
  /** The container that tells what image runs: the first that gets the new one. */
  readonly container: string;
  readonly previousImage?: string;
  /** What to go back to. */
  readonly previousTaskDefinitionArn: string;
  /** What RegisterTaskDefinition is sent; absent: `reuse` says the same already. */
  readonly register?: JsonObject;
  readonly reuseArn: string;
  readonly changes: readonly Change[];
  readonly settings: ServiceSettings;
  /** Nothing to do: this runs already. */
  readonly upToDate: boolean;
  /** The task definition stays the same, but its tag names another image than the one that runs: a new deployment must be forced. */
  readonly imageChanged?: true;
  /** Why the service goes back to `reuse`. */
  readonly why?: string;
  /** The image that `reuse` runs, where the service goes back to it. */
  readonly image?: { readonly reference: string; readonly digest: string | undefined } | undefined;
}

export interface Plan {
  /** Absent when services go back: nothing is built. */
  readonly image?: ImagePlan;
  readonly services: readonly ServicePlan[];
  /** Nothing of it makes the deployment impossible. */
  readonly findings: readonly PlanFinding[];
}

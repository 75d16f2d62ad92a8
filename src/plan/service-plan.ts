// What will be done, as a plain value. Types only.

import type { ExpressInfrastructure } from "../ecs/express.ts";
import type { ObservedService } from "../ecs/observed.ts";
import type { JsonObject } from "../json.ts";
import type { PlanFinding } from "./findings.ts";
import type { ImagePlan } from "./image/image.ts";
import type { ServiceSettings } from "./service/service-settings.ts";
import type { Change } from "./task-definition/diff.ts";

export interface ServicePlan {
  readonly service: ObservedService;
  /** The container whose image is reported: the first that gets the new one. */
  readonly container: string;
  /** The others that get a new image. */
  readonly otherContainers?: readonly string[] | undefined;
  readonly previousImage?: string | undefined;
  /** The rollback target. */
  readonly previousTaskDefinitionArn: string;
  /** What RegisterTaskDefinition is sent; absent: `reuseArn` has the same content already. */
  readonly register?: JsonObject | undefined;
  readonly reuseArn: string;
  readonly changes: readonly Change[];
  readonly settings: ServiceSettings;
  /** Nothing to do: the service already runs this. */
  readonly upToDate: boolean;
  /**
   * The task definition stays the same, but its tag names another image than the one that runs: a
   * new deployment must be forced.
   */
  readonly imageChanged?: true;
  /** Why the service is rolled back to `reuseArn`. */
  readonly why?: string;
  /** The image of `reuseArn` in a rollback. */
  readonly image?: { readonly reference: string; readonly digest: string | undefined } | undefined;
  /** What CreateExpressGatewayService is sent: the service does not exist yet. */
  readonly create?: JsonObject | undefined;
  /** Of an Express Mode service, as it was before. */
  readonly infrastructure?: ExpressInfrastructure | undefined;
}

export interface Plan {
  /** Absent in a rollback: nothing is built. */
  readonly image?: ImagePlan | undefined;
  readonly services: readonly ServicePlan[];
  /** None of them makes the deployment impossible. */
  readonly findings: readonly PlanFinding[];
}

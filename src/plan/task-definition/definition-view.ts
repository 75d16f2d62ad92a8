// What the checks of a new task definition know of it, PURE.

import type { ValueSchema } from "../../ecs/request-schema.ts";
import type { JsonObject } from "../../json.ts";
import { logOnly, type PlanFinding, warning } from "../findings.ts";

interface DeploymentLocation {
  readonly accountId: string;
  readonly region: string;
  /** As in ARNs. */
  readonly partition: string;
}

export interface DefinitionView {
  readonly definition: JsonObject;
  /** Its name in messages: its file, or its family. */
  readonly label: string;
  /** These get the image. */
  readonly containers: readonly string[];
  /** The repository of the image; undefined: there is none. */
  readonly repositoryUri: string | undefined;
  readonly schema: ValueSchema;
  readonly location: DeploymentLocation;
  /** Its tasks run on Fargate, whatever the task definition says. */
  readonly onFargate: boolean;
  /** Revisions that ECS has registered: the running one, and the source of the new one. */
  readonly registered: readonly JsonObject[];
}

export const fixFile = "Nothing was built or changed. Correct the task definition at these paths.";

export function splitByKnown<Item>(
  items: readonly Item[],
  isKnown: (item: Item) => boolean,
  describe: (items: readonly Item[]) => string,
): readonly PlanFinding[] {
  const [old, fresh] = [items.filter(isKnown), items.filter((item) => !isKnown(item))];
  return [
    ...(fresh.length > 0 ? [warning(describe(fresh))] : []),
    ...(old.length > 0 ? [logOnly(describe(old))] : []),
  ];
}

// The partition of a region: China, GovCloud, the European Sovereign Cloud and the isolated ones
// have names, endpoints and consoles of their own. From the data with which the SDK itself finds
// its endpoints; a guessed suffix would be wrong in the next partition.

import { partition } from "@aws-sdk/core/client";
import type { Partition } from "../ecs/partition.ts";

/** Any other name counts as a region of the partition `aws`. */
export function partitionOf(region: string): Partition {
  const found: ReturnType<typeof partition> & { readonly implicitGlobalRegion?: string } =
    partition(region);
  return {
    name: found.name,
    dnsSuffix: found.dnsSuffix,
    firstRegion: found.implicitGlobalRegion ?? region,
    isListed: "description" in found,
  };
}

/**
 * Consoles are not in the SDK's data. China:
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html, GovCloud:
 * https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-endpoints.html, European
 * Sovereign Cloud: https://docs.aws.eu/general/latest/gr/endpoints.html. Those of isolated
 * partitions are not public.
 */
const consoles: Readonly<Record<string, string>> = {
  aws: "console.aws.amazon.com",
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
  "aws-eusc": "console.amazonaws-eusc.eu",
};

/**
 * Host of a region's console; undefined where it is unknown: no link is better than a wrong one.
 */
export function consoleHost(region: string): string | undefined {
  const host = consoles[partitionOf(region).name];
  return host && `${region}.${host}`;
}

/**
 * Audiences that the account's identity provider may list, the more likely one first. The official
 * action uses `sts.amazonaws.com`, and users in China must set `sts.amazonaws.com.cn`:
 * https://github.com/aws-actions/configure-aws-credentials#assuming-a-role
 */
export function audiencesOf(region: string): readonly string[] {
  return [...new Set([`sts.${partitionOf(region).dnsSuffix}`, "sts.amazonaws.com"])];
}

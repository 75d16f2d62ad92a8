// What tasks run on, as docker spells it, PURE.

import { normalizePlatform } from "../../inputs/platforms.ts";
import { type JsonObject, objectOf, objectsOf, stringOf } from "../../json.ts";

/**
 * Absent where nothing says it: on EC2 and on external instances without a runtimePlatform the
 * instance decides. Fargate's own default is Linux on x86. `service` is the service as ECS
 * describes it; it knows best where its tasks are started.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
 */
export function platformOf(definition: JsonObject, service: JsonObject = {}): string | undefined {
  const platform = objectOf(definition.runtimePlatform);
  const onFargate = startsOnFargate(service) ?? isForFargate(definition);
  const named = stringOf(platform.cpuArchitecture) ?? (onFargate ? "X86_64" : "");
  const architecture = { X86_64: "amd64", ARM64: "arm64" }[named];
  const system = stringOf(platform.operatingSystemFamily)?.startsWith("WINDOWS")
    ? "windows"
    : "linux";
  return architecture && `${system}/${architecture}`;
}

/**
 * undefined: the service does not say (the cluster's default capacity provider strategy decides).
 */
function startsOnFargate({
  launchType,
  capacityProviderStrategy,
}: JsonObject): boolean | undefined {
  const providers = objectsOf(capacityProviderStrategy).map(
    ({ capacityProvider }) => stringOf(capacityProvider) ?? "",
  );
  if (providers.length > 0)
    return providers.some((name) => name === "FARGATE" || name === "FARGATE_SPOT");
  if (launchType === undefined) return undefined;
  return launchType === "FARGATE";
}

/** One that may be started on EC2, too, says nothing of the CPU. */
function isForFargate({ requiresCompatibilities }: JsonObject): boolean {
  return (
    Array.isArray(requiresCompatibilities) &&
    requiresCompatibilities.length > 0 &&
    requiresCompatibilities.every((launchType) => launchType === "FARGATE")
  );
}

/**
 * What of `needed` no image in `offered` fits. Variants (`arm64/v8`) are left out: tasks name none.
 */
export function unsupportedPlatforms(
  needed: readonly string[],
  offered: readonly string[],
): readonly string[] {
  const plain = new Set(offered.map(withoutVariant));
  return needed.filter((platform) => !plain.has(withoutVariant(platform)));
}

function withoutVariant(platform: string): string {
  return normalizePlatform(platform).split("/").slice(0, 2).join("/");
}

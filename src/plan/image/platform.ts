// The platforms of tasks in Docker's notation, PURE.

import { normalizePlatform } from "../../inputs/platforms.ts";
import { type JsonObject, objectOf, objectsOf, stringOf } from "../../json.ts";

/**
 * Absent where it is unknown: on EC2 and on external instances without a runtimePlatform the
 * instance decides. Fargate's own default is Linux on x86. `service` is the service as ECS
 * describes it; its launch type says most reliably where its tasks start.
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

/** A task definition that may also run on EC2 says nothing about the CPU. */
function isForFargate({ requiresCompatibilities }: JsonObject): boolean {
  return (
    Array.isArray(requiresCompatibilities) &&
    requiresCompatibilities.length > 0 &&
    requiresCompatibilities.every((launchType) => launchType === "FARGATE")
  );
}

/**
 * The platforms in `needed` that no image in `offered` supports. Variants (`arm64/v8`) are ignored:
 * tasks have none.
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

// What tasks run on, as docker spells it, PURE.

import { isJsonObject, type JsonObject, stringOf } from "../json.ts";

/**
 * Absent where nothing says it: on EC2 without a runtimePlatform the instance decides. Fargate's own default is Linux on x86.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
 */
export function platformOf(definition: JsonObject): string | undefined {
  const platform = isJsonObject(definition.runtimePlatform) ? definition.runtimePlatform : {};
  const onFargate =
    Array.isArray(definition.requiresCompatibilities) && definition.requiresCompatibilities.includes("FARGATE");
  const named = stringOf(platform.cpuArchitecture) ?? (onFargate ? "X86_64" : "");
  const architecture = { X86_64: "amd64", ARM64: "arm64" }[named];
  const system = stringOf(platform.operatingSystemFamily)?.startsWith("WINDOWS") ? "windows" : "linux";
  return architecture && `${system}/${architecture}`;
}

/** What of `needed` no image in `offered` fits. Variants (`arm64/v8`) are left out: tasks name none. */
export function unfitting(needed: readonly string[], offered: readonly string[]): readonly string[] {
  const plain = new Set(offered.map(withoutVariant));
  return needed.filter((platform) => !plain.has(withoutVariant(platform)));
}

function withoutVariant(platform: string): string {
  return platform.split("/").slice(0, 2).join("/");
}

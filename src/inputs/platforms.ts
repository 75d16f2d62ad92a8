// How platforms are written, PURE. Docker, ECS and runners have several names for one CPU: every
// comparison is made after normalizing.

/**
 * `linux/x86_64` → `linux/amd64`, `linux/arm64/v8` → `linux/arm64`; unknown names are only
 * converted to lower case. The same aliases as in Docker's and BuildKit's own parser.
 * https://github.com/containerd/platforms/blob/main/database.go
 */
export function normalizePlatform(platform: string): string {
  const [system = "", architecture = "", variant = ""] = platform.toLowerCase().split("/");
  const [cpu, kind] = normalizeArchitecture(architecture, variant);
  return [system, cpu, kind].filter((part) => part !== "").join("/");
}

function normalizeArchitecture(architecture: string, variant: string): readonly [string, string] {
  switch (architecture) {
    case "i386":
    case "i486":
    case "i686":
      return ["386", ""];
    case "x86_64":
    case "x86-64":
    case "amd64":
      return ["amd64", variant === "v1" ? "" : variant];
    case "aarch64":
    case "arm64":
      return ["arm64", variant === "8" || variant === "v8" ? "" : variant];
    case "armhf":
      return ["arm", "v7"];
    case "armel":
      return ["arm", "v6"];
    case "arm":
      return ["arm", variant === "" ? "v7" : variant.replace(/^(\d)$/, "v$1")];
    default:
      return [architecture, variant];
  }
}

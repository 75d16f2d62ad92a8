// The repository's own scan of the image: waited for, and judged by the severity that the user gave.

import type {
  DescribeImageScanFindingsResponse,
  EnhancedImageScanFinding,
  ImageScanFinding,
} from "@aws-sdk/client-ecr";
import type { Ecr } from "../aws/ecr.ts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import { type ImagePlan, parseImageReference } from "../plan/image/image.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ScanFinding, ScanReport } from "../run/image.ts";
import { shellBlock } from "../text/code-block.ts";
import { lookUpImage, type RegistryPorts } from "./registry.ts";

const severities: readonly string[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];
export type Severity = "critical" | "high" | "medium" | "low";

export interface ScanPorts {
  readonly registry: RegistryPorts;
  readonly ecr: Pick<Ecr, "describeScan">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

const betweenLooksMilliseconds = 5_000;
/** Right after the push no scan is known for some seconds; later, there is none. */
const untilBegunMilliseconds = 3 * 60_000;
const untilDoneMilliseconds = 15 * 60_000;

/** @throws DeployError `ScanUnavailable` when there will be no result: a gate that cannot look stays shut */
export async function scanImage(
  plan: ImagePlan,
  digest: string,
  ports: ScanPorts,
): Promise<ScanReport> {
  const { repository: uri } = parseImageReference(plan.reference);
  const name = plan.from === "repository" ? plan.repository.name : uri.slice(uri.indexOf("/") + 1);
  const scanned = await scannedDigest(`${uri}@${digest}`, plan.taskPlatforms[0], ports.registry);
  const report = await awaitScan(name, scanned ?? digest, ports);
  const counts = report.counts.map(([severity, count]) => `${count} ${severity}`).join(", ");
  ports.reporter.info(`Scan of ${name}: ${counts === "" ? "no findings" : counts}.`);
  return report;
}

async function awaitScan(
  repositoryName: string,
  digest: string,
  { ecr, clock, signal, reporter }: ScanPorts,
): Promise<ScanReport> {
  const startedAt = clock.now();
  for (let told = ""; ; ) {
    const answer = await ecr.describeScan(repositoryName, digest);
    const status = answer?.imageScanStatus?.status ?? "";
    if (answer && isDone(answer))
      return reportOf(await allPages(answer, repositoryName, digest, ecr));
    if (over.has(status))
      throw unavailable(
        repositoryName,
        `${status}: ${answer?.imageScanStatus?.description ?? "no reason given"}`,
      );
    const waited = clock.now() - startedAt;
    if (status === "" && waited > untilBegunMilliseconds)
      throw unavailable(repositoryName, "no scan has begun");
    if (waited > untilDoneMilliseconds)
      throw unavailable(repositoryName, `it is not over after 15 minutes (${status})`);
    if (status !== told) reporter.info(`Scan: ${status === "" ? "not begun yet" : status}`);
    told = status;
    await clock.sleep(betweenLooksMilliseconds, signal);
  }
}

/** @throws DeployError `ScanFindings` when there are findings at the severity or above it */
export function judgeScan(report: ScanReport, least: Severity, reference: string): void {
  const stopping = severities.slice(0, severities.indexOf(least.toUpperCase()) + 1);
  const found = report.counts.filter(([severity]) => stopping.includes(severity));
  if (found.length === 0) return;
  throw new DeployError({
    code: "ScanFindings",
    message: [
      `${reference} has ${found.map(([severity, count]) => `${count} ${severity}`).join(", ")} findings, and scan is "${least}".`,
      ...report.worst.map(({ severity, name, where }) => `${severity} ${name} ${where}`.trimEnd()),
    ].join("\n"),
    hint: "Nothing was registered and the service was not touched. Renew the base image and the packages in it, or raise the severity of `scan`.",
  });
}

/** Basic scanning ends in COMPLETE; enhanced scanning never ends, it is ACTIVE, with a time once there are results. */
function isDone({
  imageScanStatus,
  imageScanFindings,
}: DescribeImageScanFindingsResponse): boolean {
  const status = imageScanStatus?.status;
  return (
    status === "COMPLETE" ||
    (status === "ACTIVE" && imageScanFindings?.imageScanCompletedAt !== undefined)
  );
}

const over = new Set<string>([
  "FAILED",
  "UNSUPPORTED_IMAGE",
  "SCAN_ELIGIBILITY_EXPIRED",
  "FINDINGS_UNAVAILABLE",
  "LIMIT_EXCEEDED",
  "IMAGE_ARCHIVED",
]);

/** An index has no scan of its own: the image in it that the tasks run has. */
async function scannedDigest(
  reference: string,
  wanted: string | undefined,
  registry: RegistryPorts,
): Promise<string | undefined> {
  const { children = [] } = (await lookUpImage(reference, registry)) ?? {};
  return (children.find(({ platform }) => platform === wanted) ?? children[0])?.digest;
}

async function allPages(
  first: DescribeImageScanFindingsResponse,
  repositoryName: string,
  digest: string,
  ecr: ScanPorts["ecr"],
): Promise<readonly DescribeImageScanFindingsResponse[]> {
  const pages = [first];
  for (let token = first.nextToken; token !== undefined; ) {
    const page = await ecr.describeScan(repositoryName, digest, token);
    if (page) pages.push(page);
    token = page?.nextToken;
  }
  return pages;
}

function reportOf(pages: readonly DescribeImageScanFindingsResponse[]): ScanReport {
  const all = pages.flatMap(
    ({ imageScanFindings: { findings = [], enhancedFindings = [] } = {} }) => [
      ...findings.map(basicFinding),
      ...enhancedFindings.map(enhancedFinding),
    ],
  );
  const counts = pages[0]?.imageScanFindings?.findingSeverityCounts ?? {};
  const ranked = Object.entries(counts).sort(([one], [other]) => rank(one) - rank(other));
  return {
    counts: ranked.filter(([, count]) => count > 0),
    worst: all.sort((one, other) => rank(one.severity) - rank(other.severity)).slice(0, 5),
  };
}

function rank(severity: string): number {
  const place = severities.indexOf(severity);
  return place < 0 ? severities.length : place;
}

function unavailable(repositoryName: string, why: string): DeployError {
  return new DeployError({
    code: "ScanUnavailable",
    message: `The scan of this image in ${repositoryName} gives no result: ${why}.`,
    hint: `The service was not touched. Is scanning switched on? For this repository (the other way is enhanced scanning, for the registry):\n${shellBlock("aws ecr put-image-scanning-configuration", `--repository-name ${repositoryName}`, "--image-scanning-configuration scanOnPush=true")}\nImages of unknown systems, built FROM scratch, cannot be scanned: \`scan: off\`.`,
  });
}

function basicFinding({
  severity = "UNDEFINED",
  name = "",
  attributes = [],
}: ImageScanFinding): ScanFinding {
  const value = (key: string) => attributes.find((attribute) => attribute.key === key)?.value ?? "";
  return {
    severity,
    name,
    where: [value("package_name"), value("package_version")].filter(Boolean).join(" "),
  };
}

function enhancedFinding({
  severity = "UNDEFINED",
  title = "",
  packageVulnerabilityDetails,
}: EnhancedImageScanFinding): ScanFinding {
  const [first] = packageVulnerabilityDetails?.vulnerablePackages ?? [];
  return {
    severity,
    name: packageVulnerabilityDetails?.vulnerabilityId ?? title,
    where: [first?.name, first?.version].filter(Boolean).join(" "),
  };
}

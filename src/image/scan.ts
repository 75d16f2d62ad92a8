// Waits for ECR's scan of the image, and fails at the severity that the user set.

import type {
  DescribeImageScanFindingsResponse,
  EnhancedImageScanFinding,
  ImageScanFinding,
} from "@aws-sdk/client-ecr";
import type { Ecr, RepositoryLocation } from "../aws/ecr.ts";
import type { Clock } from "../clock.ts";
import { DeployError } from "../errors.ts";
import { type ImagePlan, parseImageReference } from "../plan/image/image.ts";
import type { Reporter } from "../reporter/reporter.ts";
import type { ProvidedImage, ScanFinding, ScanReport } from "../run/image.ts";
import { shellBlock } from "../text/code-block.ts";
import { pollUntil } from "../timing/poll.ts";
import { inspectImage, isPlainHttp, type RegistryPorts } from "./registry.ts";
import { ecrRegistryOf, resolveReference } from "./registry-reference.ts";

const severities: readonly string[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];
type Severity = "critical" | "high" | "medium" | "low";

interface ScanPorts {
  readonly registry: RegistryPorts;
  readonly ecr: Pick<Ecr, "describeScan">;
  readonly ecrIn: (region: string) => Pick<Ecr, "describeScan"> | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

const scanPollMilliseconds = 5_000;
/** ECR lists no scan for some seconds after the push; if there is none later, none was started. */
const scanStartTimeoutMilliseconds = 3 * 60_000;
const scanTimeoutMilliseconds = 15 * 60_000;

/**
 * @throws DeployError `ScanUnavailable` when there will be no result: without one the deployment is
 * blocked
 */
export async function scanImage(
  { reference, digest }: Pick<ProvidedImage, "reference" | "digest">,
  plan: ImagePlan,
  ports: ScanPorts,
): Promise<ScanReport> {
  const { repository: uri } = parseImageReference(reference);
  const { host, name } = resolveReference(reference);
  const scanning = scanningRegistry(host, ports);
  if (!scanning) throw notInEcrError(reference);
  const scanned = await scannedDigest(`${uri}@${digest}`, plan.taskPlatforms[0], ports.registry);
  const report = await waitForScan(
    { repositoryName: name, registryId: scanning.registryId },
    scanned ?? digest,
    { ...ports, ecr: scanning.ecr },
  );
  const counts = report.counts.map(([severity, count]) => `${count} ${severity}`).join(", ");
  ports.reporter.info(`Scan of ${name}: ${counts || "no findings"}.`);
  return report;
}

/** The registry that scans images of this host; undefined: no registry of ECR that we can ask. */
function scanningRegistry(
  host: string,
  { ecr, ecrIn, registry: { caller } }: ScanPorts,
): { readonly ecr: ScanPorts["ecr"]; readonly registryId: string | undefined } | undefined {
  if (isPlainHttp(host)) return { ecr, registryId: undefined };
  const { accountId, region = "" } = ecrRegistryOf(host) ?? {};
  const found = region === "" ? undefined : ecrIn(region);
  if (!found) return undefined;
  if (accountId === caller.accountId) return { ecr: found, registryId: undefined };
  return { ecr: found, registryId: accountId };
}

function notInEcrError(reference: string): DeployError {
  return new DeployError({
    code: "ScanUnavailable",
    message: `${reference} is in no registry of ECR that this role can ask for scan results.`,
    hint: "The service was not touched. Scan it where it is built, and set `scan: off`.",
  });
}

async function waitForScan(
  location: RepositoryLocation,
  digest: string,
  { ecr, clock, signal, reporter }: ScanPorts,
): Promise<ScanReport> {
  const startedAt = clock.now();
  const { repositoryName } = location;
  let lastReported = "";
  const readReport = async () => {
    const answer = await ecr.describeScan(location, digest);
    const status = answer?.imageScanStatus?.status ?? "";
    if (answer && isScanComplete(answer))
      return toScanReport(await fetchAllPages(answer, location, digest, ecr));
    const failure = failedScans[status];
    if (failure)
      throw scanUnavailableError(
        repositoryName,
        `${status}: ${answer?.imageScanStatus?.description ?? failure.reason}`,
        failure.cure,
      );
    const waited = clock.now() - startedAt;
    if (status === "" && waited > scanStartTimeoutMilliseconds)
      throw scanUnavailableError(repositoryName, "no scan has started");
    if (waited > scanTimeoutMilliseconds)
      throw scanUnavailableError(
        repositoryName,
        `it has not finished after 15 minutes (${status})`,
      );
    if (status !== lastReported) reporter.info(`Scan: ${status || "not started yet"}`);
    lastReported = status;
    return undefined;
  };
  return pollUntil(readReport, scanPollMilliseconds, { clock, signal });
}

/** The findings of several images together. */
export function combineScans(reports: readonly ScanReport[]): ScanReport {
  const counts = new Map<string, number>();
  for (const [severity, count] of reports.flatMap((report) => report.counts))
    counts.set(severity, (counts.get(severity) ?? 0) + count);
  return {
    counts: [...counts].sort(([a], [b]) => severityRank(a) - severityRank(b)),
    worst: rankFindings(reports.flatMap(({ worst }) => worst)),
  };
}

function rankFindings(findings: readonly ScanFinding[]): readonly ScanFinding[] {
  return findings
    .toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity))
    .slice(0, 5);
}

/** @throws DeployError `ScanFindings` when there are findings at the severity or above it */
export function assertScanPasses(
  report: ScanReport,
  minimumSeverity: Severity,
  reference: string,
): void {
  const blockingSeverities = severities.slice(
    0,
    severities.indexOf(minimumSeverity.toUpperCase()) + 1,
  );
  const found = report.counts.filter(([severity]) => blockingSeverities.includes(severity));
  if (found.length === 0) return;
  const blockingCounts = found.map(([severity, count]) => `${count} ${severity}`).join(", ");
  throw new DeployError({
    code: "ScanFindings",
    message: [
      `${reference} has ${blockingCounts} findings, and scan is "${minimumSeverity}".`,
      ...report.worst.map(({ severity, name, where: affectedPackage }) =>
        `${severity} ${name} ${affectedPackage}`.trimEnd(),
      ),
    ].join("\n"),
    hint:
      "Nothing was registered and the service was not touched. Update the base image and its " +
      "packages, or raise the severity of `scan`.",
  });
}

/**
 * Basic scanning ends with COMPLETE; enhanced scanning stays ACTIVE, and has a time once there are
 * results.
 */
function isScanComplete({
  imageScanStatus,
  imageScanFindings,
}: DescribeImageScanFindingsResponse): boolean {
  const status = imageScanStatus?.status;
  return (
    status === "COMPLETE" ||
    (status === "ACTIVE" && imageScanFindings?.imageScanCompletedAt !== undefined)
  );
}

interface FailedScan {
  /** Where AWS gives none. */
  readonly reason: string;
  readonly cure: string;
}

/**
 * Statuses after which there is no result.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html,
 * https://docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html
 */
const failedScans: Readonly<Record<string, FailedScan>> = {
  FAILED: {
    reason: "the scan failed",
    cure: "Run the job again. If the scan fails again, the repository in the ECR console shows why.",
  },
  UNSUPPORTED_IMAGE: {
    reason: "the image has no operating system that can be scanned",
    cure: "Images such as those built FROM scratch cannot be scanned: set `scan: off`.",
  },
  SCAN_ELIGIBILITY_EXPIRED: {
    reason: "the image is older than the scan duration of Amazon Inspector",
    cure:
      "Build it again (`if-image-exists: rebuild`), or set a longer ECR re-scan duration in " +
      "Amazon Inspector.",
  },
  FINDINGS_UNAVAILABLE: {
    reason: "the findings cannot be read",
    cure: "Run the job again later.",
  },
  LIMIT_EXCEEDED: {
    reason: "a limit of scanning is reached",
    cure: "Run the job again later: basic scanning has a limit per image and per day.",
  },
  IMAGE_SIZE_EXCEEDED: {
    reason: "the image is too large to be scanned",
    cure: "Make the image smaller (a multi-stage build, a smaller base image), or set `scan: off`.",
  },
  IMAGE_ARCHIVED: {
    reason: "the image is archived",
    cure:
      "Restore it (`aws ecr update-image-storage-class`), and run the job again when its status " +
      "is ACTIVE.",
  },
};

/** ECR scans no index, only the images in it: the one that the tasks run counts. */
async function scannedDigest(
  reference: string,
  taskPlatform: string | undefined,
  registry: RegistryPorts,
): Promise<string | undefined> {
  const { children = [] } = (await inspectImage(reference, registry)) ?? {};
  return (children.find(({ platform }) => platform === taskPlatform) ?? children[0])?.digest;
}

async function fetchAllPages(
  first: DescribeImageScanFindingsResponse,
  location: RepositoryLocation,
  digest: string,
  ecr: ScanPorts["ecr"],
): Promise<readonly DescribeImageScanFindingsResponse[]> {
  const pages = [first];
  for (let token = first.nextToken; token !== undefined; ) {
    const page = await ecr.describeScan(location, digest, token);
    if (page) pages.push(page);
    token = page?.nextToken;
  }
  return pages;
}

function toScanReport(pages: readonly DescribeImageScanFindingsResponse[]): ScanReport {
  const all = pages.flatMap(
    ({ imageScanFindings: { findings = [], enhancedFindings = [] } = {} }) => [
      ...findings.map(basicFinding),
      ...enhancedFindings.map(enhancedFinding),
    ],
  );
  const counts = pages[0]?.imageScanFindings?.findingSeverityCounts ?? {};
  const ranked = Object.entries(counts).sort(([a], [b]) => severityRank(a) - severityRank(b));
  return {
    counts: ranked.filter(([, count]) => count > 0),
    worst: rankFindings(all),
  };
}

function severityRank(severity: string): number {
  const index = severities.indexOf(severity);
  if (index < 0) return severities.length;
  return index;
}

function scanUnavailableError(
  repositoryName: string,
  reason: string,
  cure = howToEnable(repositoryName),
): DeployError {
  return new DeployError({
    code: "ScanUnavailable",
    message: `The scan of this image in ${repositoryName} has no result: ${reason}.`,
    hint: `The service was not touched. ${cure}`,
  });
}

/** Nothing is known of a scan. */
function howToEnable(repositoryName: string): string {
  const enableScanning = shellBlock(
    "aws ecr put-image-scanning-configuration",
    `--repository-name ${repositoryName}`,
    "--image-scanning-configuration scanOnPush=true",
  );
  return (
    "Is scanning enabled? To enable it for this repository (enhanced scanning is enabled for the " +
    `whole registry):\n${enableScanning}\n` +
    "Images without a supported operating system, such as those built FROM scratch, cannot be " +
    "scanned: set `scan: off`."
  );
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

// The state of an image's scan, as set by a test, and how the API returns it.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html

import type {
  EnhancedImageScanFinding,
  FindingSeverity,
  ImageScanFinding,
  ImageScanFindings,
  ImageScanFindingsSummary,
  ImageScanStatus,
  ScanStatus,
} from "@aws-sdk/client-ecr";

/**
 * Basic scanning has `findings` and ends in COMPLETE; enhanced (Inspector) has `enhancedFindings`
 * and stays ACTIVE.
 */
export interface Scan {
  /** The last one is only in Amazon Inspector's model: AWS calls it reserved for future use. */
  readonly status: ScanStatus | "IMAGE_SIZE_EXCEEDED";
  readonly description?: string;
  readonly findings?: readonly ImageScanFinding[];
  readonly enhancedFindings?: readonly EnhancedImageScanFinding[];
  /** Simulated time; set when the image gets the scan. */
  readonly changedAt?: number;
}

export interface ScanStep {
  /** Simulated time after the image was put. */
  readonly afterMilliseconds: number;
  readonly scan: Scan;
}

/**
 * The default of a repository with scanOnPush: no scan at first, then basic scanning without
 * findings.
 */
export const cleanScan: readonly ScanStep[] = [
  { afterMilliseconds: 2_000, scan: { status: "IN_PROGRESS" } },
  {
    afterMilliseconds: 10_000,
    scan: { status: "COMPLETE", description: "The scan was completed successfully.", findings: [] },
  },
];

export function scanStatus(scan: Scan): ImageScanStatus {
  return {
    status: scan.status as ScanStatus,
    ...(scan.description !== undefined && { description: scan.description }),
  };
}

/** Only a scan with results has a summary. */
export function scanSummary(scan: Scan): ImageScanFindingsSummary | undefined {
  if (scan.status !== "COMPLETE" && scan.status !== "ACTIVE") return undefined;
  const at = new Date(scan.changedAt ?? 0);
  return {
    imageScanCompletedAt: at,
    vulnerabilitySourceUpdatedAt: at,
    findingSeverityCounts: severityCounts(scan),
  };
}

export function scanFindings(scan: Scan): ImageScanFindings | undefined {
  const summary = scanSummary(scan);
  if (!summary) return undefined;
  return {
    ...summary,
    ...(scan.enhancedFindings
      ? { enhancedFindings: [...scan.enhancedFindings] }
      : { findings: [...(scan.findings ?? [])] }),
  };
}

/** A severity without findings has no member, as in AWS's responses. */
function severityCounts(scan: Scan): Partial<Record<FindingSeverity, number>> {
  const counts: Partial<Record<FindingSeverity, number>> = {};
  for (const { severity } of [...(scan.findings ?? []), ...(scan.enhancedFindings ?? [])]) {
    const key = (severity ?? "UNDEFINED") as FindingSeverity;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

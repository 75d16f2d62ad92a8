// The image of this run and the findings of its scan, as plain values. Types only.

import type { ContainerImage } from "../plan/image/image.ts";

export interface ScanReport {
  /** By severity, worst first; those without a finding are left out. */
  readonly counts: readonly (readonly [severity: string, count: number])[];
  readonly worst: readonly ScanFinding[];
}

/** An image that exists in its repository. */
export interface ProvidedImage {
  /** As the task definition names it. */
  readonly reference: string;
  /** "" for an image that was given by its digest. */
  readonly tag: string;
  readonly digest: string;
  /** Of several images: the one of each container, the first included; [] otherwise. */
  readonly byContainer: readonly ContainerImage[];
  readonly reused: boolean;
  readonly scan?: ScanReport;
}

export interface ScanFinding {
  readonly severity: string;
  /** `CVE-2026-1234` */
  readonly name: string;
  /** The package with the finding, with its version if the scan has it. */
  readonly where: string;
}

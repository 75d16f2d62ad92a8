// The image of this run and the findings of its scan, as plain values. And how a build is put into words.

import type { ContainerImage } from "../plan/image/image.ts";

export interface ScanReport {
  /** By severity, worst first; those without a finding are left out. */
  readonly counts: readonly (readonly [severity: string, count: number])[];
  readonly worst: readonly ScanFinding[];
}

/** What its builder did for an image. */
export interface BuildReport {
  /** How long the build took; with buildx, the push as well. */
  readonly milliseconds: number;
  /** 0: the builder prints no steps that are known. In a failed build, those that began. */
  readonly steps: number;
  readonly cachedSteps: number;
}

/** `3 of 6 steps from the cache`; "" if it is not known. */
export function describeSteps({ steps, cachedSteps }: BuildReport): string {
  if (steps === 0) return "";
  return `${cachedSteps} of ${steps} steps from the cache`;
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
  /** undefined: this run has not built it. */
  readonly build?: BuildReport | undefined;
  readonly scan?: ScanReport;
}

export interface ScanFinding {
  readonly severity: string;
  /** `CVE-2026-1234` */
  readonly name: string;
  /** The package with the finding, with its version if the scan has it. */
  readonly where: string;
}

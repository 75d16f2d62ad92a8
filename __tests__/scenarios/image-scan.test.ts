// `scan`: waits for the repository's scan, basic or enhanced, and stops before the service is touched.

import type { ScanStep } from "ecs-simulator";
import { expect, test } from "vitest";
import { setStage } from "./support/stage.ts";

const basic: readonly ScanStep[] = [
  { afterMilliseconds: 2_000, scan: { status: "IN_PROGRESS" } },
  {
    afterMilliseconds: 12_000,
    scan: {
      status: "COMPLETE",
      findings: [
        { name: "CVE-2026-3", severity: "MEDIUM" },
        {
          name: "CVE-2026-1",
          severity: "HIGH",
          attributes: [
            { key: "package_name", value: "openssl" },
            { key: "package_version", value: "3.0.1" },
          ],
        },
        ...["4", "5", "6", "7"].map((number) => ({
          name: `CVE-2026-${number}`,
          severity: "LOW" as const,
        })),
      ],
    },
  },
];

const enhanced: readonly ScanStep[] = [
  { afterMilliseconds: 2_000, scan: { status: "PENDING" } },
  {
    afterMilliseconds: 20_000,
    scan: {
      status: "ACTIVE",
      enhancedFindings: [
        {
          severity: "CRITICAL",
          title: "CVE-2026-9 - zlib",
          packageVulnerabilityDetails: {
            vulnerabilityId: "CVE-2026-9",
            vulnerablePackages: [{ name: "zlib", version: "1.2.11" }],
          },
        },
      ],
    },
  },
];

async function stageWith(scans: readonly ScanStep[], scanOnPush = true) {
  const stage = await setStage();
  const { repositories } = stage.simulator.ecr;
  repositories.deleteRepository("clockko-backend");
  repositories.createRepository("clockko-backend", { scanOnPush, scans });
  repositories.putImage("clockko-backend", { tags: ["v1"] });
  return stage;
}

test.each([
  { scan: "critical", passes: true },
  { scan: "high", passes: false },
  { scan: "low", passes: false },
])("basic scan with a HIGH finding, scan: $scan", async ({ scan, passes }) => {
  const stage = await stageWith(basic);
  const play = await stage.play({ scan });
  expect(play.outcome.passes).toBe(passes);
  expect(play.log.join("\n")).toContain("1 HIGH, 1 MEDIUM, 4 LOW");
  expect(play.outcome.image?.scan?.worst).toHaveLength(5);
  expect(play.summary).toContain("**Scan** 1 HIGH, 1 MEDIUM, 4 LOW");
  expect(play.summary).toMatch(/\| HIGH \| CVE-2026-1 \| openssl 3\.0\.1 \|/);
  if (passes) return;
  expect(play.outcome.reasonCode).toBe("ScanFindings");
  expect(play.annotation).toContain("HIGH CVE-2026-1 openssl 3.0.1");
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
});

test("enhanced scan: it never completes, but has results", async () => {
  const stage = await stageWith(enhanced);
  const play = await stage.play({ scan: "critical" });
  expect(play.outcome.reasonCode).toBe("ScanFindings");
  expect(play.annotation).toContain("CRITICAL CVE-2026-9 zlib 1.2.11");
  expect(play.calls).not.toContain("ecs:UpdateService");
});

test("no findings: the deployment continues", async () => {
  const stage = await stageWith([
    { afterMilliseconds: 0, scan: { status: "COMPLETE", findings: [] } },
  ]);
  const play = await stage.play({ scan: "low" });
  expect(play.outcome.outcome).toBe("succeeded");
  expect(play.log.join("\n")).toContain("no findings");
});

test.each([
  { what: "the repository does not scan", scans: [], scanOnPush: false },
  {
    what: "the image cannot be scanned",
    scans: [{ afterMilliseconds: 0, scan: { status: "UNSUPPORTED_IMAGE" as const } }],
    scanOnPush: true,
  },
  {
    what: "the scan fails",
    scans: [{ afterMilliseconds: 0, scan: { status: "FAILED" as const } }],
    scanOnPush: true,
  },
  {
    what: "the scan never ends",
    scans: [{ afterMilliseconds: 0, scan: { status: "IN_PROGRESS" as const } }],
    scanOnPush: true,
  },
  {
    what: "the image is too large to be scanned",
    scans: [{ afterMilliseconds: 0, scan: { status: "IMAGE_SIZE_EXCEEDED" as const } }],
    scanOnPush: true,
  },
])("$what: without a scan result nothing is deployed", async ({ scans, scanOnPush }) => {
  const stage = await stageWith(scans, scanOnPush);
  const play = await stage.play({ scan: "critical" });
  expect(play.outcome.reasonCode).toBe("ScanUnavailable");
  expect(play.calls).not.toContain("ecs:RegisterTaskDefinition");
});

test.each([
  ["UNSUPPORTED_IMAGE", "no operating system that can be scanned", "set `scan: off`"],
  ["SCAN_ELIGIBILITY_EXPIRED", "older than the scan duration", "if-image-exists: rebuild"],
  ["FINDINGS_UNAVAILABLE", "the findings cannot be read", "again later"],
  ["LIMIT_EXCEEDED", "a limit of scanning is reached", "again later"],
  ["IMAGE_SIZE_EXCEEDED", "the image is too large to be scanned", "multi-stage build"],
  ["IMAGE_ARCHIVED", "the image is archived", "update-image-storage-class"],
  ["FAILED", "the scan failed", "again"],
] as const)("%s has a reason and a cure of its own", async (status, reason, cure) => {
  const stage = await stageWith([{ afterMilliseconds: 0, scan: { status } }]);
  const play = await stage.play({ scan: "critical" });
  expect(play.outcome.reasonCode).toBe("ScanUnavailable");
  expect(play.annotation).toContain(`has no result: ${status}: `);
  expect(play.annotation).toContain(reason);
  expect(play.annotation).toContain(cure);
  expect(play.annotation).not.toContain("Is scanning enabled?");
});

test("AWS's own description is shown", async () => {
  const description = "ScanTimedOut: it took too long.";
  const stage = await stageWith([
    { afterMilliseconds: 0, scan: { status: "FAILED", description } },
  ]);
  const play = await stage.play({ scan: "critical" });
  expect(play.annotation).toContain(`FAILED: ${description}`);
});

test("an index: the scan is that of the image for the task's CPU", async () => {
  const stage = await stageWith([]);
  const { repositories } = stage.simulator.ecr;
  const [arm, amd] = ["arm64", "amd64"].map((architecture) =>
    repositories.putImage("clockko-backend", { architecture, layers: [architecture] }),
  );
  repositories.putIndex("clockko-backend", [arm ?? "", amd ?? ""], ["index"]);
  repositories.setScan("clockko-backend", arm ?? "", {
    status: "COMPLETE",
    findings: [{ severity: "CRITICAL" }],
  });
  repositories.setScan("clockko-backend", amd ?? "", { status: "COMPLETE", findings: [] });
  const uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/clockko-backend";
  const play = await stage.play({ scan: "critical", image: `${uri}:index` });
  expect(play.outcome.outcome).toBe("succeeded");
});

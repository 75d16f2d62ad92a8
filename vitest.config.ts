// Five suites: `script/test` runs them all, `script/test unit` one of them.

import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

/** Set by script/test where no Docker engine can be had: every end-to-end test is then reported as skipped, by name. */
const withoutEngine = process.env["DEPLOY_ECS_E2E"] === "skip";

/** Whole processes, but no Docker engine: they need not wait for their turn. `script/test e2e` runs them, too. */
const withoutContainers = [
  "account-through-aws-cli",
  "bad-inputs",
  "disk",
  "terraform",
  "terraform-permissions",
].map((name) => `__tests__/e2e/${name}.test.ts`);

function suite(
  name: string,
  options: TestProjectInlineConfiguration["test"] = {},
): TestProjectInlineConfiguration {
  return { test: { name, include: [`__tests__/${name}/**/*.test.ts`], ...options } };
}

export default defineConfig({
  test: {
    projects: [
      // The simulator is a package of its own; its tests are counted here.
      suite("unit", {
        include: ["__tests__/unit/**/*.test.ts", "simulator/__tests__/**/*.test.ts"],
      }),
      // The toolchain's own tests compile, lint and bundle the whole project.
      suite("contract", { testTimeout: 180_000, hookTimeout: 180_000 }),
      // Files share one worker: each of them would import the AWS SDK anew, which takes longer than the scenario.
      suite("scenarios", {
        isolate: false,
        globalSetup: "__tests__/scenarios/support/permission-table.ts",
      }),
      // Hundreds of deployments a file: every fault at every call, every cell of a table.
      suite("sweep", { testTimeout: 60_000 }),
      suite("e2e-processes", {
        include: withoutContainers,
        testTimeout: 180_000,
        hookTimeout: 180_000,
      }),
      suite("e2e", {
        exclude: withoutContainers,
        testTimeout: 180_000,
        hookTimeout: 180_000,
        // One engine, one set of ports: one file after the other.
        fileParallelism: false,
        ...(withoutEngine && { testNamePattern: /(?!)/ }),
      }),
    ],
  },
});

import { describe, expect, test } from "vitest";
import { DeployError } from "../../../src/errors.ts";
import type { Conclusion } from "../../../src/run/conclusion.ts";
import {
  newRunState,
  newService,
  outcomeOf,
  type RunState,
  type ServiceRun,
} from "../../../src/run/state.ts";
import { service } from "../deployment/world.ts";

const settings = {
  deploymentConfiguration: {},
  members: {},
  forceNewDeployment: false,
  changed: false,
};
const plan = (name: string): ServiceRun["plan"] => ({
  ...{ service: service({ name }), container: "app", previousTaskDefinitionArn: "", reuseArn: "" },
  ...{ changes: [], settings, upToDate: false },
});
const entry = (name: string, conclusion?: Conclusion): ServiceRun => ({
  ...newService(plan(name)),
  conclusion,
});

function journal(asked: readonly string[], services: readonly ServiceRun[]): RunState {
  return {
    ...newRunState("deploy", 0, "7c2d1f0"),
    requested: asked.map((name) => `clockko/${name}`),
    services,
  };
}

const succeeded: Conclusion = { outcome: "succeeded" };
const superseded: Conclusion = {
  ...{ outcome: "superseded", tolerated: true },
  problem: { code: "RolloutSuperseded", message: "A newer deployment took over api." },
};
const failed: Conclusion = {
  outcome: "failed",
  problem: { code: "RolloutFailed", message: "Deployment of worker:2 to service worker failed." },
};

describe("a step passes only with one conclusion on each requested service", () => {
  test.each<[string, readonly string[], readonly ServiceRun[]]>([
    ["one fell out of the plan", ["api", "worker"], [entry("api", succeeded)]],
    ["the only one fell out of the plan", ["api"], []],
    ["one has no conclusion", ["api", "worker"], [entry("api", succeeded), entry("worker")]],
    ["one has two", ["api"], [entry("api", succeeded), entry("api", { outcome: "unchanged" })]],
    [
      "one of them was not requested",
      ["api"],
      [entry("api", succeeded), entry("worker", succeeded)],
    ],
  ])("%s", (_, asked, services) => {
    const outcome = outcomeOf(journal(asked, services), 1);
    expect(outcome).toMatchObject({
      outcome: "failed",
      reasonCode: "Bug",
      passes: false,
      problem: { code: "Bug" },
    });
    expect(outcome.problem?.message).toMatch(/clockko\/(worker|api)/);
  });

  test("each has one", () => {
    const services = [entry("api", succeeded), entry("worker", { outcome: "unchanged" })];
    expect(outcomeOf(journal(["api", "worker"], services), 1)).toMatchObject({
      outcome: "succeeded",
      passes: true,
    });
  });

  test("a failure is reported unchanged, whatever the others lack", () => {
    const outcome = outcomeOf(journal(["api", "worker"], [entry("worker", failed)]), 1);
    expect(outcome).toMatchObject({ outcome: "failed", reasonCode: "RolloutFailed" });
    const error = new DeployError({ code: "BuildFailed", message: "no" });
    expect(outcomeOf(journal(["api"], []), 1, error)).toMatchObject({
      outcome: "failed",
      reasonCode: "BuildFailed",
    });
  });
});

describe("a superseded service that is tolerated", () => {
  test("passes by itself, and is named", () => {
    const outcome = outcomeOf(journal(["api"], [entry("api", superseded)]), 1);
    expect(outcome).toMatchObject({
      outcome: "superseded",
      passes: true,
      problem: { code: "RolloutSuperseded" },
    });
  });

  test.each([
    ["before", [entry("api", superseded), entry("worker", failed)]],
    ["after", [entry("worker", failed), entry("api", superseded)]],
  ])("hides no failure of another, named %s it", (_, services) => {
    const outcome = outcomeOf(journal(["api", "worker"], services), 1);
    expect(outcome).toMatchObject({
      outcome: "failed",
      reasonCode: "RolloutFailed",
      passes: false,
    });
    expect(outcome.problem).toMatchObject({
      code: "RolloutFailed",
      message:
        "Deployment of worker:2 to service worker failed.\n\nA newer deployment took over api.",
    });
  });
});

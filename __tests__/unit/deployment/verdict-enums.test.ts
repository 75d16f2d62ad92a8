// A state that AWS invents after us is met as "rolling", never as a success. These lists fail as soon as the SDK knows more than we do:
// then the meaning of the new member must be decided.

import {
  DeploymentLifecycleHookStatus,
  DeploymentRolloutState,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentRollbackMonitorsStatus,
  ServiceDeploymentStatus,
} from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";

test.each([
  {
    name: "ServiceDeploymentStatus",
    sdk: ServiceDeploymentStatus,
    known:
      "PENDING IN_PROGRESS SUCCESSFUL STOPPED STOP_REQUESTED ROLLBACK_REQUESTED ROLLBACK_IN_PROGRESS ROLLBACK_SUCCESSFUL ROLLBACK_FAILED",
  },
  {
    name: "DeploymentRolloutState",
    sdk: DeploymentRolloutState,
    known: "COMPLETED FAILED IN_PROGRESS",
  },
  {
    name: "ServiceDeploymentLifecycleStage",
    sdk: ServiceDeploymentLifecycleStage,
    known:
      "RECONCILE_SERVICE PRE_SCALE_UP SCALE_UP POST_SCALE_UP TEST_TRAFFIC_SHIFT POST_TEST_TRAFFIC_SHIFT PRODUCTION_TRAFFIC_SHIFT POST_PRODUCTION_TRAFFIC_SHIFT BAKE_TIME CLEAN_UP",
  },
  {
    name: "ServiceDeploymentRollbackMonitorsStatus",
    sdk: ServiceDeploymentRollbackMonitorsStatus,
    known: "TRIGGERED MONITORING MONITORING_COMPLETE DISABLED",
  },
  {
    name: "DeploymentLifecycleHookStatus",
    sdk: DeploymentLifecycleHookStatus,
    known: "AWAITING_ACTION IN_PROGRESS SUCCEEDED FAILED TIMED_OUT",
  },
])("the SDK's $name has the members that we know", ({ sdk, known }) => {
  expect(Object.values(sdk).sort()).toEqual(known.split(" ").sort());
});

// A service behind a load balancer, so that ECS can shift traffic from one revision to the other.

import type { StageOptions } from "./stage.ts";

type Members = Readonly<Record<string, unknown>>;

/** The stage for a staged strategy: `strategy`, its numbers and its hooks. */
export function behindLoadBalancer(
  deploymentConfiguration: Members,
  options: StageOptions = {},
): StageOptions {
  return {
    ...options,
    container: { portMappings: [{ containerPort: 8080 }], ...options.container },
    service: {
      loadBalancers: [
        {
          targetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/1",
          containerName: "app",
          containerPort: 8080,
          advancedConfiguration: {
            alternateTargetGroupArn:
              "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/green/2",
            productionListenerRule:
              "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/lb/3/4/5",
            testListenerRule:
              "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/lb/3/4/6",
          },
        },
      ],
      deploymentConfiguration: { bakeTimeInMinutes: 5, ...deploymentConfiguration },
      ...options.service,
    },
  };
}

// Application Auto Scaling, as far as other deployers ask it: no service of this account scales by
// itself.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html

import type { AwsService } from "../contract.ts";

export const autoscaling: { readonly service: AwsService } = {
  service: { operations: { DescribeScalableTargets: () => ({ ScalableTargets: [] }) } },
};

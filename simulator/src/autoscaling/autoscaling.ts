// Application Auto Scaling, only as far as other deployment tools call it: no service of this
// account has autoscaling.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html

import type { AwsService } from "../contract.ts";

export const autoscaling: { readonly service: AwsService } = {
  service: { operations: { DescribeScalableTargets: () => ({ ScalableTargets: [] }) } },
};

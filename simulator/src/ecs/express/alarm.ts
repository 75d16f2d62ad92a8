// RollbackAlarm: the CloudWatch alarm that ECS makes for each Express Mode service.

export const rollbackAlarm = (cluster: string, service: string) =>
  `${cluster}/${service}/RollbackAlarm`;

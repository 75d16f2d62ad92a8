// How times and revisions are written wherever they are told, PURE.

/** `clockko-backend:42` */
export function shortRevision(taskDefinitionArn: string): string {
  return taskDefinitionArn.split("/").at(-1) ?? taskDefinitionArn;
}

// The verbs of deploy-ecs: actions of their own on one bundle. Each row of the tables of inputs
// says which of them have it.

/** `deploy` is the action in the root of the repository, the others are in folders of their names. */
export type Verb = "deploy" | "preview";

export const allVerbs = ["deploy", "preview"] as const;
export const onlyDeploy = ["deploy"] as const;

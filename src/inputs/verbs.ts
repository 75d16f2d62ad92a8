// The verbs of deploy-ecs: actions of their own on one bundle. Each row of the tables of inputs and
// outputs says which of them have it; src/permissions/verb-features.ts has what each may do.

interface VerbSpec {
  /** Its action.yml, from the root of the repository. */
  readonly file: string;
  /** `name:` and `description:` of that file. */
  readonly name: string;
  readonly description: string;
  /** What the runner starts for `main:`: the file in dist/, and its source in src/. */
  readonly main: string;
  readonly entry: string;
  /** What it starts for `post:`. */
  readonly post: string;
}

export const verbSpecs = {
  deploy: {
    file: "action.yml",
    name: "deploy-ecs",
    description: "Deploys a commit to Amazon ECS and verifies the deployment.",
    main: "index.js",
    entry: "index.ts",
    post: "post.js",
  },
  preview: {
    file: "preview/action.yml",
    name: "deploy-ecs preview",
    description: "A preview of each pull request on ECS Express Mode, with a URL of its own.",
    main: "preview.js",
    entry: "verbs/preview-index.ts",
    post: "post.js",
  },
  build: {
    file: "build/action.yml",
    name: "deploy-ecs build",
    description: "Builds an image, pushes it to Amazon ECR and scans it; deploys nothing.",
    main: "build.js",
    entry: "verbs/build-index.ts",
    post: "post.js",
  },
  register: {
    file: "register/action.yml",
    name: "deploy-ecs register",
    description: "Registers a revision of an Amazon ECS task definition; updates no service.",
    main: "register.js",
    entry: "verbs/register-index.ts",
    post: "post.js",
  },
  "run-task": {
    file: "run-task/action.yml",
    name: "deploy-ecs run-task",
    description: "Runs one task on Amazon ECS, with its log live and its exit code as the result.",
    // run-task.js is the engine, which deploy loads on demand.
    main: "task.js",
    entry: "verbs/run-task-index.ts",
    post: "post.js",
  },
  rehearse: {
    file: "rehearse/action.yml",
    name: "deploy-ecs rehearse",
    description: "Would Amazon ECS roll this back? Runs the deployment on the runner, without AWS.",
    main: "rehearse.js",
    entry: "verbs/rehearse-index.ts",
    post: "rehearse-post.js",
  },
} as const satisfies Record<string, VerbSpec>;

export type Verb = keyof typeof verbSpecs;

export const everyVerb = [
  "deploy",
  "preview",
  "build",
  "register",
  "run-task",
  "rehearse",
] as const;
/** They sign in to AWS. */
export const signingInVerbs = ["deploy", "preview", "build", "register", "run-task"] as const;
/** They build the image of the step as these inputs describe it. */
export const imageBuildVerbs = ["deploy", "preview", "build", "rehearse"] as const;
/** They roll one service to a new revision. */
export const rollingVerbs = ["deploy", "rehearse"] as const;
/** They build an image, or reuse it. */
export const buildingVerbs = ["deploy", "preview", "build"] as const;
/** They update services. */
export const deployingVerbs = ["deploy", "preview"] as const;
/** They register a revision as all inputs for it describe it. */
export const registeringVerbs = ["deploy", "register"] as const;
export const onlyDeploy = ["deploy"] as const;

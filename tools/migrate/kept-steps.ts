// Steps that stay: what they need of the steps that are replaced, PURE.

import type { Step } from "./source.ts";

/** Programs that call AWS. */
const awsPrograms =
  /(^|[\s;&|("'`])(aws|terraform|terragrunt|tofu|cdk|sam|sls|serverless|pulumi|packer|copilot|ecs-cli|ecs-deploy|ecs|ecspresso|eksctl|kubectl|helm|chamber|s3cmd|aws-vault|amplify)\s+[\w-]|\bboto3\b|\b(run-task|update-service)\b|public\.ecr\.aws|\.dkr\.ecr\./m;

/** Programs of the project, which may call AWS. */
const unknownPrograms =
  /(^|[\s;&|(])(\.{0,2}\/[\w./-]+|(ba|z)?sh\s+[\w./-]+|make(\s|$)|(python3?|node|ruby|php|go run|deno|bun)\s+[\w./-]+|(npx|pnpm|yarn|npm run|poetry run|uv run|bundle exec|rake)\s+(?!(run\s+)?(test|lint|build|ci|install|typecheck|format|check))[\w./:-]+)/m;

/** Actions of others that never use the job's AWS credentials. */
const withoutAws =
  /^(actions|docker|slackapi|8398a7|rtcamp|getsentry|codecov|sonarsource|hadolint|pnpm|oven-sh|astral-sh|gradle|softprops|peter-evans|dorny|tj-actions|jwalton|sarisia|appleboy|github|ruby|shivammathur|snok|browser-actions|hashicorp\/setup-terraform$|opentofu\/setup-opentofu$)/;

/**
 * Whether the step needs the job's AWS credentials.
 * @param run its script, or what stays of it
 */
export function awsNeed(step: Step, run = step.run): "yes" | "maybe" | "no" {
  if (run !== undefined) {
    const script = withoutComments(run);
    if (awsPrograms.test(script)) return "yes";
    return unknownPrograms.test(script) ? "maybe" : "no";
  }
  const action = step.action ?? "";
  if (/(^|[^a-z])(aws|ecr|ecs|s3|cloudfront|secretsmanager|ssm|lambda|eks)([^a-z]|$)/.test(action))
    return "yes";
  if (/\/deploy-ecs(\/|$)/.test(action)) return "no";
  if (action.startsWith("./")) return "maybe";
  return withoutAws.test(action) ? "no" : "maybe";
}

/** Whether the step works with images in the runner's docker. */
export function usesImages(step: Step): boolean {
  if (step.run !== undefined)
    return /\b(docker (run|compose|create|save|scout|push|pull|tag|image|images)|docker-compose|trivy|grype|syft|cosign|dive|crane|skopeo)\b/.test(
      withoutComments(step.run),
    );
  return /trivy|grype|scan|cosign|sbom|dive|inspector/.test(step.action ?? "");
}

function withoutComments(script: string): string {
  return script.replace(/^\s*#.*$/gm, "");
}

/** How a step is named in a comment. */
export function titleOf(step: Step): string {
  if (step.name !== undefined) return `"${step.name}"`;
  if (step.action !== undefined) return `\`${step.action}\``;
  const [line = ""] = (step.run ?? "").trim().split("\n");
  return `\`${line.length > 40 ? `${line.slice(0, 40)}…` : line}\``;
}

/** A condition, as it is compared: with or without its braces. */
export function conditionOf(step: Step): string | undefined {
  return step.fields
    .get("if")
    ?.trim()
    .replace(/^\$\{\{\s*([\s\S]*?)\s*\}\}$/, "$1");
}

// Signs in to AWS, and checks that account, region and partition are those of the inputs.

import { type AwsSession, openAwsSession } from "../aws/session.ts";
import { parseArn } from "../ecs/arn.ts";
import { logRequests } from "../image/log-requests.ts";
import type { RegistryPorts } from "../image/registry.ts";
import {
  createRegistryCredentials,
  type RegistryCredentials,
} from "../image/registry-credentials.ts";
import { invalidInput } from "../inputs/read.ts";
import { arnLocationProblems } from "../inputs/requested-services.ts";
import type { Inputs } from "../inputs/schema.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** AWS and the image registries, as the identity of this run reaches them. */
export interface Connection {
  readonly aws: AwsSession;
  readonly registry: RegistryPorts & RegistryCredentials;
}

/**
 * @throws DeployError what `authenticate` throws, and `InvalidInput` where an ARN is of another
 * account, region or partition
 */
export async function connect(inputs: Inputs, world: Runtime): Promise<Connection> {
  const aws = await openAwsSession(inputs, world);
  const { reporter, clock, signal, debug } = world;
  reporter.info(`Signed in as ${aws.identity.arn}.`);
  if (!aws.identity.isAssumedRole)
    reporter.notice(
      "These are the job's own AWS credentials. A role that trusts GitHub's OIDC tokens needs " +
        "no stored keys and its session is renewed during long deployments: see role-to-assume.",
    );
  assertAccountAndRegion(inputs, aws);
  const { run, mask, environment } = world;
  const { credentialFor, ecrPassword, discardEcrPassword } = createRegistryCredentials({
    ecr: aws.ecr,
    ecrIn: aws.ecrIn,
    region: inputs.awsRegion,
    run,
    mask,
    environment,
  });
  const get = logRequests(world.get, clock, debug);
  const passwords = { credentialFor, ecrPassword, discardEcrPassword };
  return { aws, registry: { get, clock, signal, caller: aws.identity, ...passwords } };
}

/**
 * The account of the job's own credentials is known only after the sign-in. @throws DeployError
 * `InvalidInput`
 */
export function assertAccountAndRegion(
  inputs: Inputs,
  { identity }: Pick<AwsSession, "identity">,
): void {
  const home = {
    region: inputs.awsRegion,
    accountId: identity.accountId,
    partition: parseArn(identity.arn)?.partition,
    identity: `these credentials (${identity.arn}) are`,
  };
  const problems = arnLocationProblems(inputs, home);
  if (problems.length > 0) throw invalidInput(problems);
}

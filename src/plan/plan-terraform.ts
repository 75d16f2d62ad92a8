// The plan where Terraform moves the services, PURE: the image is ours; task definition and service are Terraform's to plan.

import { DeployError } from "../errors.ts";
import type { Inputs } from "../inputs/schema.ts";
import { objectsOf, stringOf } from "../json.ts";
import { asOneError } from "./check-targets.ts";
import { checkPlaces } from "./checks.ts";
import { distinct, type Finding, note, refusals, refuse, warn } from "./findings.ts";
import { deployedReference, type ImagePlan, parseImageReference } from "./image/image.ts";
import type { Observed } from "./observed.ts";
import { imageFindings, runsImage, tryImage } from "./plan-deploy.ts";
import { wayBackOf } from "./plan-rollback.ts";
import { checkBusy } from "./service/check-service.ts";
import { earlierRevisionArn } from "./service/service.ts";
import { planSettings } from "./service/service-settings.ts";
import { checkWait } from "./service/strategy-duration.ts";
import type { Plan, ServicePlan } from "./service-plan.ts";
import type { Draft } from "./task-definition/draft.ts";
import { imageOf } from "./task-definition/revision.ts";

/**
 * Services that are not there yet are Terraform's to create.
 * @throws DeployError with everything that makes it impossible
 */
export function planForTerraform(
  inputs: Inputs,
  observed: Observed,
  allDrafts: readonly Draft[],
): Plan {
  const there = observed.services.filter(
    ({ observed: service }) => service && service.status !== "INACTIVE",
  );
  const absent = observed.services.filter((service) => !there.includes(service));
  const drafts = allDrafts.filter(({ service }) => service.status !== "INACTIVE");
  const services = drafts.map(({ service, running, containers: [container = ""] }): ServicePlan => {
    const previousTaskDefinitionArn = earlierRevisionArn(service);
    const previous = observed.taskDefinitions[previousTaskDefinitionArn] ?? running;
    const previousImage = imageOf(previous.definition, container);
    return {
      ...{ service, container, previousTaskDefinitionArn, reuse: service.taskDefinitionArn },
      ...{ changes: [], settings: planSettings(service, inputs), settled: false },
      ...(previousImage !== undefined && { previousImage }),
    };
  });
  const { image, problem } = tryImage(inputs, observed, drafts);
  const findings = distinct([
    ...checkPlaces(inputs, { ...observed, services: there, clusters: knownClusters(observed) }),
    ...imageFindings(image),
    ...(image ? services.flatMap((service) => checkTurn(inputs, observed, service, image)) : []),
    ...(image
      ? services.flatMap((service) => checkTagIsNew(inputs, observed, service, image))
      : []),
    ...checkWait(inputs, services),
    ...absent.map(({ cluster, name }) => absentService(cluster, name, observed.region)),
  ]);
  const error = asOneError([...refusals(findings), ...(problem ? [problem] : [])]);
  if (error) throw error;
  return { services, findings, ...(image && { image }) };
}

/** A deployment of the same image is joined, not pushed aside. */
function checkTurn(
  inputs: Inputs,
  observed: Observed,
  { service, container }: ServicePlan,
  image: ImagePlan,
) {
  const running = observed.taskDefinitions[service.taskDefinitionArn];
  if (!running) return [];
  const joins =
    imageOf(running.definition, container) === deployedReference(image, image.existing?.digest);
  const { whenBusy, waitForMinutes: waitMinutes } = inputs;
  return checkBusy({ service, running, joins, whenBusy, waitMinutes, at: observed.at });
}

/** Terraform compares texts: the tag that the service has already is no change, whatever image it names by now. */
function checkTagIsNew(
  inputs: Inputs,
  observed: Observed,
  { service, container }: ServicePlan,
  image: ImagePlan,
): readonly Finding[] {
  const running = observed.taskDefinitions[service.taskDefinitionArn];
  const sameText = running && imageOf(running.definition, container) === image.reference;
  const runs = sameText
    ? runsImage(inputs, observed, { service, containers: [container], image })
    : "yes";
  if (runs === "yes") return [];
  const what = `${service.name} has the tag "${image.tag}" in its task definition already. Terraform is given the same text again and changes nothing`;
  if (runs === "unknown")
    return [
      warn(
        `${what}; whether the service runs the image that the tag names now could not be looked up.`,
      ),
    ];
  const hint =
    "Nothing was built or changed. Give each image a tag of its own (without image-tag it is the commit's sha), or set `pin-digest: true`, which gives Terraform the digest, too.";
  return [
    refuse(
      "ServiceUnmoved",
      `${what}, so that another image under this tag would not be deployed.`,
      hint,
    ),
  ];
}

/** A cluster that is not there may be in the root, too. */
function knownClusters({ clusters }: Observed): Observed["clusters"] {
  if ("refused" in clusters) return clusters;
  return {
    value: Object.fromEntries(
      Object.entries(clusters.value).filter(([, status]) => status === "ACTIVE"),
    ),
  };
}

function absentService(cluster: string, name: string, region: string): Finding {
  return note(
    `There is no service "${name}" in cluster "${cluster}" (${region}) yet: this is its first deployment, and Terraform is expected to create it.`,
  );
}

/**
 * Going back with Terraform is to deploy the tag that ran before: a revision that ECS alone was told would be undone by the next apply.
 * @throws DeployError `NothingToGoBackTo`
 */
export function tagToGoBackTo(
  inputs: Inputs,
  observed: Observed,
): { readonly tag: string; readonly why: string } {
  const [service] = observed.services.flatMap((sought) => sought.observed ?? []);
  const way = service
    ? wayBackOf(inputs, service, observed)
    : nothing("The service does not exist yet.");
  if ("severity" in way)
    throw asOneError(refusals([way])) ?? new DeployError(nothing("Nothing was found."));
  const definition = observed.taskDefinitions[way.taskDefinitionArn]?.definition ?? {};
  const images = objectsOf(definition.containerDefinitions).map(
    ({ image }) => stringOf(image) ?? "",
  );
  const ours = images
    .map(parseImageReference)
    .find(({ repository }) => repository.endsWith(`/${inputs.ecrRepository}`));
  if (ours?.tag !== undefined) return { tag: ours.tag, why: way.why };
  throw new DeployError(
    nothing(
      `${way.taskDefinitionArn} runs ${images.join(", ") || "no image that is known"}: no tag of ${inputs.ecrRepository ?? "a repository of ours"} that Terraform could be given.`,
    ),
  );
}

function nothing(message: string) {
  const hint =
    "Nothing was changed. Check `service` and `cluster`, or name the tag to deploy: `image-tag`.";
  return { severity: "refuse", code: "NothingToGoBackTo", message, hint } as const;
}

/**
 * `rollback` and `to` with Terraform: the same step with the tag that ran before, and no other name for the image. Who goes back wants the
 * old code, and no migration of it: it would meet a database that is ahead of it.
 */
export function redeploying(inputs: Inputs, tag: string): Inputs {
  return {
    ...inputs,
    ...{
      rollback: false,
      to: undefined,
      preDeployCommand: undefined,
      postDeployCommand: undefined,
    },
    ...{ imageTag: [tag], latestTag: undefined, ifImageExists: "reuse" },
  };
}

/**
 * What is checked out is another commit: it must not be built under the old tag.
 * @throws DeployError `ImageNotFound`
 */
export function refuseLostTag(
  { imageTag: [tag = ""], ecrRepository }: Inputs,
  { tags }: Observed,
): void {
  if (tags[tag]) return;
  throw new DeployError({
    code: "ImageNotFound",
    message: `${ecrRepository} has no image under the tag ${tag} any more, to which this run was to go back.`,
    hint: "Nothing was changed. A lifecycle policy may have taken it: check out the commit that it was built from, and deploy that.",
  });
}

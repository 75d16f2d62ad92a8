// Images that cannot be pulled or unpacked.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html

import { cannotPull, type KnownCause, outboundAccess, textMatches } from "./known-cause.ts";

const noPlatform =
  /does not contain descriptor matching platform|no match(?:ing manifest)? for (?:platform|linux\/|windows\/)/i;
const attestationManifest = /no processor for media-?type|application\/vnd\.in-toto\+json/i;
const tooMany = /too ?many ?requests|reached your (?:unauthenticated )?pull rate limit/i;
const diskFull =
  /no space left on device|devmapper: thin pool has|not enough (?:disk )?space|disk quota exceeded|insufficient disk space/i;
const blob = /httpRead(?:er)?Seeker: failed open: unexpected status/i;
const badLogin =
  /\b401\b|authentication required|no basic auth credentials|authorization token has expired|incorrect username or password/i;
const invalidReference =
  /invalid reference format|repository name must be lowercase|invalid image name|failed to parse reference/i;
const noAccountId = /registryIds\b.{0,200}(?:failed to satisfy|regular expression|constraint)/i;
const badCertificate = /x509: |certificate signed by unknown authority|certificate has expired/i;
const serverError =
  /\b50[0234] (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)|": (?:Internal Server Error|Bad Gateway|Service Unavailable)|unexpected (?:HTTP )?status\b.{0,200}: 50[0234]\b/i;
const imageNotFound =
  /: not found|manifest unknown|manifest for \S+ not found|API error \(404\)|name unknown|RepositoryNotFound|check whether the image exists/i;
const pullDenied =
  /403 forbidden|AccessDenied|ecr:\w+|not authorized|check that the role has the permissions to pull/i;
const cancelled = /context canceled/i;
const mixedLayers = /number of layers and diffIDs don't match|mismatched image rootfs/i;
const brokenLayers =
  /wrong diff id|layer verification failed|unexpected commit digest|failed commit on ref|digest (?:mismatch|did not match)|unexpected EOF|invalid checksum/i;
const unknownCompression =
  /invalid tar header|unsupported (?:compression|layer)|[.+]zstd\b|zstd\W{1,3}(?:invalid|unsupported|magic|not supported)|(?:unsupported|unknown|invalid)\b.{0,40}\bzstd|unknown compression|invalid magic number/i;
const unknownManifest =
  /unsupported (?:manifest|media ?type)|media type \S{1,120} is no longer supported|schema ?(?:version )?1\b|unexpected media ?type/i;
/** secrets.ts has the rows for these. */
const registryAuthFailed = /registry auth|credentials: not found/i;
const namedElsewhere = [
  registryAuthFailed,
  noPlatform,
  attestationManifest,
  tooMany,
  diskFull,
  mixedLayers,
  brokenLayers,
  unknownCompression,
  unknownManifest,
];

export const imageCauses: readonly KnownCause[] = [
  {
    name: "wrong-platform",
    patterns: textMatches(noPlatform),
    priority: "strong",
    cause: "{Image} is built for another CPU architecture: it has nothing for {platform}.",
    remedy:
      "Build with `platforms: {platformOnly}`, or set runtimePlatform.cpuArchitecture in the " +
      "task definition to what the image is built for.",
  },
  {
    name: "wrong-windows-version",
    patterns: textMatches(
      /operating system does not match the host operating system|hcsshim\b.{0,200}0xc0370101/i,
    ),
    priority: "strong",
    cause: "{Image} is built for another version of Windows than the host has.",
    remedy:
      "Build on the base image of the version that runtimePlatform.operatingSystemFamily names " +
      "(Fargate), or that the instance runs (EC2).",
  },
  {
    name: "attestation-deployed",
    patterns: textMatches(attestationManifest),
    priority: "strong",
    cause:
      "{Image} is a build attestation, not an image: the digest of the attestation was deployed.",
    remedy:
      "Deploy the digest of the whole image index, or build with `provenance: false` so that " +
      "there is one digest only.",
  },
  {
    name: "pull-rate-limit",
    patterns: textMatches(tooMany),
    priority: "strong",
    cause:
      "The registry limits how often {image} may be pulled, and the limit is reached (Docker " +
      "Hub does so).",
    remedy: "Pull through ECR's pull-through cache, or give the container `repositoryCredentials`.",
  },
  {
    name: "disk-full",
    patterns: textMatches(diskFull),
    priority: "strong",
    cause: "The disk was full before {image} was unpacked or its container started.",
    remedy:
      "Raise ephemeralStorage.sizeInGiB in the task definition (Fargate), free the instance's " +
      "disk (EC2), or make the image smaller.",
  },
  {
    name: "layers-mixed",
    patterns: [{ text: [mixedLayers], notText: [attestationManifest] }],
    priority: "strong",
    cause:
      "{Image} cannot be unpacked: its layers do not match its configuration. Some container " +
      "engines also report this for images whose layers are compressed in different ways (gzip " +
      "and zstd).",
    remedy:
      "Rebuild the image with one compression for all layers (buildx: `--output " +
      "type=image,compression=gzip,force-compression=true,push=true`), without layers from a " +
      "cache.",
  },
  {
    name: "layers-broken",
    patterns: [
      { text: [cannotPull, brokenLayers], notText: [attestationManifest, diskFull, mixedLayers] },
    ],
    priority: "strong",
    cause: "{Image} is broken: one of its layers is not what its manifest says.",
    remedy:
      "Rebuild it without a cache and push it again. If the error persists, look at what lies " +
      "between the registry and the task (proxy, pull-through cache).",
  },
  {
    name: "layers-not-understood",
    patterns: [
      {
        text: [cannotPull, unknownCompression],
        notText: [attestationManifest, diskFull, mixedLayers, brokenLayers],
      },
    ],
    priority: "strong",
    cause:
      "{Image} cannot be unpacked: the container engine of the host does not understand how " +
      "its layers are compressed (zstd, or a damaged archive).",
    remedy:
      "Build with gzip layers (buildx: `--output " +
      "type=image,compression=gzip,force-compression=true,push=true`), or run on a newer " +
      "container engine: Fargate platform version 1.4.0, a current ECS-optimized AMI.",
  },
  {
    name: "manifest-not-understood",
    patterns: [
      {
        text: [cannotPull, unknownManifest],
        notText: [attestationManifest, unknownCompression, mixedLayers],
      },
    ],
    priority: "strong",
    cause:
      "{Image} has a manifest of a format that the container engine of the host does not " +
      "understand.",
    remedy:
      "Build and push it with a current Docker or buildx: images of the old schema 1, and OCI " +
      "artifacts that are not images, cannot be run.",
  },
  {
    name: "layers-not-unpacked",
    precedence: "class",
    patterns: textMatches(
      cannotPull,
      /failed to (?:extract|unpack|register|apply|prepare extraction)\b/i,
    ),
    priority: "strong",
    cause: "{Image} was pulled, but could not be unpacked on the host.",
    remedy:
      "ECS's message says at which layer. Rebuild the image without a cache; on EC2 look at " +
      "the instance's disk and at the version of its container engine.",
    quotesEcs: true,
  },
  {
    name: "layer-refused",
    patterns: [
      { text: [blob, /\b40[13]\b|forbidden|unauthorized/i], notText: [tooMany, serverError] },
    ],
    priority: "strong",
    cause: "The layers of {image} were refused, although the image itself was found.",
    remedy:
      "Allow ecr:GetDownloadUrlForLayer and ecr:BatchCheckLayerAvailability to the task's " +
      "execution role. Layers come from S3: the S3 VPC endpoint's policy must allow " +
      "s3:GetObject on the objects of prod-REGION-starport-layer-bucket. Check the " +
      "repository's KMS key too.",
  },
  {
    name: "layer-missing",
    patterns: [{ text: [blob, /\b404\b/i], notText: [tooMany] }],
    priority: "strong",
    cause: "A layer of {image} is missing in the registry, although the image itself was found.",
    remedy: "Rebuild the image and push it again.",
  },
  {
    name: "registry-in-trouble",
    patterns: [{ text: [cannotPull, serverError], notText: [tooMany] }],
    priority: "usual",
    cause: "The registry answered the pull of {image} with an error of its own.",
    remedy:
      "Deploy again later; the registry's status page or the AWS Health Dashboard has details.",
  },
];

export const pullCauses: readonly KnownCause[] = [
  {
    name: "registry-account-invalid",
    patterns: textMatches(noAccountId),
    priority: "strong",
    cause:
      "The name of {image} does not begin with an account id of 12 digits, which every ECR " +
      "registry has.",
    remedy:
      "Correct the container's `image`: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG. " +
      "An unresolved placeholder causes the same error.",
  },
  {
    name: "image-name-invalid",
    patterns: textMatches(invalidReference),
    priority: "strong",
    cause: "The container's `image` is not a valid image name.",
    remedy:
      "Correct it in the task definition: HOST/REPOSITORY:TAG in lower case, without blanks, " +
      "without a scheme such as https://.",
  },
  {
    name: "image-missing",
    patterns: [{ text: [cannotPull, imageNotFound], notText: [...namedElsewhere, blob] }],
    priority: "strong",
    cause: "{Image} does not exist: no such repository, tag or digest, or it was deleted.",
    remedy:
      "Check account, region, repository and tag in the image's name, and whether a lifecycle " +
      "policy of the repository has removed or archived it.",
  },
  {
    name: "image-refused",
    patterns: [
      { text: [cannotPull, pullDenied], notText: [...namedElsewhere, blob, imageNotFound] },
    ],
    priority: "strong",
    cause: "{Role} may not pull {image}.",
    remedy:
      "Allow ecr:BatchGetImage, ecr:GetDownloadUrlForLayer and ecr:GetAuthorizationToken to " +
      "the task's execution role (on EC2: the instance role); for another account's repository " +
      "its policy must allow it too. VPC endpoint policies and the repository's KMS key count " +
      "as well.",
  },
  {
    name: "image-refused-or-missing",
    patterns: [{ text: [/pull access denied/i], notText: [pullDenied, imageNotFound] }],
    priority: "strong",
    cause:
      "The registry does not hand out {image}: it does not exist, or may not be pulled (the " +
      "registry says the same for both).",
    remedy:
      "Check the image's name and tag; then that the task's execution role has " +
      "ecr:BatchGetImage, or that the container has `repositoryCredentials` for a registry " +
      "outside AWS.",
  },
  {
    name: "registry-login-refused",
    patterns: [
      {
        text: [cannotPull, badLogin],
        notText: [
          registryAuthFailed,
          blob,
          pullDenied,
          imageNotFound,
          tooMany,
          /pull access denied/i,
        ],
      },
    ],
    priority: "strong",
    cause: "The registry of {image} did not accept the sign-in.",
    remedy:
      "ECR: the task's execution role (on EC2 without one: the instance role) needs " +
      "ecr:GetAuthorizationToken. Another registry: the secret that `repositoryCredentials` " +
      "names must hold a valid username and password, as JSON.",
  },
  {
    name: "registry-credentials-malformed",
    patterns: textMatches(
      /asm fetching (?:authorization data|username|password)|unable to fetch docker auth config|private registry credentials: not found/i,
    ),
    priority: "strong",
    cause:
      "The secret that the container's `repositoryCredentials` names holds no username and " +
      "password.",
    remedy:
      'Make it a JSON object: {"username": "…", "password": "…"}, and allow ' +
      "secretsmanager:GetSecretValue on it to the task's execution role.",
  },
  {
    name: "registry-certificate",
    patterns: textMatches(cannotPull, badCertificate),
    priority: "strong",
    cause: "The certificate of the registry of {image} is not trusted by the host.",
    remedy:
      "Use a registry with a public certificate; on EC2 put its CA under /etc/docker/certs.d. " +
      "A proxy that intercepts TLS connections causes the same error.",
  },
  {
    name: "pull-cancelled",
    patterns: textMatches(cannotPull, cancelled),
    priority: "weak",
    cause:
      "The pull of {image} was interrupted: usually because the task was already stopping, " +
      "otherwise because the network cannot reach the registry.",
    remedy:
      "Check the stopped reasons of the other containers and tasks: one of them came first. If " +
      `there is none, the subnets need ${outboundAccess} (ecr.api, ecr.dkr, S3).`,
  },
  {
    name: "pull-not-begun",
    patterns: textMatches(/task stopped before image pull could begin/i),
    priority: "weak",
    cause: "The task was stopped before its images were pulled.",
    remedy: "Check the stopped reasons of the other containers and tasks: one of them came first.",
  },
  {
    name: "registry-unreachable",
    patterns: [
      {
        text: [
          cannotPull,
          /i\/o timeout|failed to do request|waiting for connection|check your (?:task )?network configuration|deadline exceeded|no such host|network is unreachable|no route to host|connection re(?:fused|set)|TLS handshake timeout|Client\.Timeout|": EOF|pull command failed: panic|connection issue between the task/i,
        ],
        notText: [cancelled, badCertificate, pullDenied, badLogin, ...namedElsewhere],
      },
    ],
    priority: "strong",
    cause: "The task's network cannot reach the registry of {image}.",
    remedy:
      `Give its subnets ${outboundAccess} (ecr.api, ecr.dkr, and the S3 gateway for layers); the ` +
      "security group must let port 443 out, and the endpoint's let it in.",
  },
];

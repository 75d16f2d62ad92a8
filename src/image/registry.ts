// Reads an image from a registry with the protocol of all registries: its digest, platforms and
// labels. https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import { createHash } from "node:crypto";
import { toTlsError } from "../aws/aws-errors.ts";
import type { HttpGet } from "../aws/id-token.ts";
import type { Clock } from "../clock.ts";
import type { BuildLabels, Lookup, ObservedExternalImage } from "../ecs/observed.ts";
import { DeployError, messageOf } from "../errors.ts";
import { normalizePlatform } from "../inputs/platforms.ts";
import {
  isJsonObject,
  type JsonObject,
  objectOf,
  objectsOf,
  parseJsonObject,
  stringOf,
} from "../json.ts";
import { buildLabelsOf } from "../plan/image/build-inputs.ts";
import { parseImageReference } from "../plan/image/image.ts";
import { withDeadline } from "../timing/deadline.ts";
import { retry } from "../timing/retry.ts";
import { accessHint, type RegistryCaller } from "./registry-access.ts";
import {
  basicAuthorization,
  type RegistryCredential,
  type RegistryResponse,
  requestAuthorization,
} from "./registry-authorization.ts";
import { resolveReference } from "./registry-reference.ts";

export interface RegistryPorts {
  readonly get: HttpGet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** undefined: there is no sign-in for that host. */
  readonly credentialFor: (host: string) => Promise<RegistryCredential | undefined>;
  /** Who reads from ECR. */
  readonly caller: RegistryCaller;
}

/**
 * Like docker: a registry on this machine needs no TLS.
 * https://docs.docker.com/reference/cli/dockerd/#insecure-registries
 */
export function isPlainHttp(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host);
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

interface FetchedManifest {
  readonly digest: string;
  readonly manifest: JsonObject;
  /** @throws DeployError `ImageUnreadable` */
  readonly config: () => Promise<JsonObject | undefined>;
}

/**
 * undefined: the registry has no such image.
 * @throws DeployError `ImageUnreadable` when it does not let us read it
 */
async function fetchManifest(
  reference: string,
  ports: RegistryPorts,
): Promise<FetchedManifest | undefined> {
  const { host, name, tagOrDigest } = resolveReference(reference);
  const base = `${isPlainHttp(host) ? "http" : "https"}://${host}/v2/${name}`;
  const read = createRegistryReader(base, { host, name }, ports);
  const answer = await read(`/manifests/${tagOrDigest}`, { accept: manifestTypes });
  if (answer.status === 404) return undefined;
  const manifest = parseJsonObject(answer.body);
  // The login page of a network also has status 200.
  if (answer.status !== 200 || Object.keys(manifest).length === 0)
    throw await imageUnreadableError(reference, answer, ports);
  const digest = `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
  return {
    digest: tagOrDigest.startsWith("sha256:") ? tagOrDigest : digest,
    manifest,
    async config() {
      const config = isJsonObject(manifest.config) ? stringOf(manifest.config.digest) : undefined;
      if (config === undefined) return undefined;
      const blob = await read(`/blobs/${config}`, {});
      if (blob.status !== 200) throw await imageUnreadableError(reference, blob, ports);
      return parseJsonObject(blob.body);
    },
  };
}

/**
 * undefined: the registry has no such image.
 * @throws DeployError `ImageUnreadable` when it does not let us read it
 */
export async function inspectImage(
  reference: string,
  ports: RegistryPorts,
): Promise<ObservedExternalImage | undefined> {
  const found = await fetchManifest(reference, ports);
  if (!found) return undefined;
  const { digest, manifest } = found;
  if (Array.isArray(manifest.manifests)) {
    const children = indexChildren(manifest);
    return { digest, children, platforms: [...new Set(children.map(({ platform }) => platform))] };
  }
  const config = await found.config();
  const platform = config && platformName(config);
  return { digest, platforms: platform === undefined ? undefined : [platform] };
}

/**
 * The labels of an image; for an index, those of its first image: one build gives all images the
 * same labels.
 */
export async function inspectLabels(
  reference: string,
  ports: RegistryPorts,
): Promise<Lookup<BuildLabels>> {
  try {
    const labels = await readLabels(reference, ports);
    if (labels) return { value: labels };
    return { error: `The registry has no image ${reference}.` };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    return { error: error.message };
  }
}

async function readLabels(
  reference: string,
  ports: RegistryPorts,
): Promise<BuildLabels | undefined> {
  const found = await fetchManifest(reference, ports);
  if (!found) return undefined;
  const [child] = indexChildren(found.manifest);
  if (child)
    return readLabels(`${parseImageReference(reference).repository}@${child.digest}`, ports);
  const { config } = (await found.config()) ?? {};
  const { Labels: labels } = objectOf(config);
  return buildLabelsOf(objectOf(labels));
}

/**
 * An index lists its platforms; a single image has its own in its config. Attestations are
 * `unknown/unknown`.
 */
function indexChildren({
  manifests,
}: JsonObject): readonly { readonly digest: string; readonly platform: string }[] {
  return objectsOf(manifests).flatMap(({ digest, platform }) => {
    const name = isJsonObject(platform) ? platformName(platform) : undefined;
    if (name === undefined) return [];
    return [{ digest: stringOf(digest) ?? "", platform: name }];
  });
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
function platformName({ os, architecture }: JsonObject): string | undefined {
  const [system, cpu] = [stringOf(os), stringOf(architecture)];
  if (system === undefined || cpu === undefined || system === "unknown") return undefined;
  return normalizePlatform(`${system}/${cpu}`);
}

const requestTimeoutMilliseconds = 20_000;
const maxAttempts = 4;

/** The policy of all requests: overload, faults of the registry and of the network are retried. */
function pauseAfterResponse({ status }: RegistryResponse, attempt: number): number | undefined {
  const isTransient = status === 0 || status === 429 || status >= 500;
  if (!isTransient || attempt === maxAttempts) return undefined;
  return 500 * 2 ** attempt;
}

/** One reader reuses the token that the registry requires. */
function createRegistryReader(
  base: string,
  { host, name }: { readonly host: string; readonly name: string },
  { get, clock, signal, credentialFor }: RegistryPorts,
) {
  let authorization: string | undefined;
  let login: RegistryCredential | undefined;
  const getOnce = async (
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RegistryResponse> => {
    try {
      return await withDeadline(requestTimeoutMilliseconds, clock, (deadline) =>
        get(url, headers, AbortSignal.any([signal, deadline])),
      );
    } catch (error) {
      signal.throwIfAborted();
      const refused = toTlsError(`The registry ${host}`, error);
      if (refused) throw refused;
      return { status: 0, body: messageOf(error) };
    }
  };
  const getWithRetry = (url: string, headers: Readonly<Record<string, string>>) =>
    retry(() => getOnce(url, headers), pauseAfterResponse, { clock, signal });
  return async (
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RegistryResponse> => {
    const send = () =>
      getWithRetry(
        `${base}${path}`,
        authorization === undefined ? headers : { ...headers, authorization },
      );
    login ??= await credentialFor(host);
    if (login?.isEcr) authorization = basicAuthorization(login);
    let answer = await send();
    if (answer.status === 401 && authorization === undefined) {
      authorization = await requestAuthorization(answer, { login, name, get: getWithRetry });
      if (authorization !== undefined) answer = await send();
    }
    const location = answer.headers?.location;
    // Blobs are stored elsewhere (S3), which must not get our password.
    if (answer.status >= 300 && answer.status < 400 && location)
      return getWithRetry(new URL(location, base).href, {});
    return answer;
  };
}

async function imageUnreadableError(
  reference: string,
  { status, body }: RegistryResponse,
  ports: RegistryPorts,
): Promise<DeployError> {
  const refused = status === 401 || status === 403;
  const excerpt = body.replace(/\s+/g, " ").slice(0, 300);
  const httpError = `HTTP ${status} ${excerpt}`;
  const hint = async () => {
    const login = await ports.credentialFor(resolveReference(reference).host);
    return accessHint(reference, body, { ...ports.caller, isSignedIn: login?.isEcr === true });
  };
  const problem = refused ? "does not let this job read the image" : "sent no usable response";
  return new DeployError({
    code: "ImageUnreadable",
    message: `The registry of ${reference} ${problem} (${status === 0 ? excerpt : httpError}).`,
    hint: `Nothing was changed. ${refused ? await hint() : reachabilityHint}`,
  });
}

const reachabilityHint =
  "Can this runner reach the registry (proxy, VPC endpoint)? Run the job again when the " +
  "registry is available.";

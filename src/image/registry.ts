// What a registry says of an image, over the protocol that all registries speak: its digest, the platforms it is for, its labels.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md

import { createHash } from "node:crypto";
import { asTlsError } from "../aws/aws-errors.ts";
import type { HttpGet } from "../aws/id-token.ts";
import type { Clock } from "../clock.ts";
import type { BuildLabels, Looked, ObservedReadyImage } from "../ecs/observed.ts";
import { DeployError } from "../errors.ts";
import { normalizePlatform } from "../inputs/platforms.ts";
import { isJsonObject, type JsonObject, objectsOf, stringOf } from "../json.ts";
import { buildInputsLabel, revisionLabel } from "../plan/image/build-inputs.ts";
import { parseImageReference } from "../plan/image/image.ts";

export interface RegistryLogin {
  /** ECR takes it as it is, and need not be asked how. */
  readonly isEcr?: true;
  readonly username: string;
  readonly password: string;
}

/** A private registry of ECR, in any partition. https://docs.aws.amazon.com/general/latest/gr/ecr.html */
export function isEcr(host: string): boolean {
  return ecrHost.test(host);
}

const ecrHost = /^\d{12}\.dkr[.-]ecr(?:-fips)?[.-]([a-z0-9-]+)\./;

export interface RegistryPorts {
  readonly get: HttpGet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** undefined: nobody has signed in to that host. */
  readonly loginOf: (host: string) => Promise<RegistryLogin | undefined>;
}

/** As docker does: a registry on this machine needs no TLS. https://docs.docker.com/reference/cli/dockerd/#insecure-registries */
export function isPlainHttp(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host);
}

type Answer = Awaited<ReturnType<HttpGet>>;

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** A manifest, and the way to what it names. */
interface ReadManifest {
  readonly digest: string;
  readonly manifest: JsonObject;
  /** @throws DeployError `ImageUnreadable` */
  readonly config: () => Promise<JsonObject | undefined>;
}

/**
 * undefined: the registry has no such image.
 * @throws DeployError `ImageUnreadable` when it does not let us look
 */
async function readManifest(
  reference: string,
  ports: RegistryPorts,
): Promise<ReadManifest | undefined> {
  const { host, name, wanted } = addressOf(reference);
  const base = `${isPlainHttp(host) ? "http" : "https"}://${host}/v2/${name}`;
  const read = reader(base, { host, name }, ports);
  const answer = await read(`/manifests/${wanted}`, { accept: manifestTypes });
  if (answer.status === 404) return undefined;
  const manifest = objectIn(answer.body);
  // A network's login page comes with 200, too.
  if (answer.status !== 200 || Object.keys(manifest).length === 0)
    throw await unreadable(reference, answer, ports);
  const digest = `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
  return {
    digest: wanted.startsWith("sha256:") ? wanted : digest,
    manifest,
    async config() {
      const config = isJsonObject(manifest.config) ? stringOf(manifest.config.digest) : undefined;
      if (config === undefined) return undefined;
      const blob = await read(`/blobs/${config}`, {});
      if (blob.status !== 200) throw await unreadable(reference, blob, ports);
      return objectIn(blob.body);
    },
  };
}

/**
 * undefined: the registry has no such image.
 * @throws DeployError `ImageUnreadable` when it does not let us look
 */
export async function lookUpImage(
  reference: string,
  ports: RegistryPorts,
): Promise<ObservedReadyImage | undefined> {
  const found = await readManifest(reference, ports);
  if (!found) return undefined;
  const { digest, manifest } = found;
  if (Array.isArray(manifest.manifests)) {
    const children = childrenOf(manifest);
    return { digest, children, platforms: [...new Set(children.map(({ platform }) => platform))] };
  }
  const config = await found.config();
  const platform = config && platformName(config);
  return { digest, ...(platform !== undefined && { platforms: [platform] }) };
}

/** The labels of an image; of an index those of its first image, for one build gives all of them the same. */
export async function lookUpLabels(
  reference: string,
  ports: RegistryPorts,
): Promise<Looked<BuildLabels>> {
  try {
    const labels = await readLabels(reference, ports);
    return labels ? { value: labels } : { refused: `The registry has no image ${reference}.` };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === "Cancelled") throw error;
    return { refused: error.message };
  }
}

async function readLabels(
  reference: string,
  ports: RegistryPorts,
): Promise<BuildLabels | undefined> {
  const found = await readManifest(reference, ports);
  if (!found) return undefined;
  const [child] = childrenOf(found.manifest);
  if (child)
    return readLabels(`${parseImageReference(reference).repository}@${child.digest}`, ports);
  const { config } = (await found.config()) ?? {};
  const { Labels: labels } = isJsonObject(config) ? config : {};
  const { [revisionLabel]: revision, [buildInputsLabel]: buildInputs } = isJsonObject(labels)
    ? labels
    : {};
  return {
    ...(typeof revision === "string" && revision !== "" && { revision }),
    ...(typeof buildInputs === "string" && buildInputs !== "" && { buildInputs }),
  };
}

/** An index names its platforms, a single image has its own in its config. Attestations are `unknown/unknown`. */
function childrenOf({
  manifests,
}: JsonObject): readonly { readonly digest: string; readonly platform: string }[] {
  return objectsOf(manifests).flatMap(({ digest, platform }) => {
    const name = isJsonObject(platform) ? platformName(platform) : undefined;
    return name === undefined ? [] : [{ digest: stringOf(digest) ?? "", platform: name }];
  });
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
function platformName({ os, architecture }: JsonObject): string | undefined {
  const [system, cpu] = [stringOf(os), stringOf(architecture)];
  return system === undefined || cpu === undefined || system === "unknown"
    ? undefined
    : normalizePlatform(`${system}/${cpu}`);
}

/** Docker Hub's short names: https://docs.docker.com/reference/cli/docker/image/tag/ */
function addressOf(reference: string): {
  readonly host: string;
  readonly name: string;
  readonly wanted: string;
} {
  const { repository, tag, digest } = parseImageReference(reference);
  const [first = "", ...rest] = repository.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const wanted = digest ?? tag ?? "latest";
  if (hasHost && first !== "docker.io") return { host: first, name: rest.join("/"), wanted };
  const name = hasHost ? rest.join("/") : repository;
  return {
    host: "registry-1.docker.io",
    name: name.includes("/") ? name : `library/${name}`,
    wanted,
  };
}

/** One reader keeps the token that the registry asked for. */
function reader(
  base: string,
  { host, name }: { readonly host: string; readonly name: string },
  { get, clock, signal, loginOf }: RegistryPorts,
) {
  let authorization: string | undefined;
  let login: RegistryLogin | undefined;
  const patiently = async (
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await get(
        url,
        headers,
        AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
      ).catch((error: unknown) => {
        signal.throwIfAborted();
        const refused = asTlsError(`The registry ${host}`, error);
        if (refused) throw refused;
        return {
          status: 0,
          body: error instanceof Error ? error.message : String(error),
        } satisfies Answer;
      });
      const passing = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!passing || attempt === 4) return answer;
      await clock.sleep(500 * 2 ** attempt, signal);
    }
  };
  return async (path: string, headers: Readonly<Record<string, string>>): Promise<Answer> => {
    const ask = () =>
      patiently(`${base}${path}`, {
        ...headers,
        ...(authorization !== undefined && { authorization }),
      });
    login ??= await loginOf(host);
    if (login?.isEcr) authorization = basicOf(login);
    let answer = await ask();
    if (answer.status === 401 && authorization === undefined) {
      authorization = await authorize(answer, { login, name, get: patiently });
      if (authorization !== undefined) answer = await ask();
    }
    const location = answer.headers?.location;
    // Blobs are elsewhere (S3); that place must not see our password.
    if (answer.status >= 300 && answer.status < 400 && location)
      return patiently(new URL(location, base).href, {});
    return answer;
  };
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
async function authorize(
  challenged: Answer,
  {
    login,
    name,
    get,
  }: {
    readonly login: RegistryLogin | undefined;
    readonly name: string;
    readonly get: (url: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;
  },
): Promise<string | undefined> {
  const basic = login && basicOf(login);
  const challenge = challenged.headers?.["www-authenticate"] ?? "";
  const realm = challenge.match(/^Bearer .*realm="([^"]+)"/i)?.[1];
  if (realm === undefined) return basic;
  const service = challenge.match(/service="([^"]+)"/)?.[1] ?? "";
  const query = new URLSearchParams({ service, scope: `repository:${name}:pull` });
  const answer = await get(
    `${realm}?${query}`,
    basic === undefined ? {} : { authorization: basic },
  );
  const { token, access_token: accessToken } = objectIn(answer.body);
  const bearer = stringOf(token) ?? stringOf(accessToken);
  return bearer && `Bearer ${bearer}`;
}

function basicOf({ username, password }: RegistryLogin): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

async function unreadable(
  reference: string,
  { status, body }: Answer,
  ports: RegistryPorts,
): Promise<DeployError> {
  const refused = status === 401 || status === 403;
  const words = body.replace(/\s+/g, " ").slice(0, 300);
  return new DeployError({
    code: "ImageUnreadable",
    message: `The registry of ${reference} ${refused ? "does not let this job look at the image" : "gives no usable answer"} (${status === 0 ? words : `HTTP ${status} ${words}`}).`,
    hint: `Nothing was changed. ${
      refused
        ? await waysIn(addressOf(reference).host, ports)
        : "May this runner reach the registry (proxy, VPC endpoint)? Run the job again when the registry answers."
    }`,
  });
}

async function waysIn(host: string, { loginOf }: RegistryPorts): Promise<string> {
  const region =
    isEcr(host) && !(await loginOf(host))?.isEcr ? host.match(ecrHost)?.[1] : undefined;
  if (region !== undefined)
    return `The image is in ECR of another region, ${region}: the password that this step gets is only good in aws-region. Sign in to that registry before this step (\`aws ecr get-login-password --region ${region}\` into \`docker login\`, or aws-actions/amazon-ecr-login with ${region} as the region), or let ECR replicate the image to aws-region and name that copy.`;
  return "In ECR the role needs ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository (in another account, by its repository policy, too); to other registries sign in before this step (docker/login-action).";
}

function objectIn(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

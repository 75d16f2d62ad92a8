// Credentials for a registry: ECR's password for ECR, otherwise those of the user's own Docker
// configuration.

import type { Ecr, RegistryPassword } from "../aws/ecr.ts";
import { isJsonObject, type JsonObject, objectOf, stringOf } from "../json.ts";
import type { RunProcess } from "../process/run-process.ts";
import { readUserDockerConfig } from "./docker-config.ts";
import { isPlainHttp, type RegistryPorts } from "./registry.ts";
import type { RegistryCredential } from "./registry-authorization.ts";
import { ecrRegistryOf } from "./registry-reference.ts";

interface CredentialPorts {
  readonly ecr: Pick<Ecr, "getRegistryPassword">;
  /** undefined: a region of another partition. */
  readonly ecrIn: (region: string) => Pick<Ecr, "getRegistryPassword"> | undefined;
  /** aws-region */
  readonly region: string;
  readonly run: RunProcess;
  readonly mask: (secret: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface RegistryCredentials extends Pick<RegistryPorts, "credentialFor"> {
  readonly ecrPassword: () => Promise<RegistryPassword>;
  /** The next `ecrPassword` gets a new one. */
  readonly discardEcrPassword: () => void;
}

/**
 * One password for each region is used for all requests of this step to ECR: it is valid for the
 * registries of all accounts in that region.
 */
export function createRegistryCredentials(ports: CredentialPorts): RegistryCredentials {
  const passwords = new Map<string, Promise<RegistryPassword>>();
  const passwordOf = (region: string, ecr: Pick<Ecr, "getRegistryPassword">) => {
    const pending =
      passwords.get(region) ??
      ecr.getRegistryPassword().then((fetched) => {
        ports.mask(fetched.password);
        return fetched;
      });
    passwords.set(region, pending);
    return pending;
  };
  const ecrPassword = () => passwordOf(ports.region, ports.ecr);
  const passwordFor = async (host: string) => {
    if (isPlainHttp(host)) return ecrPassword();
    const { region } = ecrRegistryOf(host) ?? {};
    if (region === undefined) return undefined;
    const ecr = region === ports.region ? ports.ecr : ports.ecrIn(region);
    return ecr && passwordOf(region, ecr);
  };
  return {
    ecrPassword,
    async credentialFor(host) {
      const password = await passwordFor(host);
      if (password && isRegistryOf(host, password.host)) return { ...password, isEcr: true };
      return userCredentials(host, ports);
    },
    discardEcrPassword() {
      passwords.delete(ports.region);
    },
  };
}

/**
 * Only a host that AWS named gets the password, with another account's id or in its dual-stack or
 * FIPS form: a host with a similar name may be anybody's.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-dual-stack-endpoint.html
 */
function isRegistryOf(host: string, ownHost: string): boolean {
  const own = withoutAccount(ownHost);
  const [, region = "", suffix = ""] = own.match(/^dkr\.ecr\.([a-z0-9-]+)\.(.+)$/) ?? [];
  const dualStack = {
    "amazonaws.com": "on.aws",
    "amazonaws.com.cn": "on.amazonwebservices.com.cn",
  };
  const dualStackSuffix = Object.entries(dualStack).find(([ipv4]) => ipv4 === suffix)?.[1];
  return [
    own,
    `dkr.ecr-fips.${region}.${suffix}`,
    `dkr-ecr.${region}.${dualStackSuffix}`,
    `dkr-ecr-fips.${region}.${dualStackSuffix}`,
  ].includes(withoutAccount(host));
}

function withoutAccount(host: string): string {
  return host.replace(/^\d{12}\./, "");
}

/** https://docs.docker.com/reference/cli/docker/login/#credential-stores */
async function userCredentials(
  host: string,
  { environment, run, mask }: CredentialPorts,
): Promise<RegistryCredential | undefined> {
  const config = await readUserDockerConfig(environment);
  const key = host === "registry-1.docker.io" ? "https://index.docker.io/v1/" : host;
  const helpers = objectOf(config.credHelpers);
  const helper = stringOf(helpers[key]) ?? stringOf(config.credsStore);
  const credential = helper
    ? await credentialFromHelper(helper, key, { run, environment })
    : credentialFromConfig(config, key);
  if (credential) mask(credential.password);
  return credential;
}

function credentialFromConfig(config: JsonObject, key: string): RegistryCredential | undefined {
  const auths = objectOf(config.auths);
  const entry = auths[key];
  const text = Buffer.from((isJsonObject(entry) && stringOf(entry.auth)) || "", "base64").toString(
    "utf8",
  );
  const colon = text.indexOf(":");
  if (colon < 1) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** https://github.com/docker/docker-credential-helpers */
async function credentialFromHelper(
  helper: string,
  key: string,
  { run, environment }: Pick<CredentialPorts, "run" | "environment">,
): Promise<RegistryCredential | undefined> {
  const definedVariables = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const answer = await run({
    command: `docker-credential-${helper}`,
    arguments: ["get"],
    environment: Object.fromEntries(definedVariables),
    input: key,
  });
  try {
    const { Username: username, Secret: password } = JSON.parse(answer.stdout) as JsonObject;
    const isValid =
      typeof username === "string" && typeof password === "string" && answer.exitCode === 0;
    if (isValid) return { username, password };
    return undefined;
  } catch {
    return undefined;
  }
}

// Credentials for a registry: ECR's password for ECR, otherwise those of the user's own Docker
// configuration.

import type { Ecr, RegistryPassword } from "../aws/ecr.ts";
import { isJsonObject, type JsonObject, objectOf, stringOf } from "../json.ts";
import type { RunProcess } from "../process/run-process.ts";
import { readUserDockerConfig } from "./docker-config.ts";
import { isEcr, isPlainHttp, type RegistryPorts } from "./registry.ts";
import type { RegistryCredential } from "./registry-authorization.ts";

interface CredentialPorts {
  readonly ecr: Pick<Ecr, "getRegistryPassword">;
  readonly run: RunProcess;
  readonly mask: (secret: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface RegistryCredentials extends Pick<RegistryPorts, "credentialFor"> {
  readonly ecrPassword: () => Promise<RegistryPassword>;
  /** The next `ecrPassword` gets a new one. */
  readonly discardEcrPassword: () => void;
}

/** One password is used for all requests of this step to ECR. */
export function createRegistryCredentials(ports: CredentialPorts): RegistryCredentials {
  let pendingPassword: Promise<RegistryPassword> | undefined;
  const ecrPassword = () => {
    pendingPassword ??= ports.ecr.getRegistryPassword().then((fetched) => {
      ports.mask(fetched.password);
      return fetched;
    });
    return pendingPassword;
  };
  // A password is valid for every account that allows the role, in its own region.
  const isReadableEcr = async (host: string) =>
    (isEcr(host) || isPlainHttp(host)) &&
    withoutAccount(host) === withoutAccount((await ecrPassword()).host);
  return {
    ecrPassword,
    async credentialFor(host) {
      if (await isReadableEcr(host)) return { ...(await ecrPassword()), isEcr: true };
      return userCredentials(host, ports);
    },
    discardEcrPassword() {
      pendingPassword = undefined;
    },
  };
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

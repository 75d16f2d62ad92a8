// Who we are to a registry: ECR's password for ECR, else what the user's own docker configuration has.

import type { Ecr, RegistryPassword } from "../aws/ecr.ts";
import { isJsonObject, type JsonObject, stringOf } from "../json.ts";
import type { RunProcess } from "../process/run-process.ts";
import { readUsersConfig } from "./docker-config.ts";
import { isEcr, isPlainHttp, type RegistryLogin, type RegistryPorts } from "./registry.ts";

interface LoginPorts {
  readonly ecr: Pick<Ecr, "registryPassword">;
  readonly run: RunProcess;
  readonly mask: (secret: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Logins extends Pick<RegistryPorts, "loginOf"> {
  readonly ecrLogin: () => Promise<RegistryPassword>;
  /** The next one is new. */
  readonly forgetEcrLogin: () => void;
}

/** One password serves all that this step asks of ECR. */
export function createLogins(ports: LoginPorts): Logins {
  let asked: Promise<RegistryPassword> | undefined;
  const ecrLogin = () => {
    asked ??= ports.ecr.registryPassword().then((given) => {
      ports.mask(given.password);
      return given;
    });
    return asked;
  };
  // A password is good for every account that lets the role in, in its own region.
  const isOurs = async (host: string) =>
    (isEcr(host) || isPlainHttp(host)) &&
    withoutAccount(host) === withoutAccount((await ecrLogin()).host);
  return {
    ecrLogin,
    loginOf: async (host) =>
      (await isOurs(host)) ? { ...(await ecrLogin()), isEcr: true } : usersOwn(host, ports),
    forgetEcrLogin() {
      asked = undefined;
    },
  };
}

function withoutAccount(host: string): string {
  return host.replace(/^\d{12}\./, "");
}

/** https://docs.docker.com/reference/cli/docker/login/#credential-stores */
async function usersOwn(
  host: string,
  { environment, run, mask }: LoginPorts,
): Promise<RegistryLogin | undefined> {
  const config = await readUsersConfig(environment);
  const key = host === "registry-1.docker.io" ? "https://index.docker.io/v1/" : host;
  const helpers = isJsonObject(config.credHelpers) ? config.credHelpers : {};
  const helper = stringOf(helpers[key]) ?? stringOf(config.credsStore);
  const login = helper
    ? await fromHelper(helper, key, { run, environment })
    : fromFile(config, key);
  if (login) mask(login.password);
  return login;
}

function fromFile(config: JsonObject, key: string): RegistryLogin | undefined {
  const auths = isJsonObject(config.auths) ? config.auths : {};
  const entry = auths[key];
  const text = Buffer.from((isJsonObject(entry) && stringOf(entry.auth)) || "", "base64").toString(
    "utf8",
  );
  const colon = text.indexOf(":");
  return colon < 1
    ? undefined
    : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** https://github.com/docker/docker-credential-helpers */
async function fromHelper(
  helper: string,
  key: string,
  { run, environment }: Pick<LoginPorts, "run" | "environment">,
): Promise<RegistryLogin | undefined> {
  const own = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const answer = await run({
    command: `docker-credential-${helper}`,
    arguments: ["get"],
    environment: Object.fromEntries(own),
    input: key,
  });
  try {
    const { Username: username, Secret: password } = JSON.parse(answer.stdout) as JsonObject;
    const known =
      typeof username === "string" && typeof password === "string" && answer.exitCode === 0;
    return known ? { username, password } : undefined;
  } catch {
    return undefined;
  }
}

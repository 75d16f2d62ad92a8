// What a registry gets to see of who asks: a password, or a token that it issued for one.

import type { HttpGet } from "../aws/id-token.ts";
import { parseJsonObject, stringOf } from "../json.ts";

export type RegistryResponse = Awaited<ReturnType<HttpGet>>;

export interface RegistryCredential {
  /** ECR accepts basic authentication; no challenge is needed. */
  readonly isEcr?: true;
  readonly username: string;
  readonly password: string;
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
export async function requestAuthorization(
  unauthorizedResponse: RegistryResponse,
  {
    login,
    name,
    get,
  }: {
    readonly login: RegistryCredential | undefined;
    readonly name: string;
    readonly get: (
      url: string,
      headers: Readonly<Record<string, string>>,
    ) => Promise<RegistryResponse>;
  },
): Promise<string | undefined> {
  const basic = login && basicAuthorization(login);
  const challenge = unauthorizedResponse.headers?.["www-authenticate"] ?? "";
  const realm = challenge.match(/^Bearer .*realm="([^"]+)"/i)?.[1];
  if (realm === undefined) return basic;
  const service = challenge.match(/service="([^"]+)"/)?.[1] ?? "";
  const query = new URLSearchParams({ service, scope: `repository:${name}:pull` });
  const answer = await get(
    `${realm}?${query}`,
    basic === undefined ? {} : { authorization: basic },
  );
  const { token, access_token: accessToken } = parseJsonObject(answer.body);
  const bearer = stringOf(token) ?? stringOf(accessToken);
  return bearer && `Bearer ${bearer}`;
}

export function basicAuthorization({ username, password }: RegistryCredential): string {
  const credential = Buffer.from(`${username}:${password}`);
  return `Basic ${credential.toString("base64")}`;
}

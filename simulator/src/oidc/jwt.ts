// JSON Web Tokens, RS256 only: https://www.rfc-editor.org/rfc/rfc7519

import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

export type Claims = Readonly<Record<string, string | number | boolean>>;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public key as a JSON Web Key. */
  readonly jwk: JsonWebKey & { readonly kid: string; readonly alg: "RS256"; readonly use: "sig" };
}

interface DecodedJwt {
  readonly header: { readonly alg?: string; readonly kid?: string };
  readonly claims: Claims;
}

export function createSigningKey(kid: string): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    kid,
    privateKey,
    jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" },
  };
}

export function signJwt(claims: Claims, key: SigningKey): string {
  const signed = [{ typ: "JWT", alg: "RS256", kid: key.kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key.privateKey).toString("base64url")}`;
}

/** Decodes without verifying; undefined if it is not a JWT. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
    return typeof header === "object" && typeof claims === "object" && header && claims
      ? { header, claims }
      : undefined;
  } catch {
    return undefined;
  }
}

export function signedBy(token: string, jwk: JsonWebKey): boolean {
  const end = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(end + 1), "base64url");
  return verify(
    "RSA-SHA256",
    Buffer.from(token.slice(0, end)),
    createPublicKey({ key: jwk, format: "jwk" }),
    signature,
  );
}

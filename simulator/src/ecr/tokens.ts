// The registry's passwords: issued by GetAuthorizationToken, valid for twelve hours of simulated
// time.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html

import { randomBytes } from "node:crypto";
import type { Principal, SimulatorClock } from "../contract.ts";

const tokenLifetimeMilliseconds = 12 * 60 * 60 * 1000;

interface Token {
  readonly password: string;
  readonly principal: Principal;
  readonly expiresAt: number;
}

type Credential =
  | { readonly kind: "good"; readonly principal: Principal }
  | { readonly kind: "expired" }
  | { readonly kind: "bad" };

export class Tokens {
  readonly #clock: SimulatorClock;
  readonly #tokens = new Map<string, Token>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /**
   * About as long as a real one, so that masks, buffers and log lines are tested with that length.
   */
  issue(principal: Principal): Token {
    const password = randomBytes(1200).toString("base64");
    const token = { password, principal, expiresAt: this.#clock.now() + tokenLifetimeMilliseconds };
    this.#tokens.set(password, token);
    return token;
  }

  check(authorization: string | undefined): Credential {
    const [scheme, encoded] = (authorization ?? "").split(" ");
    if (scheme?.toLowerCase() !== "basic" || encoded === undefined) return { kind: "bad" };
    const decoded = Buffer.from(encoded, "base64").toString("utf8");
    const colon = decoded.indexOf(":");
    const token = this.#tokens.get(decoded.slice(colon + 1));
    if (decoded.slice(0, colon) !== "AWS" || !token) return { kind: "bad" };
    return token.expiresAt > this.#clock.now()
      ? { kind: "good", principal: token.principal }
      : { kind: "expired" };
  }

  /** Every password issued so far expires now. */
  expire(): void {
    for (const token of this.#tokens.values())
      this.#tokens.set(token.password, { ...token, expiresAt: this.#clock.now() });
  }

  passwords(): readonly string[] {
    return [...this.#tokens.keys()];
  }
}

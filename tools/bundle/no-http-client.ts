// Stands in the bundle for @actions/http-client: docs/decisions/0002-bundle-without-undici.md

export class HttpClient {
  /** @actions/github asks for it when it is loaded; we give it a `fetch` of our own. */
  getAgent(): undefined {
    return undefined;
  }

  getAgentDispatcher(): undefined {
    return undefined;
  }

  getJson(): never {
    throw new Error(
      "@actions/http-client is not part of this bundle; core.getIDToken cannot be used.",
    );
  }
}

export class BearerCredentialHandler {}

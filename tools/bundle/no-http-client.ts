// Stands in the bundle for @actions/http-client: docs/decisions/0002-bundle-without-undici.md

export class HttpClient {
  constructor() {
    throw new Error(
      "@actions/http-client is not part of this bundle; core.getIDToken cannot be used.",
    );
  }
}

export class BearerCredentialHandler {}

// Stands in the bundle for undici, of which @actions/github imports `fetch`: src/preview/github.ts gives it one.

export function fetch(): never {
  throw new Error("getOctokit needs a fetch: this bundle has none of its own.");
}

// Stands in the bundle for undici, of which @actions/github imports `fetch`: src/preview/github.ts gives it one.

export function fetch(): never {
  throw new Error("undici is not part of this bundle; give getOctokit a fetch.");
}

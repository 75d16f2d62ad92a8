// The registries of ECR: one for each account and region. That of the simulated account in its own
// region is `home`; the others come into being when they are used, as in AWS.

import type { AwsService } from "../contract.ts";
import { type AccountRegion, accountRegionOf, registryHostOf } from "../iam/partitions.ts";
import { createEcr, type Ecr, type EcrOptions } from "./ecr.ts";
import { type RepositoryCaller, repositoryDenial } from "./repository-policy.ts";
import { Tokens } from "./tokens.ts";

export interface Registries {
  readonly home: Ecr;
  /** Every registry of AWS has one; an unused one is empty. */
  at(place: Partial<AccountRegion>): Ecr;
  /** The API of a region; `registryId` in the input is another account. */
  api(region: string, input: unknown): AwsService;
  /** By the host of a request: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
  registry: Ecr["registry"];
  repositoryOf: Ecr["repositoryOf"];
  resolve: Ecr["resolve"];
  /** AWS's sentence if the repository's own policy does not let a caller in. */
  denialOf(caller: RepositoryCaller, action: string, repositoryArn: string): string | undefined;
  passwords(): readonly string[];
}

export function createRegistries(options: Omit<EcrOptions, "tokens">): Registries {
  const { clock, region, accountId, blobFolder, registryHost, ...shared } = options;
  // A password is valid for the registries of all accounts in its region.
  const tokens = new Map<string, Tokens>();
  const tokensOf = (place: string) => {
    const known = tokens.get(place) ?? new Tokens(clock);
    tokens.set(place, known);
    return known;
  };
  const home = createEcr({ ...options, tokens: tokensOf(region) });
  const all = new Map([[registryHostOf({ region, accountId }), home]]);
  const at = (place: Partial<AccountRegion>) => {
    const full = { region, accountId, ...place };
    const host = registryHostOf(full);
    const known =
      all.get(host) ?? createEcr({ ...shared, ...full, clock, tokens: tokensOf(full.region) });
    all.set(host, known);
    return known;
  };
  const first = <Found>(find: (ecr: Ecr) => Found | undefined): Found | undefined => {
    for (const ecr of all.values()) {
      const found = find(ecr);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    home,
    at,
    api(called, input) {
      const { registryId = accountId } = (input ?? {}) as { readonly registryId?: string };
      return at({ region: called, accountId: registryId }).service;
    },
    registry(request, host) {
      const [, owner, place] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\./.exec(host) ?? [];
      if (owner === undefined || place === undefined) return home.registry(request, host);
      return at({ accountId: owner, region: place }).registry(request, host);
    },
    repositoryOf: (image) => first((ecr) => ecr.repositoryOf(image)),
    resolve: (image) => first((ecr) => ecr.resolve(image)),
    denialOf(caller, action, repositoryArn) {
      const [, name = ""] = repositoryArn.split(":repository/");
      if (name === "") return undefined;
      const policy = at(accountRegionOf(repositoryArn)).repositories.policy(name);
      return repositoryDenial(policy, caller, action, repositoryArn);
    },
    passwords: () => [...tokens.values()].flatMap((one) => one.passwords()),
  };
}

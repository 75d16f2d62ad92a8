// Service revisions that are read at the same time, each for its own service: one call for twenty
// of them.

import { chunks } from "../ecs/chunks.ts";
import type { ServiceRevision } from "../ecs/deployment.ts";
import { isAccessDenied } from "./aws-errors.ts";
import type { CallOptions } from "./call.ts";
import type { Ecs } from "./ecs.ts";

type DescribeRevisions = Ecs["describeServiceRevisions"];

interface Request {
  readonly arns: readonly string[];
  readonly options: CallOptions | undefined;
  readonly resolve: (found: readonly ServiceRevision[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The limit of DescribeServiceRevisions. */
const maxRevisions = 20;

/**
 * The same calls, gathered until the caller pauses. Of several services IAM names only the first
 * that it refuses: then each is read by itself.
 */
export function batchRevisions<
  Calls extends { readonly describeServiceRevisions: DescribeRevisions },
>(ecs: Calls): Calls {
  let gathered: Request[] = [];

  async function send(requests: readonly Request[]): Promise<void> {
    const arns = [...new Set(requests.flatMap((request) => request.arns))];
    const options = requests[0]?.options;
    try {
      const reads = chunks(arns, maxRevisions).map((chunk) =>
        ecs.describeServiceRevisions(chunk, options),
      );
      const found = (await Promise.all(reads)).flat();
      for (const { arns: requested, resolve } of requests)
        resolve(found.filter(({ arn }) => requested.includes(arn)));
    } catch (error) {
      if (requests.length > 1 && isAccessDenied(error)) requests.forEach(sendAlone);
      else for (const { reject } of requests) reject(error);
    }
  }

  function sendAlone(request: Request): void {
    ecs
      .describeServiceRevisions(request.arns, request.options)
      .then(request.resolve, request.reject);
  }

  const describeServiceRevisions: DescribeRevisions = (arns, options) =>
    new Promise((resolve, reject) => {
      gathered.push({ arns, options, resolve, reject });
      if (gathered.length > 1) return;
      queueMicrotask(() => {
        const requests = gathered;
        gathered = [];
        void send(requests);
      });
    });
  return { ...ecs, describeServiceRevisions };
}

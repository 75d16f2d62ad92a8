// What the runner starts for `main:` of the action `preview`.

import { main } from "../main.ts";
import { proxiedFetch } from "../runtime/proxied-fetch.ts";
import { runPreview } from "./preview.ts";

await main(process.env, (source, runtime) =>
  runPreview(source, {
    ...runtime,
    // GitHub's client is large: it is loaded only with a token.
    openGithub: async (token, repository) => {
      const { openGithub } = await import("../preview/github.ts");
      return openGithub(token, repository, proxiedFetch(process.env));
    },
  }),
);

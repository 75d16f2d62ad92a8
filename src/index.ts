// One bundle for both steps: the runner starts it as `main`, and once more as `post`.

import { getState, saveState } from "@actions/core";
import { main } from "./main.ts";
import { post } from "./post.ts";

if (getState("is-post") === "true") {
  await post();
} else {
  saveState("is-post", "true");
  await main(process.env);
}

// One bundle for both steps: the runner starts it as `main`, and once more as `post`.

import { getState, saveState } from "@actions/core";
import { main, realWorld, surroundingsOf } from "./main.ts";
import { post } from "./post.ts";

if (getState("is-post") === "true") {
  await post(surroundingsOf(process.env), () => realWorld(process.env));
} else {
  saveState("is-post", "true");
  await main(process.env);
}

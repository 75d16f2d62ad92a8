// The post step: removes what main left behind when it was killed. Safe to run twice.

import * as core from "@actions/core";
import { removeDockerConfig } from "./image/docker-config.ts";

const folderState = "docker-config";

/** Called by main before there is anything to remove. */
export function leaveForPost(folder: string): void {
  core.saveState(folderState, folder);
}

export async function post(): Promise<void> {
  const folder = core.getState(folderState);
  if (folder !== "") await removeDockerConfig(folder);
}

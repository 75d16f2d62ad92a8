// A play as one text to read and to compare: what the user saw, what AWS was asked, what the next step gets.

import type { Play } from "./stage.ts";

export function transcript(play: Play): string {
  const section = (title: string, lines: readonly string[]) => [`--- ${title} ---`, ...lines, ""];
  const outputs = Object.entries(play.outputs).map(([name, value]) => `${name}=${value}`);
  const text = [
    ...section("LOG", play.log),
    ...section("AWS CALLS", play.calls),
    ...section("DOCKER", play.dockerCommands),
    ...(play.terraform ? section("TERRAFORM", play.terraform.commands) : []),
    ...section("OUTPUTS", outputs),
    ...section(
      `ANNOTATION (exit ${play.exitCode})`,
      play.annotation === "" ? [] : [play.annotation],
    ),
    ...section("SUMMARY", [play.summary]),
  ]
    .join("\n")
    .replaceAll(/\/\S*\/deploy-ecs-scenario-\w+\/infra/g, "infra");
  return withoutRequestIds(text);
}

/** The simulator makes a new id for each request. */
export function withoutRequestIds(text: string): string {
  return text.replaceAll(/request id [0-9a-f-]{36}/g, "request id …");
}

import { expect, test } from "vitest";
import { rehearsalId, removeLeftovers } from "../../../src/rehearsal/leftovers.ts";

const step = { RUNNER_NAME: "one", RUNNER_TEMP: "/t", GITHUB_RUN_ID: "42", GITHUB_ACTION: "a" };

test("main and post of a step have the same id, other steps and runners have others", () => {
  expect(rehearsalId({ ...step, PATH: "/bin" })).toBe(rehearsalId(step));
  const others = [{ GITHUB_ACTION: "b" }, { RUNNER_NAME: "two" }, { RUNNER_TEMP: "/u" }];
  const ids = [step, ...others.map((other) => ({ ...step, ...other }))].map(rehearsalId);
  expect(new Set(ids).size).toBe(4);
});

/** A docker that lists one of each. */
async function removed(keepImage: boolean): Promise<readonly string[]> {
  const calls: string[] = [];
  const docker = async (...args: readonly string[]) => {
    calls.push(args.join(" "));
    if (args[0] === "ps") return "c1\nc2";
    if (args[0] === "images") return "i1";
    if (args.includes("ls")) return args[0] === "network" ? "n1" : "v1";
    if (args[1] === "inspect") return "c9 ";
    return "";
  };
  await removeLeftovers("id", docker, { keepImage });
  return calls.filter((call) => /^(rm|rmi|network (dis|rm)|volume rm)/.test(call));
}

test("containers, networks, volumes and images; containers of the job are only disconnected", async () => {
  expect(await removed(false)).toEqual([
    "rm --force --volumes c1 c2",
    "network disconnect --force n1 c9",
    "network rm n1",
    "volume rm --force v1",
    "rmi --force i1",
  ]);
  expect(await removed(true)).not.toContain("rmi --force i1");
});

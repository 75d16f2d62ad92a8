// An Express Mode service from an empty account, with real containers behind the simulator's load balancer: created, updated by
// canary while clients request its page, and rolled back by its alarm.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startClients } from "../rig/clients.ts";
import { type ExpressAccount, openExpressAccount } from "../rig/express-account.ts";
import { engineAnswers } from "./busybox-image.ts";
import { deploy, errorsOf } from "./deployment.ts";

describe.skipIf(!engineAnswers())("a service that `express` creates", () => {
  let account: ExpressAccount;
  let url: string;
  beforeAll(async () => {
    account = await openExpressAccount();
    const created = await deploy(account, { version: "1" });
    expect(created).toMatchObject({ exitCode: 0, postExitCode: 0, annotations: [] });
    expect(created.outputs).toMatchObject({ outcome: "succeeded" });
    url = created.outputs["url"] ?? "";
  });
  afterAll(() => account?.close());

  test("answers at the URL that is an output", async () => {
    expect(url).toMatch(/^https:\/\/he-[0-9a-f]{32}\.ecs\.us-east-1\.on\.aws$/);
    expect(await account.ask(url)).toEqual({ status: 200, firstLine: "hello from version 1" });
  });

  test("gets version 2 by canary, and every request is answered by one of the two", async () => {
    const clients = startClients(() => account.ask(url));
    const updated = await deploy(account, { version: "2" }).finally(clients.stop);
    expect(updated).toMatchObject({ exitCode: 0, outputs: { outcome: "succeeded", url } });
    expect(updated.log.join("\n")).toMatch(/ 5 % of the traffic\n.* 100 % of the traffic\n/s);
    expect(Object.keys(clients.counts).sort()).toEqual([
      "200 hello from version 1",
      "200 hello from version 2",
    ]);
    expect(await account.ask(url)).toEqual({ status: 200, firstLine: "hello from version 2" });
  });

  test("keeps version 2 when the pages of version 3 answer 404: RollbackAlarm rolls it back", async () => {
    const clients = startClients(() => account.ask(url));
    const step = await deploy(account, {
      version: "3",
      inputs: { file: "hello/Dockerfile.not-found" },
    }).finally(clients.stop);
    expect(step).toMatchObject({ exitCode: 1, postExitCode: 0 });
    expect(step.outputs).toMatchObject({ outcome: "rolled-back", url });
    const [error, ...others] = errorsOf(step);
    expect(others).toEqual([]);
    expect(error).toContain('alarm "default/hello/RollbackAlarm" of Express Mode went off');
    expect(error).toContain("Running now: default-hello:2 (1 of 1 tasks)");
    expect(Object.keys(clients.counts).sort()).toEqual([
      "200 hello from version 2",
      expect.stringMatching(/^404 /),
    ]);
    expect(await account.ask(url)).toEqual({ status: 200, firstLine: "hello from version 2" });
  });
});

import { expect, test } from "vitest";
import { type InputTexts, type Stage, type StageOptions, setStage } from "./support/stage.ts";

interface Doubt {
  readonly name: string;
  readonly options?: StageOptions;
  readonly prepare?: (stage: Stage) => unknown;
  readonly inputs?: InputTexts;
  readonly says: readonly string[];
  readonly never?: string;
}

const denied = { kind: "error", name: "AccessDeniedException", message: "User is not authorized" } as const;

const doubts: readonly Doubt[] = [
  { name: "no health check at all", says: ["warning: clockko-backend: no container has a health check"] },
  {
    name: "a secret of another account and region",
    options: { secrets: { "arn:aws:secretsmanager:eu-west-1:999999999999:secret:db-AbCdEf": "theirs" } },
    inputs: { secrets: "DB_PASSWORD=arn:aws:secretsmanager:eu-west-1:999999999999:secret:db-AbCdEf" },
    says: ["secrets[DB_PASSWORD] comes from account 999999999999 and region eu-west-1"],
  },
  {
    name: "secrets in clear text, by name only",
    inputs: {
      "environment-variables":
        "DB_PASSWORD=hunter2\nJWT_SECRET=s3cret\nDATABASE_URL=postgres://app:hunter2@db/app\nUSERS_TABLE_NAME=tokens\nGOOGLE_APPLICATION_CREDENTIALS=/run/key.json\nAWS_SECRET_NAME=prod/db\nTOKEN_TTL=3600",
    },
    says: [
      "warning: clockko-backend:1: secrets in clear text, by their names: containerDefinitions[app].environment[DB_PASSWORD], containerDefinitions[app].environment[JWT_SECRET], containerDefinitions[app].environment[DATABASE_URL].",
    ],
    never: "hunter2",
  },
  {
    name: "a member that is newer than the SDK, or misspelled",
    inputs: { "task-definition-patch": "containerDefinitions: {app: {environmnt: []}}" },
    says: [
      'containerDefinitions[app].environmnt: "environmnt" is not a member that this action knows, did you mean "environment"?',
    ],
  },
  {
    name: "a name to take away that is not there",
    inputs: { "environment-variables": "-GREETNG" },
    says: ["GREETNG should be taken away, but is not there"],
  },
  {
    name: "the role may not look at clusters",
    prepare: ({ simulator }) => simulator.faults.add("ecs:DescribeClusters", denied, 99),
    says: ["notice: Not checked: whether the cluster is ACTIVE. AWS refused ecs:DescribeClusters"],
  },
  {
    name: "the role may not look at log groups",
    prepare: ({ simulator }) => simulator.faults.add("logs:DescribeLogGroups", denied, 99),
    says: [
      "notice: Not checked: whether the log group /ecs/clockko-backend exists. AWS refused logs:DescribeLogGroups",
    ],
  },
];

test.each(doubts)("$name", async ({ options = {}, prepare, inputs = {}, says, never }) => {
  const stage = await setStage(options);
  prepare?.(stage);

  const play = await stage.play(inputs);

  expect(play.outcome.outcome).toBe("succeeded");
  for (const words of says) expect(play.log.join("\n")).toContain(words);
  if (never !== undefined) expect(JSON.stringify([play.log, play.summary, play.outputs])).not.toContain(never);
});

test("a container with a health check leaves nothing to warn of", async () => {
  const stage = await setStage({ container: { healthCheck: { command: ["CMD", "true"] } } });
  const play = await stage.play();
  expect(play.log.filter((line) => /warning|notice/.test(line))).toEqual([]);
  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    services: [{ changes: [{ path: "containerDefinitions[app].image" }] }],
  });
});

// The four deployments of Clockko that the demo makes, one after the other, and what is to be true after each of them.

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StepResult } from "../../__tests__/rig/actions-runner.ts";
import type { ClockkoAccount } from "../../__tests__/rig/clockko-account.ts";
import type { Check } from "./show.ts";

/** How the service is moved. */
export interface Way {
  /** What is to stand before the first deployment. */
  prepare(account: ClockkoAccount): Promise<void>;
  /** Inputs of every deployment beside those of the workflow. */
  inputs(account: ClockkoAccount): Readonly<Record<string, string>>;
  /** Lets the next version take DATABASE_URL from another secret; answers the inputs that it takes. */
  useSecret(account: ClockkoAccount, arn: string): Promise<Readonly<Record<string, string>>>;
}

export interface Scene {
  readonly version: string;
  readonly title: string;
  readonly outcome: "succeeded" | "failed" | "rolled-back";
  /** What is done before the step; answers inputs of this step. */
  readonly before?: (
    account: ClockkoAccount,
    way: Way,
  ) => Promise<Readonly<Record<string, string>>>;
  /** What is to be true after the step. */
  readonly checks: (account: ClockkoAccount, result: StepResult) => Promise<readonly Check[]>;
}

const wrongMigration = `"""What an hour of each person costs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("time_entries", sa.Column("rate", sa.Integer))
    op.execute("UPDATE time_entries SET rate = people.rate FROM people WHERE people.name = person")
`;
const wrongMigrationFile = ({ workspace }: ClockkoAccount) =>
  join(workspace, "backend/migrations/versions/0002_rates.py");

const otherSecret = "clockko/database-url-of-another-service";

export const scenes: readonly Scene[] = [
  {
    version: "1",
    title: "the first version: its migration makes the table, then it runs",
    outcome: "succeeded",
    checks: async (account, { log }) => {
      const before = await account.ask("/");
      await account.ask("/entries", { person: "ada", task: "write the paper" });
      await account.ask("/entries", { person: "grace", task: "find the bug", note: "in relay 70" });
      return [
        { what: "alembic's line in the step's log", wanted: true, found: loggedUpgrade(log) },
        ...schemaIs("0001", account),
        { what: "the service's answer before", wanted: answerOf("1", 0), found: before },
        ...(await servesRows("1", account)),
      ];
    },
  },
  {
    version: "2",
    title: "the next version rolls out; the rows stay",
    outcome: "succeeded",
    checks: async (account) => [...schemaIs("0001", account), ...(await servesRows("2", account))],
  },
  {
    version: "3",
    title: "a version whose migration fails: the service is not touched",
    outcome: "failed",
    async before(account) {
      await writeFile(wrongMigrationFile(account), wrongMigration);
      return {};
    },
    checks: async (account, { outputs, annotations }) => {
      await rm(wrongMigrationFile(account));
      return [
        { what: "the reason", wanted: "TaskFailed", found: outputs["reason-code"] },
        ...says(annotations, 'relation "people" does not exist'),
        ...schemaIs("0001", account),
        ...(await servesRows("2", account)),
      ];
    },
  },
  {
    version: "4",
    title: "a version that may not read its secret: ECS rolls back",
    outcome: "rolled-back",
    // Without a migration: that would have met the same refusal, and the service would not have been touched at all.
    before: async (account, way) => ({
      "pre-deploy-command": "",
      ...(await way.useSecret(
        account,
        account.simulator.secretsManager.put(
          otherSecret,
          "postgresql://another-user:not-to-be-shown@db/else",
        ),
      )),
    }),
    checks: async (account, { annotations }) => [
      ...says(annotations, otherSecret),
      ...says(
        annotations,
        account.roles.execution.slice(account.roles.execution.lastIndexOf("/") + 1),
      ),
      ...(await servesRows("2", account)),
    ],
  },
];

function loggedUpgrade(log: readonly string[]): boolean {
  return log.some((line) => /Running upgrade +-> 0001/.test(line));
}

function answerOf(version: string, entries: number): object {
  return { app: "clockko", version, entries };
}

function schemaIs(revision: string, account: ClockkoAccount): readonly Check[] {
  const columns =
    "SELECT count(*) FROM information_schema.columns WHERE table_name = 'time_entries'";
  return [
    {
      what: "the schema's revision",
      wanted: revision,
      found: account.query("SELECT string_agg(version_num, ',') FROM alembic_version"),
    },
    { what: "columns of the table", wanted: "6", found: account.query(columns) },
  ];
}

/** The two rows that version 1 was given: what PostgreSQL has and what the service answers. */
async function servesRows(version: string, account: ClockkoAccount): Promise<readonly Check[]> {
  const entries = ((await account.ask("/entries")) ?? []) as readonly {
    readonly person: string;
    readonly task: string;
  }[];
  return [
    { what: "the service's answer", wanted: answerOf(version, 2), found: await account.ask("/") },
    {
      what: "its entries, which are PostgreSQL's rows",
      wanted: account
        .query("SELECT person || ': ' || task FROM time_entries ORDER BY id DESC")
        .split("\n"),
      found: entries.map(({ person, task }) => `${person}: ${task}`),
    },
  ];
}

function says(annotations: StepResult["annotations"], text: string): readonly Check[] {
  const errors = annotations.filter(({ level }) => level === "error");
  const found = errors.filter(({ message }) => message.includes(text)).length;
  return [{ what: `error annotations that name ${text}`, wanted: 1, found }];
}

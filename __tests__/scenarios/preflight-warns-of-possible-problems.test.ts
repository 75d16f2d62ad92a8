import { describe, expect, test } from "vitest";
import {
  type InputTexts,
  type Play,
  type Stage,
  type StageOptions,
  setStage,
} from "./support/stage.ts";

interface Doubt {
  readonly name: string;
  readonly options?: StageOptions;
  readonly prepare?: (stage: Stage) => unknown;
  readonly inputs?: InputTexts;
  readonly says: readonly string[];
  readonly never?: string;
}

const denied = {
  kind: "error",
  name: "AccessDeniedException",
  message: "User is not authorized",
} as const;

const doubts: readonly Doubt[] = [
  {
    name: "the only health check goes away",
    options: { container: { healthCheck: { command: ["CMD", "true"] } } },
    inputs: { "task-definition-patch": "containerDefinitions: {app: {healthCheck: null}}" },
    says: ["warning: clockko-backend: no container or load balancer health check"],
  },
  {
    name: "template text in a variable, and nothing of what stands around it",
    inputs: {
      "environment-variables":
        "API=https://user:hunter2@{{HOST}}/v1\nSTAGE=<ENV>\nHASH=$2b$10$abc\nHTML=<b>x</b>",
    },
    says: [
      "warning: clockko-backend:1: template text stands in containerDefinitions[app].environment[API] ({{HOST}}), containerDefinitions[app].environment[STAGE] (<ENV>). It is deployed unchanged",
    ],
    never: "user:hunter2",
  },
  {
    name: "a variable twice",
    inputs: {
      "task-definition-patch":
        '{"containerDefinitions":{"app":{"environment":[{"name":"A","value":"1"},{"name":"A","value":"2"}]}}}',
    },
    says: ["warning: clockko-backend:1: containerDefinitions[app].environment[A] is there twice."],
  },
  {
    name: "a secret of another account and region",
    options: {
      secrets: { "arn:aws:secretsmanager:eu-west-1:999999999999:secret:db-AbCdEf": "theirs" },
    },
    inputs: {
      secrets: "DB_PASSWORD=arn:aws:secretsmanager:eu-west-1:999999999999:secret:db-AbCdEf",
    },
    // The policy of docs/iam.md is for secrets of the own account and region.
    prepare: (stage) => {
      stage.changePolicy = (statements) => statements;
    },
    says: [
      "secrets[DB_PASSWORD] comes from account 999999999999 and region eu-west-1",
      "notice: Not checked: whether these exist: arn:aws:secretsmanager:eu-west-1:999999999999:secret:db-AbCdEf. AWS refused secretsmanager:DescribeSecret",
    ],
  },
  {
    name: "plaintext secrets, by name only",
    inputs: {
      "environment-variables":
        "DB_PASSWORD=hunter2\nJWT_SECRET=s3cret\nDATABASE_URL=postgres://app:hunter2@db/app\nUSERS_TABLE_NAME=tokens\nGOOGLE_APPLICATION_CREDENTIALS=/run/key.json\nAWS_SECRET_NAME=prod/db\nTOKEN_TTL=3600",
    },
    says: [
      "warning: clockko-backend:1: plaintext secrets (detected by name): containerDefinitions[app].environment[DB_PASSWORD], containerDefinitions[app].environment[JWT_SECRET], containerDefinitions[app].environment[DATABASE_URL].",
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
    says: ["GREETNG should be removed, but does not exist"],
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
  if (never !== undefined)
    expect(JSON.stringify([play.log, play.summary, play.outputs])).not.toContain(never);
});

test("problems that the running revision has as well are logged without an annotation", async () => {
  const environment = [
    { name: "DB_PASSWORD", value: "hunter2" },
    { name: "HOST", value: "{{DB_HOST}}" },
  ];
  const stage = await setStage({ container: { environment } });

  const play = await stage.play();

  expect(play.log.filter((line) => /warning|notice/.test(line))).toEqual([]);
  const log = play.log.join("\n");
  expect(log).toContain("  clockko-backend: no container or load balancer health check");
  expect(log).toContain("  clockko-backend:1: plaintext secrets (detected by name)");
  expect(log).toContain(
    "  clockko-backend:1: template text stands in containerDefinitions[app].environment[HOST]",
  );
});

describe("a service whose health something else checks", () => {
  const portMappings = [{ name: "web", containerPort: 8080 }];
  const healthCheck = { command: ["CMD", "true"] };
  const withoutCheck = {
    "task-definition-patch": "containerDefinitions: {app: {healthCheck: null}}",
  };
  const lattice = {
    roleArn: "arn:aws:iam::123456789012:role/ecs-infrastructure",
    targetGroupArn: "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-1",
    portName: "web",
  };
  const behindGateway = {
    container: { portMappings, healthCheck },
    service: { gatewayConnectors: [{ portName: "web" }] },
  };
  const revisionReads = ({ calls }: Play) =>
    calls.filter((call) => call.startsWith("ecs:DescribeServiceRevisions"));

  test("VPC Lattice", async () => {
    const stage = await setStage({
      container: { portMappings, healthCheck },
      service: { vpcLatticeConfigurations: [lattice] },
    });
    const play = await stage.play({ ...withoutCheck, "dry-run": "true" });
    expect(play.log.join("\n")).not.toContain("health check");
    expect(revisionReads(play)).toEqual([]);
  });

  test("a gateway, which only the service's revision shows", async () => {
    const play = await (await setStage(behindGateway)).play({ ...withoutCheck, "dry-run": "true" });
    expect(play.log.join("\n")).not.toContain("health check");
    expect(revisionReads(play)).toHaveLength(1);
  });

  test("a gateway, and a rollback to a revision without a health check of its own", async () => {
    const stage = await setStage({ ...behindGateway, container: { portMappings } });
    await stage.play();
    const play = await stage.play({ rollback: "true", "dry-run": "true" });
    expect(play.outcome.outcome).toBe("planned");
    expect(play.log.join("\n")).not.toContain("health check");
  });

  test("a gateway that the update itself adds", async () => {
    const stage = await setStage({ container: { portMappings } });
    const play = await stage.play({
      "service-patch": "gatewayConnectors: [{portName: web}]",
      "dry-run": "true",
    });
    expect(play.log.join("\n")).not.toContain("health check");
  });

  test("the role may not read the revision: the check is reported as not made", async () => {
    const stage = await setStage(behindGateway);
    stage.simulator.faults.add("ecs:DescribeServiceRevisions", denied, 99);
    const play = await stage.play({ ...withoutCheck, "dry-run": "true" });
    const log = play.log.join("\n");
    expect(log).toContain("Not checked: whether a gateway checks the health of clockko-backend.");
    expect(log).not.toContain("no container or load balancer health check");
  });

  test("no gateway: the warning", async () => {
    const stage = await setStage({ container: { portMappings, healthCheck } });
    const play = await stage.play({ ...withoutCheck, "dry-run": "true" });
    expect(play.log.join("\n")).toContain("no container or load balancer health check");
    expect(revisionReads(play)).toHaveLength(1);
  });

  test.each([
    ["vpcLatticeConfigurations", { vpcLatticeConfigurations: [lattice] }, "VPC Lattice"],
    ["gatewayConnectors", {}, "The gateway connector"],
  ])("%s: a port that no container has is refused", async (_, service, sender) => {
    const stage = await setStage({ service });
    const patch = { "service-patch": "gatewayConnectors: [{portName: web}]" };
    const play = await stage.play(sender === "VPC Lattice" ? {} : patch);
    expect(play.outcome).toMatchObject({ outcome: "failed", reasonCode: "PortMissing" });
    expect(play.annotation).toContain(
      `${sender} of clockko-backend uses the port named "web", which no container has.`,
    );
  });
});

test("a container with a health check causes no warning", async () => {
  const stage = await setStage({ container: { healthCheck: { command: ["CMD", "true"] } } });
  const play = await stage.play();
  expect(play.log.filter((line) => /warning|notice/.test(line))).toEqual([]);
  expect(play.outcome).toMatchObject({
    outcome: "succeeded",
    services: [{ changes: [{ path: "containerDefinitions[app].image" }] }],
  });
});

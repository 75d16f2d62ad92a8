// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts as GitHub has them
import { describe, expect, test } from "vitest";
import { partitionOf } from "../../../src/aws/partitions.ts";
import { DeployError } from "../../../src/errors.ts";
import type { InputSpec } from "../../../src/inputs/input-spec.ts";
import { type InputSource, readInputs } from "../../../src/inputs/read.ts";
import { type InputName, type Inputs, inputSpecs } from "../../../src/inputs/schema.ts";

type Texts = Partial<Record<InputName, string>>;

const needed: Texts = {
  "role-to-assume": "arn:aws:iam::123456789012:role/deploy",
  "aws-region": "us-east-1",
  "ecr-repository": "app",
  cluster: "clockko",
  service: "api",
};

interface Place {
  readonly texts?: Texts;
  readonly files?: readonly string[];
  readonly environment?: InputSource["environment"];
  /** What the file of task-definition holds. */
  readonly document?: string;
  readonly hostExists?: InputSource["hostExists"];
}

async function read({
  texts = {},
  files = ["./Dockerfile"],
  hostExists = async () => true,
  environment = {},
  document,
}: Place): Promise<Inputs> {
  const given = { ...needed, ...texts };
  return readInputs({
    environment,
    get: (name) => given[name] ?? "",
    kindOf(path) {
      if (files.includes(path)) return "file";
      return files.some((file) => file.startsWith(`${path}/`)) ? "folder" : "nothing";
    },
    readText: () => document,
    hostExists,
    partitionOf,
  });
}

async function problemOf(place: Place): Promise<DeployError> {
  const error = await read(place).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(DeployError);
  return error as DeployError;
}

test("what is not given has its default", async () => {
  expect(await read({})).toMatchObject({
    awsRegion: "us-east-1",
    audience: undefined,
    roleDurationSeconds: 3600,
    latestTag: "latest",
    context: ".",
    service: [{ service: "api" }],
    waitForServiceStability: true,
    waitForMinutes: 30,
  });
});

test("blanks around a value do not count", async () => {
  expect(await read({ texts: { cluster: "  clockko\n" } })).toMatchObject({ cluster: "clockko" });
});

const wrong: readonly { name: string; place: Place; says: readonly string[] }[] = [
  {
    name: "one mistake",
    place: { texts: { cluster: "" } },
    says: ["Input cluster: required, but empty"],
  },
  {
    name: "several mistakes, all at once",
    place: { texts: { cluster: "", "wait-for-minutes": "x", "image-tag": "a/b" } },
    says: ["3 inputs are wrong:", "- cluster: ", "- wait-for-minutes: ", "- image-tag: "],
  },
  {
    name: "no Dockerfile",
    place: { files: ["./main.py"] },
    says: ['there is no Dockerfile at "./Dockerfile"'],
  },
  {
    name: "another Dockerfile that is not there",
    place: { texts: { file: "docker/Dockerfile" } },
    says: [
      'file: there is no Dockerfile at "docker/Dockerfile"',
      "from the workspace, not from the context",
    ],
  },
  {
    name: "no context",
    place: { texts: { context: "web" } },
    says: ['context: expected a folder of the workspace, got "web"'],
  },
  {
    name: "a region that the DNS does not know",
    place: {
      texts: { "aws-region": "us-eats-1" },
      hostExists: async (host) => host !== "sts.us-eats-1.amazonaws.com",
    },
    says: ["aws-region: ", "AWS has no endpoint there"],
  },
  {
    name: "a role of another partition than the region's",
    place: { texts: { "aws-region": "cn-north-1" } },
    says: [
      "role-to-assume: ",
      "a role of the partition aws, but aws-region cn-north-1 is in the partition aws-cn",
    ],
  },
  {
    name: "a session policy of another partition",
    place: { texts: { "managed-session-policies": "arn:aws-cn:iam::aws:policy/ReadOnlyAccess" } },
    says: [
      "managed-session-policies: ",
      "a policy of the partition aws-cn, but aws-region us-east-1 is in the partition aws.",
    ],
  },
  {
    name: "a session policy without a role",
    place: { texts: { "role-to-assume": "", "inline-session-policy": "{}" } },
    says: ["inline-session-policy: needs role-to-assume"],
  },
];

describe("wrong inputs", () => {
  test.each(wrong)("$name", async ({ place, says }) => {
    const { code, message } = await problemOf(place);
    expect(code).toBe("InvalidInput");
    for (const part of says) expect(message).toContain(part);
  });
});

test("a variable of a shell is refused in every input that has no use for a dollar, with the way GitHub writes it", async () => {
  const mayHoldDollar = Object.entries<InputSpec<unknown>>(inputSpecs).filter(
    ([, spec]) => spec.allowsDollar,
  );
  const names = (Object.keys(inputSpecs) as InputName[]).filter(
    (name) => !mayHoldDollar.some(([one]) => one === name),
  );
  // One error lists at most 50 problems.
  const half = Math.ceil(names.length / 2);
  for (const some of [names.slice(0, half), names.slice(half)]) {
    const texts = Object.fromEntries(some.map((name) => [name, "$MY_VALUE"]));

    const { message } = await problemOf({ texts });

    for (const name of some)
      expect(message).toContain(
        `- ${name}: got "$MY_VALUE"; a \`with:\` block is not a shell: write \`\${{ env.MY_VALUE }}\``,
      );
    expect(message).not.toContain("would do");
  }
});

test("a path that is a variable of a shell leads nowhere", async () => {
  const texts = { context: "$GITHUB_WORKSPACE/web", "task-definition": "$FOLDER/td.json" };
  const { message } = await problemOf({ texts });
  expect(message).toContain(
    "Note that a `with:` block is not a shell: write `${{ github.workspace }}`.",
  );
  expect(message).toContain("Note that a `with:` block is not a shell: write `${{ env.FOLDER }}`.");
});

describe("a mistake in a file", () => {
  const texts = { "task-definition": "aws/td.json" };
  const document = '{\n "family": "app",\n "cpu" 256\n}';

  test("is to be corrected in that file, at its line", async () => {
    const { message, hint, at } = await problemOf({ texts, document });
    expect(message).toBe(
      "Input task-definition: aws/td.json: line 3, column 8: expected a colon, and the value of the name before it",
    );
    expect(hint).toBe("Nothing was built or changed. Correct the file aws/td.json.");
    expect(at).toEqual({ file: "aws/td.json", line: 3 });
  });

  test("besides another one is reported with it", async () => {
    const { hint, at } = await problemOf({
      texts: { ...texts, "wait-for-minutes": "x" },
      document,
    });
    expect(hint).toBe(
      "Nothing was built or changed. Correct the `with:` block of this step and the file aws/td.json.",
    );
    expect(at).toBeUndefined();
  });
});

test("build arguments without a value get that of the job, but never a token of the runner", async () => {
  const environment = { NODE_ENV: "production", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "s3cret" };
  const texts = { "build-args": "A=1\nNODE_ENV\nUNSET\nACTIONS_ID_TOKEN_REQUEST_TOKEN" };
  const { buildArgs } = await read({ texts, environment });
  expect(buildArgs).toEqual([
    "A=1",
    "NODE_ENV=production",
    "UNSET",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  ]);
});

test("whole files that were pasted into inputs leave an error that can be read", async () => {
  const file = '{"containerDefinitions": [{"name": "app"}]}\n'.repeat(2_000);
  const names = (Object.keys(inputSpecs) as InputName[]).filter((name) => name !== "aws-region");
  const { message } = await problemOf({
    texts: Object.fromEntries(names.map((name) => [name, file])),
  });
  expect(message.length).toBeLessThan(20_000);
  for (const line of message.split("\n")) expect(line.length).toBeLessThan(1_010);
});

const fine: readonly { name: string; place: Place }[] = [
  { name: "a DNS that does not answer", place: { hostExists: async () => undefined } },
  {
    name: "a new region of China, by its own suffix",
    place: {
      texts: {
        "aws-region": "cn-south-9",
        "role-to-assume": "arn:aws-cn:iam::123456789012:role/deploy",
      },
      hostExists: async (host) => host === "sts.cn-south-9.amazonaws.com.cn",
    },
  },
  {
    name: "a region that the SDK lists, whatever the DNS says",
    place: {
      texts: {
        "aws-region": "eusc-de-east-1",
        "role-to-assume": "arn:aws-eusc:iam::123456789012:role/deploy",
      },
      hostExists: async () => false,
    },
  },
  {
    name: "a context with a slash at its end",
    place: { texts: { context: "web/" }, files: ["web//x", "web/Dockerfile"] },
  },
];

describe("fine all the same", () => {
  test.each(fine)("$name", async ({ place }) => {
    await expect(read(place)).resolves.toBeDefined();
  });
});

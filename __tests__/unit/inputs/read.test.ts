import { describe, expect, test } from "vitest";
import { partitionOf } from "../../../src/aws/partitions.ts";
import { DeployError } from "../../../src/errors.ts";
import { type InputSurroundings, readInputs } from "../../../src/inputs/read.ts";
import type { InputName, Inputs } from "../../../src/inputs/schema.ts";

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
  readonly hostExists?: InputSurroundings["hostExists"];
}

async function read({ texts = {}, files = ["./Dockerfile"], hostExists = async () => true }: Place): Promise<Inputs> {
  const given = { ...needed, ...texts };
  return readInputs({
    get: (name) => given[name] ?? "",
    kindOf(path) {
      if (files.includes(path)) return "file";
      return files.some((file) => file.startsWith(`${path}/`)) ? "folder" : "nothing";
    },
    readText: () => undefined,
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
  { name: "one mistake", place: { texts: { cluster: "" } }, says: ["Input cluster: required, but empty"] },
  {
    name: "several mistakes, all at once",
    place: { texts: { cluster: "", "wait-for-minutes": "x", "image-tag": "a/b" } },
    says: ["3 inputs are wrong:", "- cluster: ", "- wait-for-minutes: ", "- image-tag: "],
  },
  { name: "no Dockerfile", place: { files: ["./main.py"] }, says: ['there is no Dockerfile at "./Dockerfile"'] },
  {
    name: "another Dockerfile that is not there",
    place: { texts: { file: "docker/Dockerfile" } },
    says: ['file: there is no Dockerfile at "docker/Dockerfile"', "from the workspace, not from the context"],
  },
  {
    name: "no context",
    place: { texts: { context: "web" } },
    says: ['context: expected a folder of the workspace, got "web"'],
  },
  {
    name: "a region that the DNS does not know",
    place: { texts: { "aws-region": "us-eats-1" }, hostExists: async (host) => host !== "sts.us-eats-1.amazonaws.com" },
    says: ["aws-region: ", "AWS has no endpoint there"],
  },
  {
    name: "a role of another partition than the region's",
    place: { texts: { "aws-region": "cn-north-1" } },
    says: ["role-to-assume: ", "a role of the partition aws, but aws-region cn-north-1 is in the partition aws-cn"],
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

const fine: readonly { name: string; place: Place }[] = [
  { name: "a DNS that does not answer", place: { hostExists: async () => undefined } },
  {
    name: "a new region of China, by its own suffix",
    place: {
      texts: { "aws-region": "cn-south-9", "role-to-assume": "arn:aws-cn:iam::123456789012:role/deploy" },
      hostExists: async (host) => host === "sts.cn-south-9.amazonaws.com.cn",
    },
  },
  {
    name: "a region that the SDK lists, whatever the DNS says",
    place: {
      texts: { "aws-region": "eusc-de-east-1", "role-to-assume": "arn:aws-eusc:iam::123456789012:role/deploy" },
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

// Secrets Manager on its own: operations called as the wire calls them.

import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/clock.ts";
import type { CallContext } from "../../src/contract.ts";
import { createSecretsManager } from "../../src/secrets-manager/secrets-manager.ts";

const NOW = Date.UTC(2026, 10, 23, 9, 0, 0);
const DAY = 86_400_000;

function createWorld() {
  const clock = new VirtualClock(NOW);
  const manager = createSecretsManager({ clock, region: "us-east-1", accountId: "123456789012" });
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
  const call = (operation: string, input: object): any =>
    manager.service.operations[operation]!(input, {} as CallContext);
  const value = (more: object = {}) =>
    call("GetSecretValue", { SecretId: "app/db", ...more }).SecretString;
  return { clock, manager, call, value };
}

const error = (name: string, message: string) => expect.objectContaining({ name, message });
const missing = error(
  "ResourceNotFoundException",
  "Secrets Manager can't find the specified secret.",
);

describe("a secret", () => {
  it("has an ARN with six characters of its own, and is found by name, ARN and ARN without them", () => {
    const { call, value, manager } = createWorld();
    const { ARN, Name, VersionId } = call("CreateSecret", { Name: "app/db", SecretString: "one" });
    expect(ARN).toMatch(
      /^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/db-[A-Za-z0-9]{6}$/,
    );
    expect(Name).toBe("app/db");
    expect(call("GetSecretValue", { SecretId: ARN })).toEqual({
      ARN,
      Name,
      VersionId,
      SecretString: "one",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: new Date(NOW),
    });
    for (const SecretId of ["app/db", ARN.slice(0, -7)]) expect(value({ SecretId })).toBe("one");
    for (const SecretId of ["app/d", ARN.slice(0, -1), `${ARN}x`])
      expect(() => value({ SecretId })).toThrow(missing);
    expect(manager.arnOf("app/db")).toBe(ARN);
    expect(manager.arnOf("missing")).toBe("missing");
  });

  it("two of the same name, one after the other, differ in their ARN", () => {
    const { call } = createWorld();
    const first = call("CreateSecret", { Name: "app/db" }).ARN;
    call("DeleteSecret", { SecretId: "app/db", ForceDeleteWithoutRecovery: true });
    expect(call("CreateSecret", { Name: "app/db" }).ARN).not.toBe(first);
  });

  it("is described with its labels and never with its value", () => {
    const { call, clock } = createWorld();
    const Tags = [{ Key: "team", Value: "clock" }];
    const { VersionId: one } = call("CreateSecret", {
      Name: "app/db",
      Description: "for the app",
      SecretString: "one",
      Tags,
    });
    clock.advance(1_000);
    const { VersionId: two } = call("PutSecretValue", { SecretId: "app/db", SecretString: "two" });
    const described = call("DescribeSecret", { SecretId: "app/db" });
    expect(described).toMatchObject({
      Description: "for the app",
      Tags,
      CreatedDate: new Date(NOW),
      LastChangedDate: new Date(NOW + 1_000),
      VersionIdsToStages: { [one]: ["AWSPREVIOUS"], [two]: ["AWSCURRENT"] },
    });
    expect(JSON.stringify(described)).not.toMatch(/"one"|"two"/);
  });

  it("that has no value yet", () => {
    const { call, value } = createWorld();
    call("CreateSecret", { Name: "app/db" });
    expect(value).toThrow(
      error(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
      ),
    );
  });

  it("put by a scenario: made, changed, and under any ARN", () => {
    const { manager, value, call } = createWorld();
    const arn = manager.put("app/db", "one");
    expect(manager.put("app/db", "two")).toBe(arn);
    expect([manager.read(arn), manager.read("app/db", "AWSPREVIOUS")]).toEqual(["two", "one"]);
    const foreign = "arn:aws:secretsmanager:eu-west-1:999999999999:secret:theirs-AbCdEf";
    expect(manager.put(foreign, "three")).toBe(foreign);
    expect(value({ SecretId: foreign })).toBe("three");
    expect(call("DescribeSecret", { SecretId: foreign }).Name).toBe("theirs");
    expect(manager.values()).toEqual(["one", "two", "three"]);
  });

  it.each([
    ["CreateSecret", { Name: "a b" }, "ValidationException"],
    ["CreateSecret", { Name: "app/db" }, "ResourceExistsException"],
    [
      "CreateSecret",
      { Name: "x", SecretString: "1", SecretBinary: "MQ==" },
      "InvalidParameterException",
    ],
    ["PutSecretValue", { SecretId: "app/db" }, "InvalidParameterException"],
    [
      "PutSecretValue",
      { SecretId: "app/db", SecretString: "x".repeat(65_537) },
      "InvalidParameterException",
    ],
    ["PutSecretValue", { SecretId: "missing", SecretString: "1" }, "ResourceNotFoundException"],
    ["GetSecretValue", {}, "InvalidParameterException"],
    ["DescribeSecret", { SecretId: "missing" }, "ResourceNotFoundException"],
    ["DeleteSecret", { SecretId: "missing" }, "ResourceNotFoundException"],
    ["RestoreSecret", { SecretId: "missing" }, "ResourceNotFoundException"],
  ])("%s with %o: %s", (operation, input, name) => {
    const { call, manager } = createWorld();
    manager.put("app/db", "one");
    expect(() => call(operation, input)).toThrow(expect.objectContaining({ name }));
  });
});

describe("versions", () => {
  it("by label and by id", () => {
    const { call, value } = createWorld();
    const { VersionId: one } = call("CreateSecret", { Name: "app/db", SecretString: "one" });
    call("PutSecretValue", { SecretId: "app/db", SecretString: "two" });
    const { VersionId: three } = call("PutSecretValue", {
      SecretId: "app/db",
      SecretString: "three",
    });
    expect(value()).toBe("three");
    expect(value({ VersionStage: "AWSPREVIOUS" })).toBe("two");
    expect(value({ VersionId: one })).toBe("one");
    expect(value({ VersionId: three, VersionStage: "AWSCURRENT" })).toBe("three");
    expect(() => value({ VersionId: one, VersionStage: "AWSCURRENT" })).toThrow(
      error(
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.",
      ),
    );
    expect(() => value({ VersionId: "missing" })).toThrow(
      error(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for VersionId: missing",
      ),
    );
    expect(
      Object.keys(call("DescribeSecret", { SecretId: "app/db" }).VersionIdsToStages),
    ).not.toContain(one);
  });

  it("a label of its own leaves AWSCURRENT where it is", () => {
    const { call, value, manager } = createWorld();
    manager.put("app/db", "one");
    call("PutSecretValue", {
      SecretId: "app/db",
      SecretString: "next",
      VersionStages: ["AWSPENDING"],
    });
    expect([value(), value({ VersionStage: "AWSPENDING" })]).toEqual(["one", "next"]);
  });

  it("the same request twice makes one version; the same token with another value is refused", () => {
    const { call, manager } = createWorld();
    manager.put("app/db", "one");
    const put = (SecretString: string) =>
      call("PutSecretValue", { SecretId: "app/db", SecretString, ClientRequestToken: "token" });
    expect(put("two")).toEqual(put("two"));
    expect(() => put("three")).toThrow(
      expect.objectContaining({ name: "ResourceExistsException" }),
    );
  });
});

describe("deletion", () => {
  const marked = error(
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

  it("waits for its window, can be taken back until then, and then is final", () => {
    const { call, value, manager, clock } = createWorld();
    const arn = manager.put("app/db", "one");
    const deleted = { ARN: arn, Name: "app/db", DeletionDate: new Date(NOW + 7 * DAY) };
    expect(call("DeleteSecret", { SecretId: "app/db", RecoveryWindowInDays: 7 })).toEqual(deleted);
    expect(value).toThrow(marked);
    expect(() => call("PutSecretValue", { SecretId: "app/db", SecretString: "x" })).toThrow(marked);
    expect(() => call("CreateSecret", { Name: "app/db" })).toThrow(
      error(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      ),
    );
    expect(call("DescribeSecret", { SecretId: "app/db" }).DeletedDate).toEqual(new Date(NOW));
    expect(call("RestoreSecret", { SecretId: "app/db" })).toEqual({ ARN: arn, Name: "app/db" });
    expect(value()).toBe("one");
    call("DeleteSecret", { SecretId: "app/db" });
    clock.advance(30 * DAY - 1);
    expect(value).toThrow(marked);
    clock.advance(1);
    expect(value).toThrow(missing);
  });

  it("by force is at once, and no error when there is nothing to delete", () => {
    const { call, value, manager } = createWorld();
    manager.put("app/db", "one");
    const force = { SecretId: "app/db", ForceDeleteWithoutRecovery: true };
    expect(call("DeleteSecret", force).DeletionDate).toEqual(new Date(NOW));
    expect(value).toThrow(missing);
    expect(call("DeleteSecret", force).Name).toBe("app/db");
  });

  it.each([
    [
      { RecoveryWindowInDays: 6 },
      "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
    ],
    [
      { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    ],
  ])("%o is refused", (more, message) => {
    const { call, manager } = createWorld();
    manager.put("app/db", "one");
    expect(() => call("DeleteSecret", { SecretId: "app/db", ...more })).toThrow(
      error("InvalidParameterException", message),
    );
  });
});

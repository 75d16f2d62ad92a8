import { expect, test } from "vitest";
import { standInSecrets } from "../../../src/rehearsal/stand-ins.ts";

const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf";
const parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/key";
const none = { values: {}, dummies: false };

function definitionWith(secrets: Readonly<Record<string, string>>) {
  const listed = Object.entries(secrets).map(([name, valueFrom]) => ({ name, valueFrom }));
  return { containerDefinitions: [{ name: "app", secrets: listed }] };
}

test("secrets without a value are missing, each once", () => {
  const definition = definitionWith({ URL: `${arn}:url::`, KEY: parameter });
  expect(standInSecrets(definition, none).missing).toEqual(["URL", "KEY"]);
  expect(standInSecrets(definition, { values: { URL: "u" }, dummies: false }).missing).toEqual([
    "KEY",
  ]);
  expect(standInSecrets(definition, { values: {}, dummies: true }).missing).toEqual([]);
});

test("keys of one secret are members of one JSON text", () => {
  const definition = definitionWith({ URL: `${arn}:url::`, USER: `${arn}:user::` });
  const { secrets } = standInSecrets(definition, { values: { URL: "u" }, dummies: true });
  expect(secrets).toEqual({ [arn]: '{"url":"u","user":"rehearsal-dummy-USER"}' });
});

test("a whole secret and a parameter have the value itself", () => {
  const definition = definitionWith({ TOKEN: arn, KEY: parameter, PLAIN: "plain" });
  const { secrets, parameters } = standInSecrets(definition, {
    values: { TOKEN: "t", KEY: "k", PLAIN: "p" },
    dummies: false,
  });
  expect(secrets).toEqual({ [arn]: "t" });
  expect(parameters).toEqual({ [parameter]: "k", "shop/key": "k", "/shop/key": "k", plain: "p" });
});

test("what only ECS reads gets a dummy without being asked for", () => {
  const container = {
    name: "app",
    repositoryCredentials: { credentialsParameter: arn },
    logConfiguration: { secretOptions: [{ name: "token", valueFrom: "log-token" }] },
  };
  const stored = standInSecrets({ containerDefinitions: [container] }, none);
  expect(stored).toEqual({
    secrets: { [arn]: "rehearsal-dummy-secret" },
    parameters: { "log-token": "rehearsal-dummy-secret" },
    missing: [],
  });
});

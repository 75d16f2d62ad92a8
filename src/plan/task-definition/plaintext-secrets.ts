// Variables that look like secrets in plaintext, PURE: reported by name, never by value.

import { type JsonObject, objectsOf, stringOf } from "../../json.ts";
import { suffixAfterSecretWord } from "./redaction.ts";

/**
 * After the word for a secret, these say where it is, how long it is valid or what its name is: the
 * value itself is no secret.
 */
const metadataWords = new Set(
  (
    "NAME PATH FILE DIR ARN ID URL URI HOST HOSTNAME ENDPOINT ISSUER AUDIENCE REGION TTL EXPIRY " +
    "EXPIRES EXPIRATION DURATION MINUTES SECONDS HOURS DAYS LENGTH LIMIT SIZE ROUNDS ALGORITHM " +
    "TYPE HEADER PREFIX ENABLED REQUIRED VERSION METHOD PROVIDER BUCKET TABLE PARAMETER"
  ).split(" "),
);

const publicNames = /APPLICATION_CREDENTIALS|PUBLIC|PUBLISHABLE/i;

/** A password in a URL, a private key, keys of AWS and GitHub. */
const secretValue =
  /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY-----|^(AKIA|ASIA)[A-Z0-9]{16}$|^gh[pousr]_[A-Za-z0-9]{20,}|^github_pat_/;

/** `containerDefinitions[app].environment[DB_PASSWORD]` and so on. */
export function findPlaintextSecrets(definition: JsonObject): readonly string[] {
  return objectsOf(definition.containerDefinitions).flatMap((container) =>
    objectsOf(container.environment)
      .filter(({ name, value }) => looksLikeSecret(stringOf(name) ?? "", stringOf(value) ?? ""))
      .map(
        ({ name }) =>
          `containerDefinitions[${stringOf(container.name) ?? "?"}].environment[${stringOf(name)}]`,
      ),
  );
}

function looksLikeSecret(name: string, value: string): boolean {
  if (secretValue.test(value)) return true;
  const after = suffixAfterSecretWord(camelToSnake(name));
  if (after === undefined || publicNames.test(camelToSnake(name))) return false;
  if (after.split("_").some((word) => metadataWords.has(word.toUpperCase()))) return false;
  return !/^(|true|false|\d{1,6}|arn:aws.*|\/.*|\$\{.*\})$/i.test(value);
}

/** `dbPasswordFile` becomes `db_Password_File`; `Auth__ApiKey` stays unchanged. */
function camelToSnake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[-.:]/g, "_");
}

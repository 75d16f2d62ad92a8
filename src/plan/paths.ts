// How the place of a member is written, and which places hold what nobody may read. PURE.

import { isJsonObject, type JsonValue, stringOf } from "../json.ts";

/** `containerDefinitions[app].image`; a name that could be misread stands in quotes. */
export function memberPath(parent: string, name: string): string {
  const written = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
  return parent === "" ? written : `${parent}.${written}`;
}

/** `containerDefinitions[app]`: containers, variables, secrets and volumes by their name, all else by its place. */
export function itemPath(list: string, item: JsonValue, index: number): string {
  const isNamed = /(^|\.)(containerDefinitions|environment|secrets|volumes)$/.test(list) && isJsonObject(item);
  const name = isNamed ? stringOf(item.name) : undefined;
  return `${list}[${name === undefined || name === "" ? index : name}]`;
}

const secretWords =
  /PASSW(OR)?D|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|API_?KEY|APP_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|\bAUTH\b/i;

/** Says by its name that the value is a secret. */
export function soundsSecret(name: string): boolean {
  return secretWords.test(name.replaceAll("-", "_"));
}

/** What follows the last word for a secret in a name: `_TABLE_NAME` of `API_KEY_TABLE_NAME`; undefined: there is none. */
export function afterSecretWord(name: string): string | undefined {
  const last = [...name.replaceAll("-", "_").matchAll(new RegExp(secretWords, "gi"))].at(-1);
  return last === undefined ? undefined : name.slice(last.index + last[0].length);
}

/** Environment and secrets, always; elsewhere (log options, labels) what sounds like one. */
export function isSecretPath(path: string): boolean {
  return /\.(environment|secrets)(\[|$)/.test(path) || soundsSecret(path.slice(path.lastIndexOf(".") + 1));
}

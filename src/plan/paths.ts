// How the place of a member is written, and which places hold what nobody may read. PURE.

/** `containerDefinitions[app].image`; a name that could be misread stands in quotes. */
export function memberPath(parent: string, name: string): string {
  const written = /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
  return parent === "" ? written : `${parent}.${written}`;
}

const secretWords =
  /PASSW(OR)?D|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|API_?KEY|APP_?KEY|PRIVATE_?KEY|ACCESS_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|\bAUTH\b/i;

/** Says by its name that the value is a secret. */
export function soundsSecret(name: string): boolean {
  return secretWords.test(name.replaceAll("-", "_"));
}

/** Environment and secrets, always; elsewhere (log options, labels) what sounds like one. */
export function isSecretPath(path: string): boolean {
  return /\.(environment|secrets)(\[|$)/.test(path) || soundsSecret(path.slice(path.lastIndexOf(".") + 1));
}

/**
 * Names that mean a private key or a store of credentials wherever they lie, also in a folder that is gathered whole
 * and in a person's own definition. Some of the files are harmless (a certificate is a `.pem` too): those are encrypted
 * for nothing, which costs little; the other mistake can not be undone once it is pushed.
 */
const SECRET_NAMES: readonly RegExp[] = [
  /^id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)$/,
  /\.(?:pem|key|ppk|p12|pfx|jks|keystore|bks|kdbx?)$/i,
  /^[._]netrc$/,
  /^\.(?:npmrc|pypirc|pgpass|my\.cnf|mylogin\.cnf|htpasswd|git-credentials|vault-token)$/,
  /^\.?credentials?(?:\.(?:json|toml|ya?ml|xml|ini|db))?$/i,
  /^\.?(?:(?:access|refresh|auth)[-_])?tokens?(?:\.(?:json|txt|toml|ya?ml))?$/i,
  /^auth\.(?:json|toml)$/i,
  /^\.env(?:\.(?!example$|sample$|template$)[\w-]+)?$/,
];

/** @param path `/`-separated; only its last part counts */
export function isSecretName(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return SECRET_NAMES.some((pattern) => pattern.test(name));
}

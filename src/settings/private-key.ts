/** Files that are a secret as a whole, whatever was said of them: by their names, and by how they begin. */

const NAMES =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:pem|p12|pfx|ppk|jks)|[._]netrc|\.git-credentials|\.pgpass|\.vault-token)$/i;

/** @param path ends with the file's name */
export function hasSecretName(path: string): boolean {
  return NAMES.test(path.slice(path.lastIndexOf("/") + 1));
}

const BEGINNINGS =
  /^\s*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-|^AGE-SECRET-KEY-1/m;
/** Comments may stand before it. */
const LOOKED_AT = 2048;

export function beginsAsPrivateKey(bytes: Uint8Array): boolean {
  return BEGINNINGS.test(Buffer.from(bytes.subarray(0, LOOKED_AT)).toString("latin1"));
}

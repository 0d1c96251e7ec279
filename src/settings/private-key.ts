/**
 * Files that are a secret as a whole, whatever was said of them: by their names, and by what is in them. Only names that
 * mean it wherever they lie; the reason for each stands in the test.
 */

const NAMES = new RegExp(
  `^(?:${[
    // Keys, and stores of keys
    String.raw`id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?`,
    String.raw`.*\.(?:pem|p8|p12|pfx|ppk|jks|keystore|keytab|kdbx?|keyring|kwallet|keychain(?:-db)?)`,
    String.raw`secring\.gpg`,
    // What programs write so that nobody is asked for a password
    String.raw`[._]netrc|\.git-credentials|\.pgpass|\.mylogin\.cnf|\.vault-token|\.pypirc|\.s3cfg|\.boto|\.dockercfg|\.htpasswd`,
    String.raw`\.?credentials(?:\.(?:json|toml|ya?ml|ini|db))?|client_secret(?:[._-].*)?\.json`,
    // Variables for one place; examples for others are no secret
    String.raw`\.env(?:\.(?!(?:example|sample|template|dist|defaults?)$)[\w-]+)?`,
    // What browsers keep of log-ins
    String.raw`key[34]\.db|logins\.json|login data(?: for account)?|cookies(?:\.sqlite)?`,
  ].join("|")})$`,
  "i",
);

/** @param path ends with the file's name */
export function hasSecretName(path: string): boolean {
  return NAMES.test(path.slice(path.lastIndexOf("/") + 1));
}

const BEGINNINGS =
  /^\s*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-|^AGE-SECRET-KEY-1/m;
/** npm's, in `.npmrc`; one that is read from the environment (`${NPM_TOKEN}`) is none. */
const REGISTRY_LOGIN = /^[ \t]*(?:\/\/\S+:)?_(?:authToken|auth|password)[ \t]*=[ \t]*(?=\S)(?!["']?\$\{)/m;
/** Comments may stand before it. */
const LOOKED_AT = 2048;
/** `npm login` adds its line at the end of whatever is there. */
const LOOKED_AT_OF_LINES = 16 * 1024;

/** Whether it begins as a private key, or holds a login to a registry of packages. */
export function holdsSecret(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.subarray(0, LOOKED_AT_OF_LINES)).toString("latin1");
  return BEGINNINGS.test(text.slice(0, LOOKED_AT)) || REGISTRY_LOGIN.test(text);
}

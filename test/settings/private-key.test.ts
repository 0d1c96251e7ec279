/** What is kept encrypted without being asked for: each name with its reason, and their neighbours that are no secret. */
import { expect, test } from "bun:test";

import { hasSecretName, holdsSecret } from "../../src/settings/private-key.ts";

test.each([
  [".ssh/id_ed25519", "a private key of SSH, under the name that ssh-keygen gives it"],
  [".ssh/id_ecdsa_sk", "the same, of a token: useless without it, but nobody else's business"],
  ["certs/server.pem", "mostly holds a private key; a certificate alone loses nothing by it"],
  ["AuthKey_ABC123.p8", "a key for Apple's services"],
  ["me.p12", "a certificate with its key"],
  ["me.pfx", "the same, by its name on Windows"],
  ["key.ppk", "a private key of PuTTY"],
  ["release.jks", "a key store of Java"],
  ["release.keystore", "the same, by Android's name"],
  ["krb5.keytab", "stands for a Kerberos password"],
  ["Passwords.kdbx", "all of a person's passwords, behind one that can be tried at leisure"],
  ["old.kdb", "the same, by KeePass 1"],
  ["login.keyring", "passwords that GNOME keeps"],
  ["kdewallet.kwallet", "passwords that KDE keeps"],
  ["login.keychain-db", "passwords that macOS keeps"],
  ["secring.gpg", "private keys of GnuPG 1"],
  [".netrc", "passwords by host"],
  ["_netrc", "the same on Windows"],
  [".git-credentials", "passwords by remote"],
  [".pgpass", "passwords of PostgreSQL"],
  [".mylogin.cnf", "passwords of MySQL, only veiled"],
  [".vault-token", "a login"],
  [".pypirc", "the token or password for uploads to PyPI"],
  [".s3cfg", "s3cmd writes the secret key into it"],
  [".boto", "gsutil and boto have their keys in it"],
  [".dockercfg", "logins to registries, in Base64"],
  [".htpasswd", "hashes of passwords, to be tried at leisure"],
  [".aws/credentials", "the keys of AWS; its `config` beside it is none"],
  [".cargo/credentials.toml", "tokens of crates.io"],
  ["gcloud/credentials.db", "logins of Google Cloud"],
  [".claude/.credentials.json", "a login"],
  ["client_secret.json", "what Google hands out for an application"],
  ["client_secret_42-ab.apps.json", "the same as it is downloaded"],
  ["project/.env", "variables of one machine, most often for their passwords"],
  ["project/.env.production", "the same for one place"],
  ["profile/key4.db", "what opens Firefox's saved passwords"],
  ["profile/logins.json", "Firefox's saved passwords"],
  ["Default/Login Data", "saved passwords of Chromium"],
  ["Default/Cookies", "sessions that are logged in"],
  ["profile/cookies.sqlite", "the same of Firefox"],
])("%s: %s", (path) => {
  expect(hasSecretName(path)).toBe(true);
});

test.each([
  [".ssh/id_ed25519.pub", "a public key"],
  [".ssh/known_hosts", "keys of others"],
  [".npmrc", "most have no login in them: what is in it decides"],
  ["project/.env.example", "written for others"],
  ["project/.env.sample", "the same"],
  [".envrc", "a script of direnv's"],
  ["environment.yml", "names begin alike"],
  ["credentials.md", "a text about them"],
  ["credentials/readme", "the folder's name says nothing of each file"],
  ["credentials.ts", "source code"],
  ["keyring.conf", "settings of one"],
  ["cookies.ts", "source code"],
  ["keybindings.json", "of no lock"],
  ["pem", "no ending"],
])("%s is none: %s", (path) => {
  expect(hasSecretName(path)).toBe(false);
});

test.each([
  ["-----BEGIN OPENSSH PRIVATE KEY-----\n", true],
  ["# mine\n-----BEGIN RSA PRIVATE KEY-----\n", true],
  ["AGE-SECRET-KEY-1XYZ", true],
  ["-----BEGIN CERTIFICATE-----\n", false],
  ["//registry.npmjs.org/:_authToken=npm_abc\n", true],
  [`${"save-exact=true\n".repeat(300)}//npm.example.com/:_authToken = "abc"\n`, true],
  ["_auth=YTpi\n", true],
  ["//npm.example.com/:_password=c2VjcmV0\nemail=a@b\n", true],
  ["//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n", false],
  ['//registry.npmjs.org/:_authToken="${NPM_TOKEN}"\n', false],
  ["//registry.npmjs.org/:_authToken=\n", false],
  ["# a token goes behind _authToken= in the next line\n", false],
  ["save-exact=true\n", false],
])("by content: %p: %p", (text, isSecret) => {
  expect(holdsSecret(Buffer.from(text))).toBe(isSecret);
});

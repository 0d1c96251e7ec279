import { baseName } from "../../git/paths.ts";
import type { RepoPath } from "../../git/model.ts";
import { withoutConflictMark } from "../conflicts/copy-path.ts";
import type { LeftOut } from "./guards.ts";

/**
 * Names that mean a private key or a store of keys and nothing else, whatever is in them: some are binary. `.env`,
 * `*.pem`, `.npmrc`, `.netrc` and `credentials` are not among them, as dotfiles are full of harmless ones: what is
 * written in them decides.
 */
const KEY_FILES: readonly (readonly [name: RegExp, what: string])[] = [
  [/^id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)$/, "a private SSH key by its name"],
  [/\.(?:p12|pfx)$/i, "a certificate with its private key by its name"],
  [/\.(?:jks|keystore|bks)$/i, "a store of private keys by its name"],
  [/\.ppk$/i, "a private PuTTY key by its name"],
  [/\.(?:kdbx?|agilekeychain|opvault)$/i, "a store of passwords by its name"],
  [/^\.(?:htpasswd|pgpass|git-credentials)$/, "a file of passwords by its name"],
];

export function keyFile(path: RepoPath): LeftOut | undefined {
  const name = baseName(withoutConflictMark(path));
  const what = KEY_FILES.find(([pattern]) => pattern.test(name))?.[1];
  return what === undefined
    ? undefined
    : { guard: "key-file", path, reason: what, marks: [`key-file:${path}`] };
}

/**
 * Encrypts all that is encrypted in a managed repository for those who may read it from now on: also what only other
 * devices gather. What can not be decrypted here stays as it is. Nothing is written: the new files come back.
 */
import { throwIfAborted } from "../base/abort.ts";
import { fromSystem, LullError } from "../base/errors.ts";
import type { NewFile } from "../git/git.ts";
import { type FileVersion, MODE, type RepoPath } from "../git/model.ts";
import { displayPath } from "../git/paths.ts";
import { type Cipher, SEALED } from "./cipher.ts";
import { digestOf } from "./content.ts";
import { type GatherMemory, readGathered, writeGathered } from "./gather-record.ts";

export type AnewInput = {
  /** All files of the repository's state, by path. */
  readonly versions: ReadonlyMap<RepoPath, FileVersion>;
  readonly readBlob: (oid: string) => Uint8Array;
  readonly cipher: Cipher;
  readonly signal: AbortSignal;
};

export type Anew = {
  readonly files: ReadonlyMap<RepoPath, NewFile>;
  /** By digests of the copies before, those of the new ones. */
  readonly digests: ReadonlyMap<string, string>;
  /** Could not be decrypted, by their names in the repository. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
};

export async function encryptAnew({ versions, readBlob, cipher, signal }: AnewInput): Promise<Anew> {
  const files = new Map<RepoPath, NewFile>();
  const digests = new Map<string, string>();
  const left: { path: string; reason: string }[] = [];
  for (const [name, { oid, mode }] of versions) {
    // A link that happens to be named so holds nothing.
    if (!displayPath(name).endsWith(SEALED) || mode === MODE.symlink) continue;
    throwIfAborted(signal);
    try {
      const sealed = readBlob(oid);
      const bytes = await encryptAgain(cipher, sealed);
      files.set(name, { mode, bytes });
      digests.set(digestOf({ bytes: sealed, isLink: false }), digestOf({ bytes, isLink: false }));
    } catch (error) {
      const fault = fromSystem(error, `encrypt ${displayPath(name)} anew`);
      if (fault.kind === "interrupted") throw fault;
      left.push({ path: displayPath(name), reason: fault.message });
    }
  }
  return { files, digests, left };
}

/** What can not be read again must not take the place of what can. */
async function encryptAgain(cipher: Cipher, sealed: Uint8Array): Promise<Uint8Array> {
  const plain = await cipher.decrypt(sealed);
  const bytes = await cipher.encrypt(plain);
  if (Buffer.compare(await cipher.decrypt(bytes), plain) === 0) return bytes;
  throw new LullError({
    kind: "failed",
    code: "ENCRYPTION_FAILED",
    message: "what was encrypted anew does not open to what it was",
    hint: "it stays as it was; look for damaged memory, and run the command again",
  });
}

/**
 * Notes that the copies are others now, and still of the same files: it saves the next gathering a look into each.
 * The caller holds the source's lock.
 */
export function followAnew(gitDirectory: string, { digests }: Pick<Anew, "digests">): void {
  const memory = readGathered(gitDirectory);
  const files: GatherMemory["files"] = new Map(
    [...memory.files].map(([copy, gathered]) => {
      const copyDigest = digests.get(gathered.copyDigest);
      return [copy, copyDigest === undefined ? gathered : { ...gathered, copyDigest }] as const;
    }),
  );
  if ([...files].some(([copy, gathered]) => memory.files.get(copy) !== gathered))
    writeGathered(gitDirectory, { ...memory, files });
}

/**
 * The words of the engine: what an object, a path, a mode is, and the two interfaces by which the parts of the
 * engine reach objects. No I/O here.
 */

/** A SHA-1 object name: 40 lower-case hex digits. */
export type Oid = string;

/**
 * A path inside a repository, `/`-separated, as raw bytes: every character is one byte (latin1), never decoded
 * text. Git's paths are bytes; a UTF-8 round trip merges distinct names into one. Comparing two such strings with
 * `<` is git's own byte order. `paths.ts` turns them into file-system paths and into text for people.
 */
export type RepoPath = string;

export type ObjectKind = "commit" | "tree" | "blob" | "tag";

export type GitObject = { readonly kind: ObjectKind; readonly bytes: Uint8Array };

/** The five modes that git writes into trees. */
export const MODE = {
  file: 0o100644,
  executable: 0o100755,
  symlink: 0o120000,
  directory: 0o040000,
  submodule: 0o160000,
} as const;
export type FileMode = (typeof MODE)[keyof typeof MODE];

export type TreeEntry = { readonly mode: FileMode; readonly name: RepoPath; readonly oid: Oid };

/** What a path points to in a tree or in the index. */
export type FileVersion = { readonly mode: FileMode; readonly oid: Oid };

export type Signature = {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970 UTC. */
  readonly seconds: number;
  /** Minutes ahead of UTC; `-90` is written `-0130`. */
  readonly offsetMinutes: number;
};

export type Commit = {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Signature;
  readonly committer: Signature;
  /** As text; a commit's own `encoding` header is honoured when reading. */
  readonly message: string;
};

/**
 * Told how far a step has come.
 * @param total undefined when it is not known; of bytes it may be an estimate that gets better
 * @param unit of the figures; left out: things, such as files
 */
export type Progress = (step: string, done: number, total: number | undefined, unit?: "bytes") => void;

export type ObjectReader = {
  has(oid: Oid): boolean;
  /** @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT` (kind `failed`), with the oid in `data`. */
  read(oid: Oid): GitObject;
  /** Cheaper than `read` for large blobs; same errors. */
  header(oid: Oid): { readonly kind: ObjectKind; readonly size: number };
};

/**
 * New objects on their way into the store. What was written can be read back at once through the batch itself;
 * others see it only after `finish`, which makes it durable (fsync) before it returns.
 */
export type ObjectBatch = ObjectReader & {
  /** Returns the object's name; an object that the store already has is not written again. */
  write(kind: ObjectKind, bytes: Uint8Array): Oid;
  /** As `write` for a blob whose content comes from an open file, without holding it all in memory. */
  writeBlobFrom(handle: number, size: number): Oid;
  /** Stores everything, durably. Until `discard`, no `git repack` drops it, though no ref names it yet. */
  finish(): void;
  /** Throws everything unfinished away, and leaves what is stored to itself: to be called when refs name it. */
  discard(): void;
};

/** The object with no entries; git knows it without storing it. */
export const EMPTY_TREE: Oid = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
export const ZERO_OID: Oid = "0".repeat(40);

const BRANCHES = "refs/heads/";

/** `main` → `refs/heads/main` */
export function branchRef(name: string): string {
  return BRANCHES + name;
}

/** `refs/heads/main` → `main`; undefined when the ref is no branch. */
export function branchOf(ref: string): string | undefined {
  return ref.startsWith(BRANCHES) ? ref.slice(BRANCHES.length) : undefined;
}

/** A ref as people call it: the name of a branch, anything else in full. */
export function shortRef(ref: string): string {
  return branchOf(ref) ?? ref;
}

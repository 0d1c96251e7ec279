import type { Oid, RepoPath } from "../model.ts";

export type Admit = (file: CandidateFile) => boolean;

/** A regular file on its way into a commit; links are let in unasked. */
export type CandidateFile = {
  readonly path: RepoPath;
  readonly size: number;
  /** As it would be stored, valid during the call; undefined for a large file, which is not held in memory. */
  readonly bytes: Uint8Array | undefined;
  /** The content's name; reads a large file. */
  readonly oid: () => Oid;
};

export type WorkStat = {
  /** In bytes. */
  readonly size: number;
  /** Changes whenever the file does, but for a second change within one tick of the file system's clock. */
  readonly stamp: string;
  /** When its content or its rights changed last, milliseconds since 1970 UTC. */
  readonly changedAt: number;
};

/** What kind of place a folder is, decided before anything in it is written. */
import type { Oid } from "../model.ts";

export type Head = {
  /** Full name of the checked-out branch, e.g. `refs/heads/main`. */
  readonly branch: string;
  /** Undefined while the branch has no commit yet. */
  readonly commit: Oid | undefined;
};

export type RepositoryState =
  | { readonly kind: "missing" }
  /** There is a folder (or a file: then `reason` says so), but no repository. */
  | {
      readonly kind: "not-a-repository";
      readonly reason: string | undefined;
      /** The folder has nothing in it. */
      readonly isEmpty?: boolean | undefined;
    }
  | { readonly kind: "unsupported"; readonly feature: string; readonly hint: string }
  /** The user's own git is in the middle of something; leave it alone and say what. */
  | {
      readonly kind: "busy";
      readonly reason: string;
      readonly hint: string;
      /** It is a lock that somebody took a moment ago: it may be gone in the next. */
      readonly isBrief?: boolean;
    }
  | { readonly kind: "ready"; readonly head: Head };

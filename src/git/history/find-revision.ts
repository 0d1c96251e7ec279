import { LullError } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { peelTag } from "../objects/tag-object.ts";
import { isRefName } from "../refs/ref-name.ts";
import { resolveRef } from "../refs/ref-store.ts";

const REVISION = /^(?<start>[^~^]+)(?<steps>(?:~\d*|\^)*)$/;
/** As git looks for a short name. */
const PLACES = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];

/** See `Repository.findRevision`. */
export function findRevision(gitDirectory: string, store: ObjectStore, text: string): Oid | undefined {
  const { start = "", steps = "" } = REVISION.exec(text.trim())?.groups ?? {};
  const named = start === "" ? undefined : (refNamed(gitDirectory, start) ?? store.resolvePrefix(start));
  if (named === undefined) return undefined;
  if (named === "ambiguous") throw ambiguous(start);
  try {
    const peeled = peelTag(store, named);
    if (peeled.kind !== "commit") return undefined;
    let { oid } = peeled;
    for (const [step] of steps.matchAll(/~\d*|\^/g)) {
      const count = step === "^" || step === "~" ? 1 : Number(step.slice(1));
      for (let done = 0; done < count; done++) {
        const [parent] = readCommitLinks(store, oid).parents;
        if (parent === undefined) return undefined;
        oid = parent;
      }
    }
    return oid;
  } catch (error) {
    if (error instanceof LullError && error.code === "OBJECT_MISSING") return undefined;
    throw error;
  }
}

function refNamed(gitDirectory: string, text: string): Oid | undefined {
  for (const place of PLACES) {
    const name = place + text;
    if (name !== "HEAD" && !isRefName(name)) continue;
    const { oid } = resolveRef(gitDirectory, name);
    if (oid !== undefined) return oid;
  }
  return undefined;
}

function ambiguous(start: string): LullError {
  return new LullError({
    kind: "usage",
    code: "AMBIGUOUS_REVISION",
    message: `${start} is the start of several names`,
    hint: "write more of it",
  });
}

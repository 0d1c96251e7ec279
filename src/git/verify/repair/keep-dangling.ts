import type { ObjectReader, Oid } from "../../model.ts";
import { LullError } from "../../../base/errors.ts";
import { readCommitLinks } from "../../objects/commit-object.ts";
import { readRef } from "../../refs/ref-store.ts";
import { updateRef } from "../../refs/update-ref.ts";
import type { Verified } from "../verify-repository.ts";
import { note, type Workshop } from "./workshop.ts";

const KEPT_REFS = "refs/lull/rescued/";
/** Whoever has more of them has made them on purpose, e.g. by a tool that throws commits away. */
const MOST_KEPT = 20;

/**
 * Gives a name to commits that no ref and no log leads to: when a branch came back from something else than its log, its
 * newest commits may be among them, and `git gc` would drop them in two weeks.
 */
export function keepDangling(workshop: Workshop, { survey, look }: Verified, store: ObjectReader): void {
  const { gitDirectory } = workshop.parts;
  const parents = new Map<Oid, readonly Oid[]>();
  for (const oid of survey.commits()) parents.set(oid, parentsOf(store, oid));
  const reached = new Set<Oid>();
  const current = [...look.refs.refs.keys()].flatMap((name) => refNow(gitDirectory, name) ?? []);
  const logged = look.refs.reflogs.flatMap(({ oids }) => oids);
  const stack = [...current, ...logged];
  for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
    if (reached.has(oid)) continue;
    reached.add(oid);
    stack.push(...(parents.get(oid) ?? []));
  }
  const dangling = [...parents.keys()].filter((oid) => !reached.has(oid));
  const below = new Set(dangling.flatMap((oid) => parents.get(oid) ?? []));
  for (const oid of dangling.filter((one) => !below.has(one)).slice(0, MOST_KEPT)) {
    const name = `${KEPT_REFS}${oid.slice(0, 12)}`;
    if (readRef(gitDirectory, name) !== undefined) continue;
    updateRef(gitDirectory, { name, expected: undefined, next: oid });
    note(workshop, name, "keeps a commit that nothing else names; look whether it is yours (git log)");
  }
}

function parentsOf(store: ObjectReader, oid: Oid): readonly Oid[] {
  try {
    return readCommitLinks(store, oid).parents;
  } catch (error) {
    if (error instanceof LullError) return [];
    throw error;
  }
}

function refNow(gitDirectory: string, name: string): Oid | undefined {
  try {
    const value = readRef(gitDirectory, name);
    return value?.kind === "direct" ? value.oid : undefined;
  } catch (error) {
    if (error instanceof LullError) return undefined;
    throw error;
  }
}

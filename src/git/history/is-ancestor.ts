import type { ObjectReader, Oid } from "../model.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import { mergeBases } from "./merge-base.ts";

/** Whether `ancestor` is `descendant` itself or reachable from it. Exact whatever the commit dates say. */
export function isAncestor(
  reader: ObjectReader,
  ancestor: Oid,
  descendant: Oid,
  signal?: AbortSignal,
): boolean {
  if (ancestor === descendant) return true;
  // Nearly always the one is the other's parent.
  if (readCommitLinks(reader, descendant).parents.includes(ancestor)) return true;
  return mergeBases(reader, ancestor, descendant, signal)[0] === ancestor;
}

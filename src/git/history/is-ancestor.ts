import type { ObjectReader, Oid } from "../model.ts";
import { mergeBases } from "./merge-base.ts";

/** Whether `ancestor` is `descendant` itself or reachable from it. Exact whatever the commit dates say. */
export function isAncestor(
  reader: ObjectReader,
  ancestor: Oid,
  descendant: Oid,
  signal?: AbortSignal,
): boolean {
  return ancestor === descendant || mergeBases(reader, ancestor, descendant, signal)[0] === ancestor;
}

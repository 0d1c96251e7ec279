/** Keys that the library would take and that no person means: twice the same, no words, JavaScript's own names. */
import { type Document, isScalar, type Scalar, visit } from "yaml";

import { isNode } from "./find-node.ts";
import type { Range } from "./mask-secrets.ts";
import type { Problem } from "./problems.ts";

/** Names that would reach into JavaScript's own objects. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

export function dangerousKeys(document: Document): readonly Problem[] {
  const found: Problem[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) found.push({ message: "a key must be a word", range: rangeOfKey(key) });
        else {
          const problem = keyProblem(key, seen);
          if (problem !== undefined) found.push({ message: problem, range: rangeOfKey(key) });
          seen.add(String(key.value));
        }
      }
    },
  });
  return found;
}

function keyProblem(key: Scalar, seen: ReadonlySet<string>): string | undefined {
  const name = String(key.value);
  if (seen.has(name)) return "this key stands here twice";
  if (typeof key.value !== "string" && typeof key.value !== "number") return "a key must be a word";
  return FORBIDDEN_KEYS.has(name) ? `the key ${name} is not allowed` : undefined;
}

function rangeOfKey(key: unknown): Range {
  return isNode(key) ? [key.range?.[0] ?? 0, key.range?.[1] ?? 1] : [0, 1];
}

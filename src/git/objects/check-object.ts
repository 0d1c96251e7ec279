import type { ObjectKind } from "../model.ts";
import { parseCommitLinks } from "./commit-object.ts";
import { parseTag } from "./tag-object.ts";
import { checkTree } from "./tree-object.ts";

/**
 * Checks that an object can be read as what it says it is. Names in trees are not judged here but at checkout.
 * @throws DamagedData
 */
export function checkObject(kind: ObjectKind, bytes: Uint8Array): void {
  switch (kind) {
    case "commit":
      parseCommitLinks(bytes);
      return;
    case "tree":
      checkTree(bytes);
      return;
    case "tag":
      parseTag(bytes);
      return;
    case "blob":
  }
}

/** Annotated tags for tests; lull itself only reads them. */
import { formatSignature } from "../../../src/git/objects/signature.ts";
import type { Tag } from "../../../src/git/objects/tag-object.ts";

export function serializeTag(tag: Tag): Buffer {
  const lines = [`object ${tag.object}`, `type ${tag.kind}`, `tag ${tag.name}`];
  if (tag.tagger !== undefined) lines.push(`tagger ${formatSignature(tag.tagger)}`);
  return Buffer.from(`${lines.join("\n")}\n\n${tag.message}`, "utf8");
}

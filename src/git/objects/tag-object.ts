import type { ObjectKind, ObjectReader, Oid, Signature } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { firstOid, headerValue, splitObject } from "./object-header.ts";
import { parseSignature } from "./signature.ts";
import { decodeText } from "./text-encoding.ts";

export type Tag = {
  readonly object: Oid;
  readonly kind: ObjectKind;
  /** Without `refs/tags/`. */
  readonly name: string;
  /** Some very old tags have none. */
  readonly tagger: Signature | undefined;
  readonly message: string;
};

/** @throws DamagedData */
export function parseTag(bytes: Uint8Array): Tag {
  const object = splitObject(bytes);
  const encoding = headerValue(object, "encoding");
  const text = (value: string): string => decodeText(Buffer.from(value, "latin1"), encoding);
  const kind = headerValue(object, "type");
  if (!isKind(kind)) throw new DamagedData("bad", 'it has no valid "type" line');
  const tagger = headerValue(object, "tagger");
  return {
    object: firstOid(object, "object"),
    kind,
    name: text(headerValue(object, "tag") ?? ""),
    tagger: tagger === undefined ? undefined : parseSignature(text(tagger)),
    message: decodeText(object.body, encoding),
  };
}

/**
 * Follows annotated tags to what they name; anything else is returned as it is.
 * @throws LullError as `ObjectReader.header`
 */
export function peelTag(reader: ObjectReader, oid: Oid): { readonly oid: Oid; readonly kind: ObjectKind } {
  for (let at = oid; ;) {
    const { kind } = reader.header(at);
    if (kind !== "tag") return { oid: at, kind };
    try {
      at = parseTag(reader.read(at).bytes).object;
    } catch (error) {
      throw error instanceof DamagedData ? objectCorrupt(at, error.message, error) : error;
    }
  }
}

function isKind(text: string | undefined): text is ObjectKind {
  return text === "commit" || text === "tree" || text === "blob" || text === "tag";
}

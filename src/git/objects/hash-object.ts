import type { ObjectKind, Oid } from "../model.ts";

const OID = /^[0-9a-f]{40}$/;

// One hasher for all: `digest` resets it, and no caller can come in between because nothing here waits.
const shared = new Bun.CryptoHasher("sha1");

/** Returns the name that git gives to this object. */
export function hashObject(kind: ObjectKind, bytes: Uint8Array): Oid {
  return start(shared, kind, bytes.length).update(bytes).digest("hex");
}

/** As `hashObject`, as 20 raw bytes. */
export function hashObjectBytes(kind: ObjectKind, bytes: Uint8Array): Uint8Array {
  return start(shared, kind, bytes.length).update(bytes).digest();
}

/** Returns a hasher that has taken the object's header; feed it the content, then ask for the digest. */
export function startObjectHash(kind: ObjectKind, size: number): Bun.CryptoHasher {
  return start(new Bun.CryptoHasher("sha1"), kind, size);
}

export function isOid(text: string): text is Oid {
  return OID.test(text);
}

function start(hasher: Bun.CryptoHasher, kind: ObjectKind, size: number): Bun.CryptoHasher {
  return hasher.update(`${kind} ${size}\0`);
}

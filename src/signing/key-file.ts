/** Private keys without a passphrase, as OpenSSH and OpenSSL write them. */
import type { KeyObject } from "node:crypto";

import { messageOf, systemCode } from "../base/errors.ts";
import { readSmallFile } from "../base/small-file.ts";
import { crypto } from "./crypto.ts";

export type ReadKey =
  | { readonly kind: "open"; readonly key: KeyObject }
  | { readonly kind: "missing" }
  | { readonly kind: "locked" }
  /** In words. */
  | { readonly kind: "unusable"; readonly why: string };

/** In the JSON Web Key form, which OpenSSH's files are closest to. */
type Jwk = Readonly<Record<string, string>>;

/** Larger than any key. */
const LARGEST_KEY = 64 * 1024;

export function readKeyFile(path: string): ReadKey {
  try {
    const text = readSmallFile(path, LARGEST_KEY)?.toString("latin1");
    return text === undefined ? { kind: "unusable", why: "it is no key file" } : parseKey(text);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { kind: "missing" };
    return { kind: "unusable", why: messageOf(error) };
  }
}

function parseKey(text: string): ReadKey {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text) ?? [];
  if (body !== undefined) return parseOpenSsh(Buffer.from(body, "base64"));
  if (/ENCRYPTED/.test(text)) return { kind: "locked" };
  return { kind: "open", key: crypto().createPrivateKey(text) };
}

const MAGIC = "openssh-key-v1\0";

/** OpenSSH's PROTOCOL.key: names of the ciphers, public keys, then the private ones between two equal numbers. */
function parseOpenSsh(bytes: Buffer): ReadKey {
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return { kind: "unusable", why: "it is damaged" };
  const outer = new Reader(bytes.subarray(MAGIC.length));
  if (outer.text() !== "none") return { kind: "locked" };
  outer.bytes();
  outer.bytes();
  if (outer.number() !== 1) return { kind: "unusable", why: "it holds several keys" };
  outer.bytes();
  const inner = new Reader(outer.bytes());
  if (inner.number() !== inner.number()) return { kind: "unusable", why: "it is damaged" };
  const type = inner.text();
  const jwk = JWK_OF[type]?.(inner);
  if (jwk === undefined) return { kind: "unusable", why: `its kind is ${type}` };
  return { kind: "open", key: crypto().createPrivateKey({ key: { ...jwk }, format: "jwk" }) };
}

const JWK_OF: Readonly<Record<string, ((from: Reader) => Jwk) | undefined>> = {
  "ssh-ed25519": (from) => {
    const x = base64url(from.bytes());
    // The seed, and the public key once more.
    return { kty: "OKP", crv: "Ed25519", x, d: base64url(from.bytes().subarray(0, 32)) };
  },
  "ssh-rsa": rsa,
  "ecdsa-sha2-nistp256": (from) => elliptic(from, { crv: "P-256", size: 32 }),
  "ecdsa-sha2-nistp384": (from) => elliptic(from, { crv: "P-384", size: 48 }),
  "ecdsa-sha2-nistp521": (from) => elliptic(from, { crv: "P-521", size: 66 }),
};

function elliptic(from: Reader, { crv, size }: { readonly crv: string; readonly size: number }): Jwk {
  from.bytes();
  // An uncompressed point: 4, x, y.
  const point = from.bytes();
  const d = Buffer.concat([Buffer.alloc(size), unsigned(from.bytes())]).subarray(-size);
  return {
    kty: "EC",
    crv,
    x: base64url(point.subarray(1, 1 + size)),
    y: base64url(point.subarray(1 + size)),
    d: base64url(d),
  };
}

function rsa(from: Reader): Jwk {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => unsigned(from.bytes())) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const remainder = (prime: Buffer): Buffer => fromInteger(toInteger(d) % (toInteger(prime) - 1n));
  const parts = { n, e, d, p, q, dp: remainder(p), dq: remainder(q), qi };
  return {
    kty: "RSA",
    ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, base64url(part)])),
  };
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function fromInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

/** Without the zero in front that tells a positive number. */
function unsigned(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? bytes : bytes.subarray(start);
}

function base64url(bytes: Buffer): string {
  return bytes.toString("base64url");
}

/** Numbers of four bytes, and pieces with their length in front; a piece that is cut off is an error. */
class Reader {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  number(): number {
    const value = this.#rest.readUInt32BE(0);
    this.#rest = this.#rest.subarray(4);
    return value;
  }

  bytes(): Buffer {
    const length = this.number();
    if (length > this.#rest.length) throw new Error("it is cut off");
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return piece;
  }

  text(): string {
    return this.bytes().toString("latin1");
  }
}

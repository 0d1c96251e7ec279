/** Signatures in the form of OpenSSH's PROTOCOL.sshsig. Pure. */
import type { KeyObject } from "node:crypto";

import { crypto } from "./crypto.ts";

const MAGIC = "SSHSIG";
const VERSION = 1;
const NAMESPACE = "git";
const HASH = "sha512";
/** Characters in a line of the text form, as ssh-keygen has it. */
const LINE = 70;

/** @throws Error for a key of a kind that SSH does not know */
export function sshSignature(key: KeyObject, payload: Uint8Array): string {
  const { publicKey, signed } = algorithmOf(key);
  const digest = crypto().createHash(HASH).update(payload).digest();
  const toSign = Buffer.concat([Buffer.from(MAGIC), ...[NAMESPACE, "", HASH, digest].map(piece)]);
  const blob = Buffer.concat([
    Buffer.from(MAGIC),
    uint32(VERSION),
    ...[publicKey, NAMESPACE, "", HASH, signed(toSign)].map(piece),
  ]);
  const lines = blob.toString("base64").match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}

type Algorithm = {
  /** As it stands in base64 in `authorized_keys`. */
  readonly publicKey: Buffer;
  readonly signed: (bytes: Buffer) => Buffer;
};

/** Name of the curve in JWK → in SSH, its hash (RFC 5656, 6.2.1). */
const CURVES: Readonly<Record<string, readonly [name: string, hash: string]>> = {
  "P-256": ["nistp256", "sha256"],
  "P-384": ["nistp384", "sha384"],
  "P-521": ["nistp521", "sha512"],
};

function algorithmOf(key: KeyObject): Algorithm {
  const { kty, crv = "", x, y, n, e } = crypto().createPublicKey(key).export({ format: "jwk" });
  if (kty === "OKP" && crv === "Ed25519") {
    const type = "ssh-ed25519";
    return {
      publicKey: pieces(type, bytesOf(x)),
      signed: (bytes) => pieces(type, crypto().sign(null, bytes, key)),
    };
  }
  if (kty === "RSA") {
    return {
      publicKey: pieces("ssh-rsa", mpint(bytesOf(e)), mpint(bytesOf(n))),
      signed: (bytes) => pieces("rsa-sha2-512", crypto().sign("sha512", bytes, key)),
    };
  }
  const curve = kty === "EC" ? CURVES[crv] : undefined;
  if (curve === undefined) throw new Error(`SSH has no keys of the kind ${kty} ${crv}`.trim());
  const [name, hash] = curve;
  const type = `ecdsa-sha2-${name}`;
  return {
    publicKey: pieces(type, name, Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)])),
    signed: (bytes) => {
      const both = crypto().sign(hash, bytes, { key, dsaEncoding: "ieee-p1363" });
      const half = both.length / 2;
      return pieces(type, pieces(mpint(both.subarray(0, half)), mpint(both.subarray(half))));
    },
  };
}

function bytesOf(text: string | undefined): Buffer {
  return Buffer.from(text ?? "", "base64url");
}

function pieces(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map(piece));
}

/** With its length in front. */
function piece(part: string | Uint8Array): Buffer {
  const bytes = Buffer.from(part as Uint8Array);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A positive number: without zeros in front, but for the one that keeps the highest bit from being a sign. */
function mpint(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start < 0) return Buffer.alloc(0);
  const rest = bytes.subarray(start);
  return Buffer.concat([(rest[0] ?? 0) >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), rest]);
}

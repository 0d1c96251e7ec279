import type { Oid } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { isOid } from "./hash-object.ts";

/** The head of a commit or tag: `key value` lines up to an empty line. Continuation lines start with a space. */
export type ObjectText = {
  /** As bytes in latin1; not cut into lines, which would cost more than all that is ever asked for. */
  readonly head: string;
  readonly body: Uint8Array;
};

/** Returns all bytes as latin1, whatever kind of array they are: a `Buffer` of a small array costs more than the text. */
export function latin1Of(bytes: Uint8Array): string {
  return EMPTY.toString.call(bytes, "latin1", 0, bytes.length);
}

const EMPTY = Buffer.alloc(0);

export function splitObject(bytes: Uint8Array): ObjectText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = buffer.indexOf("\n\n");
  return {
    head: buffer.toString("latin1", 0, end < 0 ? buffer.length : end),
    body: end < 0 ? buffer.subarray(buffer.length) : buffer.subarray(end + 2),
  };
}

/** Returns the value of the first line with this key. */
export function headerValue({ head }: ObjectText, key: string): string | undefined {
  if (head.startsWith(`${key} `)) return lineAt(head, 0).slice(key.length + 1);
  const before = head.indexOf(`\n${key} `);
  return before < 0 ? undefined : lineAt(head, before + 1).slice(key.length + 1);
}

/** @throws DamagedData unless the first line is `key <oid>` */
export function firstOid({ head }: ObjectText, key: string): Oid {
  return oidOf(lineAt(head, 0), key);
}

/**
 * Returns what the lines of this key say that follow the first line without another one between them.
 * @throws DamagedData unless each is `key <oid>`
 */
export function followingOids({ head }: ObjectText, key: string): Oid[] {
  const oids: Oid[] = [];
  for (let end = head.indexOf("\n"); end >= 0;) {
    const line = lineAt(head, end + 1);
    end = head.indexOf("\n", end + 1);
    if (line.startsWith(" ")) continue;
    if (!line.startsWith(`${key} `)) break;
    oids.push(oidOf(line, key));
  }
  return oids;
}

function lineAt(head: string, start: number): string {
  const end = head.indexOf("\n", start);
  return head.slice(start, end < 0 ? undefined : end);
}

function oidOf(line: string, key: string): Oid {
  const oid = line.startsWith(`${key} `) ? line.slice(key.length + 1) : "";
  if (!isOid(oid)) throw new DamagedData("bad", `it has no valid "${key}" line where one must be`);
  return oid;
}

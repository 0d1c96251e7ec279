import type { Oid } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { isOid } from "./hash-object.ts";

/** The head of a commit or tag: `key value` lines up to an empty line. Continuation lines start with a space. */
export type ObjectLines = {
  /** As bytes in latin1, in order, without continuation lines. */
  readonly lines: readonly string[];
  readonly body: Uint8Array;
};

export function splitObject(bytes: Uint8Array): ObjectLines {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = buffer.indexOf("\n\n");
  const head = buffer.toString("latin1", 0, end < 0 ? buffer.length : end);
  return {
    lines: head.includes("\n ") ? head.split("\n").filter((line) => !line.startsWith(" ")) : head.split("\n"),
    body: end < 0 ? buffer.subarray(buffer.length) : buffer.subarray(end + 2),
  };
}

/** Returns the value of the first line with this key. */
export function headerValue({ lines }: ObjectLines, key: string): string | undefined {
  return lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
}

/** @throws DamagedData unless the line is `key <oid>` */
export function oidLine(line: string | undefined, key: string): Oid {
  const oid = line?.startsWith(`${key} `) === true ? line.slice(key.length + 1) : "";
  if (!isOid(oid)) throw new DamagedData("bad", `it has no valid "${key}" line where one must be`);
  return oid;
}

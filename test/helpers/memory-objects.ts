/** Objects in memory for tests of what stands on the object store; optionally those of a real repository below. */
import { readSync } from "node:fs";

import { LullError } from "../../src/base/errors.ts";
import { gitRaw } from "./system-git.ts";
import type { GitObject, ObjectBatch, ObjectKind, Oid } from "../../src/git/model.ts";

export class MemoryObjects implements ObjectBatch {
  readonly objects = new Map<Oid, GitObject>();
  /** How many objects were really written. */
  written = 0;
  readonly #repository: string | undefined;

  constructor(repository?: string) {
    this.#repository = repository;
  }

  has(oid: Oid): boolean {
    return this.objects.has(oid) || this.#load(oid) !== undefined;
  }

  read(oid: Oid): GitObject {
    const found = this.objects.get(oid) ?? this.#load(oid);
    if (found !== undefined) return found;
    throw new LullError({
      kind: "failed",
      code: "OBJECT_MISSING",
      message: `no object ${oid}`,
      data: { oid },
    });
  }

  header(oid: Oid): { readonly kind: ObjectKind; readonly size: number } {
    const { kind, bytes } = this.read(oid);
    return { kind, size: bytes.length };
  }

  write(kind: ObjectKind, bytes: Uint8Array): Oid {
    const oid = new Bun.CryptoHasher("sha1").update(`${kind} ${bytes.length}\0`).update(bytes).digest("hex");
    if (!this.objects.has(oid)) this.written++;
    this.objects.set(oid, { kind, bytes: new Uint8Array(bytes) });
    return oid;
  }

  writeBlobFrom(handle: number, size: number): Oid {
    const bytes = new Uint8Array(size);
    for (let done = 0; done < size;) done += readSync(handle, bytes, done, size - done, done);
    return this.write("blob", bytes);
  }

  finish(): void {
    if (this.#repository === undefined) return;
    for (const { kind, bytes } of this.objects.values()) {
      gitRaw(this.#repository, ["hash-object", "-w", "--stdin", "-t", kind, "--no-filters"], {
        input: bytes,
      });
    }
  }

  discard(): void {
    this.objects.clear();
  }

  #load(oid: Oid): GitObject | undefined {
    if (this.#repository === undefined) return undefined;
    const input = `${oid}\n`;
    const output = gitRaw(this.#repository, ["cat-file", "--batch"], { input });
    const line = output.subarray(0, output.indexOf(10)).toString();
    const [, kind] = line.split(" ");
    if (kind === undefined || kind === "missing") return undefined;
    const start = line.length + 1;
    const object = { kind: kind as ObjectKind, bytes: output.subarray(start, output.length - 1) };
    this.objects.set(oid, object);
    return object;
  }
}

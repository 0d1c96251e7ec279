import type { GitObject, ObjectKind } from "../model.ts";
import type { Allocate } from "./inflate.ts";

/** An object that was looked up once: whole in memory, or to be taken piece by piece because it is large. */
export type OpenedObject = { readonly kind: ObjectKind; readonly size: number } & (
  | { readonly bytes: Uint8Array }
  /** A piece is valid until the next one is asked for; whether they were right is known after the last. */
  | { readonly bytes: undefined; readonly chunks: Generator<Uint8Array> }
);

export type OpenOptions = {
  /** In bytes; what is larger comes piece by piece. */
  readonly wholeUpTo: number;
  /**
   * Gives room for a whole object, which may be room that was given before: for who is done with one object when the next
   * is opened. Not asked for each object.
   */
  readonly allocate?: Allocate | undefined;
};

export function wholeObject({ kind, bytes }: GitObject): OpenedObject {
  return { kind, size: bytes.length, bytes };
}

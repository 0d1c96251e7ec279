import type { GitObject, ObjectKind } from "../model.ts";

/** An object that was looked up once: whole in memory, or to be taken piece by piece because it is large. */
export type OpenedObject = { readonly kind: ObjectKind; readonly size: number } & (
  | { readonly bytes: Uint8Array }
  /** A piece is valid until the next one is asked for; whether they were right is known after the last. */
  | { readonly bytes: undefined; readonly chunks: Generator<Uint8Array> }
);

export function wholeObject({ kind, bytes }: GitObject): OpenedObject {
  return { kind, size: bytes.length, bytes };
}

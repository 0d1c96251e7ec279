/** Reads the form of a schema: its keys, its items, which alternative a value was meant as. */
import type * as v from "valibot";

import { configSchema } from "./schema.ts";

export type Schema = v.GenericSchema;

type Shape = {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly wrapped?: Schema;
  readonly key?: Schema;
  readonly value?: Schema;
  readonly item?: Schema;
  readonly options?: readonly unknown[];
};

/** What a value at this place is checked with: `optional` and `nullable` taken off, of a union the meant form. */
export type Form =
  | { readonly kind: "keys"; readonly schema: Schema; readonly entries: Readonly<Record<string, Schema>> }
  | { readonly kind: "record"; readonly schema: Schema; readonly key: Schema; readonly value: Schema }
  | { readonly kind: "list"; readonly schema: Schema; readonly item: Schema }
  | { readonly kind: "leaf"; readonly schema: Schema };

/** Returns the form that a value was meant in; undefined when it is none of the alternatives. */
export function formOf(schema: Schema, value: unknown): Form | undefined {
  const shape = schema as unknown as Shape;
  if (shape.wrapped !== undefined) {
    return value === null && shape.type === "nullable"
      ? { kind: "leaf", schema }
      : formOf(shape.wrapped, value);
  }
  if (shape.type === "union") {
    const meant = alternatives(schema).find((option) => accepts(option, value));
    return meant === undefined ? undefined : formOf(meant, value);
  }
  const isLeaf = shape.entries === undefined && shape.item === undefined && shape.key === undefined;
  if (!isLeaf && !accepts(schema, value)) return undefined;
  if (shape.entries !== undefined) return { kind: "keys", schema, entries: shape.entries };
  if (shape.item !== undefined) return { kind: "list", schema, item: shape.item };
  if (shape.key !== undefined && shape.value !== undefined)
    return { kind: "record", schema, key: shape.key, value: shape.value };
  return { kind: "leaf", schema };
}

/** The alternatives of a union, `optional` and `nullable` taken off; of anything else itself. */
export function alternatives(schema: Schema): readonly Schema[] {
  const shape = schema as unknown as Shape;
  if (shape.wrapped !== undefined) return alternatives(shape.wrapped);
  return shape.type === "union" ? (shape.options as readonly Schema[]).flatMap(alternatives) : [schema];
}

/** The kind of value that a schema takes, in words: `a text`, `a list`. */
export function expectation(schema: Schema): string {
  return [
    ...new Set(alternatives(schema).map((option) => WORDS[(option as unknown as Shape).type] ?? "a value")),
  ].join(" or ");
}

const WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  picklist: "a text",
  number: "a number",
  literal: "a number",
  boolean: "true or false",
  strict_object: "a group of keys",
  record: "a group of keys",
  array: "a list",
};

function accepts(schema: Schema, value: unknown): boolean {
  const word = WORDS[(schema as unknown as Shape).type];
  return word === "a number" ? typeof value === "number" : word === wordFor(value);
}

function wordFor(value: unknown): string | undefined {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean") return "true or false";
  if (typeof value === "string") return "a text";
  return typeof value === "object" && value !== null ? "a group of keys" : undefined;
}

/** The keys that the schema knows at a place; none where the names are the person's own. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  return shapesAt(path).flatMap(({ entries }) => Object.keys(entries ?? {}));
}

/** Whether the names at a place are the person's own. */
export function takesAnyName(path: readonly PropertyKey[]): boolean {
  return shapesAt(path).some(({ key }) => key !== undefined);
}

function shapesAt(path: readonly PropertyKey[]): readonly Shape[] {
  let schemas: readonly Schema[] = [configSchema];
  for (const step of path)
    schemas = schemas.flatMap(alternatives).flatMap((schema) => stepInto(schema, step));
  return schemas.flatMap(alternatives).map((schema) => schema as unknown as Shape);
}

function stepInto(schema: Schema, step: PropertyKey): readonly Schema[] {
  const shape = schema as unknown as Shape;
  const next =
    shape.entries === undefined
      ? (shape.value ?? shape.item)
      : Object.hasOwn(shape.entries, step)
        ? shape.entries[String(step)]
        : undefined;
  return next === undefined ? [] : [next];
}

/**
 * Says what is wrong with what a person wrote. The schema library stops at the first unknown key, takes a list for a
 * group and tries a value in each form of an alternative in turn; a person wants every mistake, each in the form that
 * was meant.
 */
import * as v from "valibot";

import { nearestWord } from "../base/nearest-word.ts";
import { isSecretKey } from "./mask-secrets.ts";
import { expectation, type Form, formOf, type Schema } from "./schema-shape.ts";

export type Finding = {
  readonly path: readonly PropertyKey[];
  readonly part: "key" | "value";
  readonly message: string;
};

/** Each costs a search for its place and its nearest word; ten are shown. */
const MOST_FINDINGS = 50;

/** What one kind of file knows to say beyond its schema; each answers undefined where it has nothing to add. */
export type Advice = {
  /** What to write at a key, for who wrote something of another kind there. */
  exampleFor(path: readonly PropertyKey[], value: unknown): string | undefined;
  /** Where a key belongs that nobody knows in this group. */
  otherPlace(key: string, group: readonly PropertyKey[]): string | undefined;
};

export function schemaFindings(schema: Schema, value: unknown, advice: Advice): readonly Finding[] {
  const found: Finding[] = [];
  look({ schema, value, path: [], advice }, found);
  return found;
}

type Place = {
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
  readonly advice: Advice;
};

function look(place: Place, found: Finding[]): void {
  if (found.length >= MOST_FINDINGS) return;
  const form = formOf(place.schema, place.value);
  if (form === undefined) {
    found.push({ path: place.path, part: "value", message: wrongForm(place) });
    return;
  }
  const before = found.length;
  if (form.kind === "keys") lookIntoKeys(form, place, found);
  if (form.kind === "record") lookIntoRecord(form, place, found);
  if (form.kind === "list") lookIntoList(form, place, found);
  // What concerns a group as a whole is worth a word once its parts are right.
  if (found.length === before) found.push(...ownIssues({ ...place, schema: form.schema }, form.kind));
}

function lookIntoKeys(form: Form & { kind: "keys" }, { value, path, advice }: Place, found: Finding[]): void {
  const given = value as Readonly<Record<string, unknown>>;
  for (const [key, inner] of Object.entries(given)) {
    if (found.length >= MOST_FINDINGS) return;
    const schema = Object.hasOwn(form.entries, key) ? form.entries[key] : undefined;
    if (schema === undefined) {
      const known = Object.keys(form.entries).filter((name) => given[name] === undefined);
      found.push({
        path: [...path, key],
        part: "key",
        message: unknownKey(key, known, () => advice.otherPlace(key, path)),
      });
    } else look({ schema, value: inner, path: [...path, key], advice }, found);
  }
  for (const [key, schema] of Object.entries(form.entries)) {
    if (given[key] === undefined && (schema as { readonly type: string }).type !== "optional")
      found.push({ path, part: "key", message: `${pathText([...path, key])} is missing` });
  }
}

function lookIntoRecord(
  form: Form & { kind: "record" },
  { value, path, advice }: Place,
  found: Finding[],
): void {
  for (const [key, inner] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    if (found.length >= MOST_FINDINGS) return;
    const at = [...path, key];
    for (const issue of issuesOf(form.key, key))
      found.push({ path: at, part: "key", message: `${pathText(at)} ${issue.message}` });
    look({ schema: form.value, value: inner, path: at, advice }, found);
  }
}

function lookIntoList(form: Form & { kind: "list" }, { value, path, advice }: Place, found: Finding[]): void {
  for (const [index, inner] of (value as readonly unknown[]).entries())
    look({ schema: form.item, value: inner, path: [...path, index], advice }, found);
}

function ownIssues(place: Place, kind: Form["kind"]): readonly Finding[] {
  const findings = issuesOf(place.schema, place.value).map((issue): Finding => {
    const path = [...place.path, ...(issue.path ?? []).map((item) => item.key as PropertyKey)];
    const onKey = kind === "keys" || issue.path?.at(-1)?.origin === "key";
    return { path, part: onKey ? "key" : "value", message: wording(issue, { ...place, path }) };
  });
  return findings.filter(
    (one, index) => findings.findIndex((other) => other.message === one.message) === index,
  );
}

type Issue = v.BaseIssue<unknown>;

function issuesOf(schema: Schema, value: unknown): readonly Issue[] {
  return v.safeParse(schema, value).issues ?? [];
}

function wording(issue: Issue, { path, schema, advice }: Place): string {
  const name = pathText(path);
  if (issue.kind === "validation" || issue.type === "literal")
    // A message that quotes the value needs no name before it.
    return issue.message.startsWith('"') || /^an? /.test(issue.message)
      ? issue.message
      : `${name} ${issue.message}`;
  if (issue.type === "picklist" && typeof issue.input === "string") return choice(issue, issue.input, path);
  const expected = issue.message.startsWith("Invalid ") ? undefined : issue.message;
  const example = advice.exampleFor(path, issue.input);
  return `${name} must be ${expected ?? expectation(schema)}, not ${received(issue.input, path)}${example === undefined ? "" : `; ${example}`}`;
}

function wrongForm({ schema, value, path, advice }: Place): string {
  const example = advice.exampleFor(path, value);
  return `${pathText(path)} must be ${expectation(schema)}, not ${received(value, path)}${example === undefined ? "" : `; ${example}`}`;
}

/** In characters; a longer word is no slip of the hand, and the search for it would take long. */
const LONGEST_SLIP = 100;

function unknownKey(key: string, known: readonly string[], elsewhere: () => string | undefined): string {
  const nearest = key.length > LONGEST_SLIP ? undefined : nearestWord(key, known);
  const hint = nearest === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${nearest}\`?`;
  return `unknown key \`${key}\`; ${nearest === undefined ? (elsewhere() ?? hint) : hint}`;
}

function choice(issue: Issue, input: string, path: readonly PropertyKey[]): string {
  const options = (issue.expected ?? "").split(" | ").map((option) => option.replaceAll(/["()]/g, ""));
  const nearest = input.length > LONGEST_SLIP ? undefined : nearestWord(input, options);
  const hint = nearest === undefined ? `one of ${options.join(", ")}` : `did you mean \`${nearest}\`?`;
  return `${pathText(path)} can not be ${received(input, path)}; ${hint}`;
}

function received(value: unknown, path: readonly PropertyKey[]): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a group of keys";
  if (path.some((key) => isSecretKey(String(key)))) return "what stands there";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(value);
}

/** `sources.notes.conflicts."*.md"`, as `config get` and `config set` take it. */
export function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the config";
  return `\`${path.map((key) => (/[."\s]/.test(String(key)) ? `"${String(key)}"` : String(key))).join(".")}\``;
}

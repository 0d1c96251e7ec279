/** The small values that occur all over the config. */
import * as v from "valibot";

import { parseByteSize } from "../base/byte-size.ts";
import { parseDuration } from "../base/duration.ts";
import { folderProblem, remoteProblem } from "./remote-text.ts";

/** PATH_MAX of Linux; no other text of the config needs more. */
const LONGEST_TEXT = 4096;

export const text = v.pipe(
  v.string(),
  v.nonEmpty("must not be empty"),
  v.maxLength(LONGEST_TEXT, `is longer than ${LONGEST_TEXT} characters`),
);

/** @param expected what belongs here, for who writes something else than a text */
export function shortText(expected: string) {
  return v.pipe(v.string(expected), v.maxLength(LONGEST_TEXT, `is longer than ${LONGEST_TEXT} characters`));
}

export function described<const S extends v.GenericSchema>(schema: S, sentence: string) {
  return v.pipe(schema, v.description(sentence));
}

/** A group may be left empty (`when:`), as people do while they write. */
export function group<const E extends v.ObjectEntries>(entries: E) {
  return v.nullable(v.strictObject(entries));
}

export function flag(sentence: string) {
  return described(v.boolean(), sentence);
}

/** @param range lowest and highest value, both allowed */
export function wholeNumber([low, high]: readonly [number, number], sentence: string) {
  const message = `must be a whole number from ${low} to ${high}`;
  return described(
    v.pipe(v.number(), v.integer(message), v.minValue(low, message), v.maxValue(high, message)),
    sentence,
  );
}

/** One text or several. */
export function texts(sentence: string) {
  return described(v.union([text, v.array(text)]), sentence);
}

export const duration = v.pipe(
  v.string('a duration such as "5m"'),
  v.check((value) => parseDuration(value) !== undefined, 'is no duration such as "30s", "5m" or "1h30m"'),
);

export const byteRate = v.pipe(
  v.string('a rate such as "1MB/s"'),
  v.check((value) => parseByteRate(value) !== undefined, 'is no rate such as "1MB/s" or "500 KB/s"'),
  v.check(
    (value) => parseByteRate(value) !== 0,
    "is 0, which would stop every sync; leave it out for no limit",
  ),
);

/** Returns bytes per second, or undefined when the text is no rate. */
export function parseByteRate(value: string): number | undefined {
  return parseByteSize(value.replace(/\/s$/i, ""));
}

export const remoteUrl = v.pipe(text, problemCheck(remoteProblem));
export const folder = v.pipe(text, problemCheck(folderProblem));
export const webUrl = v.pipe(text, v.regex(/^https?:\/\/[^/?#\s]/i, "is no http:// or https:// URL"));
export const secretFile = v.pipe(folder, v.description("A file that holds the secret, mode 0600"));

export const variableName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/, "is no name of an environment variable"),
);

/** What may name a remote: it becomes a part of ref names. */
const REMOTE_NAME = /^[A-Za-z0-9_](?!.*\.\.)(?!.*\.lock$)(?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/;

export const remoteName = v.pipe(
  v.string(),
  v.regex(REMOTE_NAME, "is no name for a remote: letters, digits, `.`, `_` and `-`, at most 64"),
);

export const strategy = v.picklist(["keep-both", "newest", "ours", "theirs", "union", "manual"]);

const PLACEHOLDERS = ["date", "device", "summary", "changes", "files"];

export const messageTemplate = v.pipe(
  text,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [, name = ""] of dataset.value.matchAll(/\{(\w+)\}/g)) {
      if (!PLACEHOLDERS.includes(name))
        addIssue({
          message: `has the unknown placeholder {${name}}; there are {${PLACEHOLDERS.join("} {")}}`,
        });
    }
  }),
  v.description(`Commit message; placeholders {${PLACEHOLDERS.join("} {")}}`),
);

/** A check whose message says what is wrong with this very value. */
export function problemCheck(find: (value: string) => string | undefined) {
  return v.rawCheck<string>(({ dataset, addIssue }) => {
    // Of what is too long already its length is the mistake.
    if (!dataset.typed || dataset.value.length > LONGEST_TEXT) return;
    const problem = find(dataset.value);
    if (problem !== undefined) addIssue({ message: problem });
  });
}

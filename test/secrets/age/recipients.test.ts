/** The list of recipients in a repository: what goes in comes out, git can merge it, and a stranger's version is refused. */
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { generateKeyPair } from "../../../src/secrets/age/keys.ts";
import type { RecipientList } from "../../../src/secrets/age/recipient.ts";
import { recipientFunctions } from "../../../src/secrets/age/recipients.ts";
import { seededRandom } from "../../helpers/random.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

const { parse, format, add, remove } = recipientFunctions;
const keys = (await Promise.all(Array.from({ length: 8 }, generateKeyPair))).map(({ key }) => key).sort();
const AT = Date.parse("2026-03-02T23:59:00Z");
const EMPTY: RecipientList = { recipients: [], removed: [], extra: {} };

const key = (index: number): string => keys[index] ?? "";
const device = (index: number) =>
  ({ key: key(index), name: `device ${index}`, kind: "device", addedAt: AT }) as const;

function listOf(...indexes: readonly number[]): RecipientList {
  return indexes.reduce((list, index) => add(list, device(index)), EMPTY);
}
const keysOf = ({ recipients }: RecipientList): readonly string[] => recipients.map((one) => one.key);

test("a list is written a line a recipient, sorted by key, and reads the same", () => {
  const list = add(listOf(2, 0), { key: key(1), name: "Ådas “key”", kind: "recovery", addedAt: AT });
  const text = format(list);
  expect(text).toBe(
    [
      "[",
      `{"key":"${key(0)}","name":"device 0","kind":"device","added":"2026-03-02"},`,
      `{"key":"${key(1)}","name":"Ådas “key”","kind":"recovery","added":"2026-03-02"},`,
      `{"key":"${key(2)}","name":"device 2","kind":"device","added":"2026-03-02"},`,
      `{"version":1}`,
      "]",
      "",
    ].join("\n"),
  );
  expect(parse(text)).toEqual(list);
  expect(format(parse(text))).toBe(text);
});

test("no file and an empty one are an empty list", () => {
  expect(parse("")).toEqual(EMPTY);
  expect(parse(format(EMPTY))).toEqual(EMPTY);
});

test("what a newer lull has written beside stays where it is", () => {
  const text = format(listOf(0, 1))
    .replace(`"added":"2026-03-02"}`, `"added":"2026-03-02","groups":["work"],"n":{"a":1}}`)
    .replace(`{"version":1}`, `{"version":1,"hint":"x"}`);
  expect(format(add(parse(text), device(2)))).toContain(`"groups":["work"],"n":{"a":1}},`);
  expect(format(remove(parse(text), key(1), AT))).toContain(`{"version":1,"hint":"x"}`);
  expect(format(parse(text))).toBe(text);
});

test("adding a key again changes nothing, removing one that is not there is said", () => {
  const list = listOf(0, 1);
  expect(add(list, { ...device(0), name: "another" })).toBe(list);
  expect(keysOf(remove(list, key(0), AT))).toEqual([key(1)]);
  expect(thrown(() => remove(list, key(5), AT))).toMatchObject({ kind: "usage", code: "UNKNOWN_RECIPIENT" });
});

test("what can not stand in the list is not added", async () => {
  const { secret } = await generateKeyPair();
  for (const wrong of [
    { key: "age1nonsense" },
    { key: secret },
    { name: "" },
    { name: "a\nb" },
    { name: "x".repeat(101) },
  ]) {
    const error = thrown(() => add(EMPTY, { ...device(0), ...wrong }));
    expect(error).toMatchObject({ kind: "usage", code: "BAD_RECIPIENT" });
    expect(error.message).not.toContain(secret.slice(16, 40));
  }
});

/** What somebody who may push could put there. */
function entry(changes: Readonly<Record<string, unknown>>): string {
  const fields = { key: key(0), name: "n", kind: "device", added: "2026-03-02", ...changes };
  return `[\n${JSON.stringify(fields)},\n{"version":1}\n]`;
}

const HOSTILE: readonly (readonly [what: string, text: string, words: string])[] = [
  ["no JSON", "{", "no JSON"],
  [
    "a conflict",
    `[\n<<<<<<< ours\n{},\n=======\n>>>>>>> theirs\n{"version":1}\n]`,
    "a conflict stands in it",
  ],
  ["no list", `{"version":1}`, "no list"],
  ["no version", "[]", "does not say the version"],
  ["a newer version", `[{"version":2}]`, "version 2"],
  ["an odd version", `[{"version":{"a":1}}]`, "version"],
  ["a recipient that is text", `["age1",{"version":1}]`, "recipient 1 is no object"],
  ["a recipient that is null", `[null,{"version":1}]`, "recipient 1 is no object"],
  ["a key with a wrong character", entry({ key: `${key(0).slice(0, -1)}b` }), "recipient 1"],
  ["a key in capitals", entry({ key: key(0).toUpperCase() }), "recipient 1"],
  ["a key that is a number", entry({ key: 7 }), "recipient 1"],
  ["no key", entry({ key: undefined }), "recipient 1"],
  ["a name of two lines", entry({ name: "a\nb" }), "`name` of recipient 1"],
  ["a name that turns the terminal", entry({ name: "\u001b[2Ja" }), "`name` of recipient 1"],
  ["a name that runs backwards", entry({ name: "a\u202eb" }), "`name` of recipient 1"],
  ["a name without end", entry({ name: "x".repeat(1000) }), "`name` of recipient 1"],
  ["an unknown kind", entry({ kind: "admin" }), "`kind` of recipient 1"],
  ["a date that is none", entry({ added: "2026-13-77" }), "`added` of recipient 1"],
  ["a date with more behind it", entry({ added: "2026-03-02\nx" }), "`added` of recipient 1"],
  ["a day of removal that is none", entry({ removed: true }), "`removed` of recipient 1"],
  ["too many", `[${"{},".repeat(501)}{"version":1}]`, "501 recipients"],
  ["too long", " ".repeat(600_000) + "[]", "characters"],
  ["levels without end", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "deeper than 10 levels"],
  [
    "levels without end beside a name",
    entry({}).replace(`"name":"n"`, `"name":"n","x":${"[".repeat(100_000)}${"]".repeat(100_000)}`),
    "deeper than 10 levels",
  ],
];

describe("a list is refused that has", () => {
  test.each(HOSTILE)("%s", (_, text, words) => {
    const error = thrown(() => parse(text));
    expect(error).toMatchObject({ kind: "unsafe", code: "BAD_RECIPIENTS_FILE" });
    expect(error.message).toContain(words);
  });

  test("a secret key, which is not repeated", async () => {
    const { secret } = await generateKeyPair();
    const error = thrown(() => parse(entry({ key: secret })));
    expect(error.message).toContain("secret key");
    expect(JSON.stringify([error.message, error.causes, error.hint, error.data])).not.toContain(
      secret.slice(16, 40),
    );
  });

  test("any change of a byte, unless it is a valid list all the same", () => {
    const random = seededRandom(11);
    const text = format(listOf(0, 1, 2));
    for (let count = 0; count < 500; count++) {
      const at = random.below(text.length);
      const changed = text.slice(0, at) + String.fromCharCode(random.below(128)) + text.slice(at + 1);
      try {
        for (const one of parse(changed).recipients) expect(keys).toContain(one.key);
      } catch (error) {
        expect(error).toMatchObject({ code: "BAD_RECIPIENTS_FILE" });
      }
    }
  });
});

test("a key that git took from both sides counts once, as it was first", () => {
  const [line] = format(listOf(0)).split("\n").slice(1);
  const older = (line ?? "").replace("2026-03-02", "2026-01-01").replace("device 0", "older");
  for (const lines of [
    [line, older],
    [older, line],
  ]) {
    const { recipients } = parse(`[\n${lines.join("\n")}\n{"version":1}\n]`);
    expect(recipients).toMatchObject([{ key: key(0), name: "older", added: "2026-01-01" }]);
  }
});

test("the names of what every object has are names like others", () => {
  const text = entry({}).replace(`"name":"n"`, `"name":"n","__proto__":{"kind":"recovery"},"constructor":1`);
  const list = parse(text);
  expect(list.recipients[0]?.kind).toBe("device");
  expect(format(list)).toContain(`"__proto__":{"kind":"recovery"},"constructor":1`);
});

test("one that was taken off stays off, whatever a merge puts beside it", () => {
  const before = listOf(0, 1, 2);
  const after = remove(before, key(1), AT);
  expect(parse(format(after))).toEqual(after);
  expect(format(after)).toContain(
    `{"key":"${key(1)}","name":"device 1","kind":"device","added":"2026-03-02","removed":"2026-03-02"},`,
  );
  const lines = (list: RecipientList): readonly string[] => format(list).split("\n").slice(1, -3);
  for (const both of [
    [...lines(before), ...lines(after)],
    [...lines(after), ...lines(before)],
  ]) {
    const list = parse(`[\n${both.join("\n")}\n{"version":1}\n]`);
    expect([keysOf(list), list.removed.map((one) => one.key)]).toEqual([[key(0), key(2)], [key(1)]]);
  }
});

test("one that was taken off can be added again, also beside a line of before", () => {
  const gone = remove(listOf(0, 1), key(1), AT);
  const again = add(gone, { ...device(1), addedAt: AT + 2 * 86_400_000 });
  expect([keysOf(again), again.removed]).toEqual([[key(0), key(1)], []]);
  const lines = [gone, again].flatMap((list) => format(list).split("\n").slice(1, -3));
  expect(keysOf(parse(`[\n${lines.join("\n")}\n{"version":1}\n]`))).toEqual([key(0), key(1)]);
});

test("git merges what two devices have added at different places, the last line included", () => {
  const directory = temporaryDirectory();
  const file = (name: string, list: RecipientList): string => {
    writeFileSync(join(directory, name), format(list));
    return name;
  };
  const args = [
    file("ours", listOf(1, 3, 5, 7)),
    file("base", listOf(1, 3, 5)),
    file("theirs", listOf(1, 2, 3, 5)),
  ];
  const text = git(directory, "merge-file", "-p", ...args);
  expect(keysOf(parse(text))).toEqual([1, 2, 3, 5, 7].map(key));
});

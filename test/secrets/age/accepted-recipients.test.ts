/** What this device has accepted, beside the list that anybody who may push can write. */
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { acceptedRecipients } from "../../../src/secrets/age/accepted-recipients.ts";
import { generateKeyPair } from "../../../src/secrets/age/keys.ts";
import { assertPrivate } from "../../../src/platform/private-files.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

const [laptop, desktop, intruder] = (
  await Promise.all([generateKeyPair(), generateKeyPair(), generateKeyPair()])
).map(({ key }) => key) as [string, string, string];

const accepted = (key: string) => ({ key, name: "x", kind: "device", acceptedAt: 1 }) as const;
const listed = (key: string) => ({ key, name: "x", kind: "device", added: "2026-03-02", extra: {} }) as const;

function store() {
  const directory = join(temporaryDirectory(), "accepted");
  const check = { system: "linux", userId: process.getuid?.() } as const;
  const list = acceptedRecipients(directory, (path) => assertPrivate(path, "the accepted recipients", check));
  const file = (): string => join(directory, readdirSync(directory)[0] ?? "");
  return { list, directory, file };
}

test("each source has its own, in a file that only the user can read", () => {
  const { list, directory, file } = store();
  expect(list.read("notes")).toEqual([]);
  list.write("notes", [accepted(laptop), accepted(desktop)]);
  list.write("Notes", [accepted(intruder)]);
  expect(list.read("notes")).toEqual([laptop, desktop].sort().map(accepted));
  expect(list.read("Notes")).toEqual([accepted(intruder)]);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  list.write("notes", [accepted(laptop)]);
  expect(list.read("notes")).toEqual([accepted(laptop)]);
  list.forget("notes");
  list.forget("notes");
  expect(list.read("notes")).toEqual([]);
  expect(list.read("Notes")).toHaveLength(1);
});

test("nothing is used that was not accepted, and what has gone from the list is told", () => {
  const { list } = store();
  const { use, waiting, removed } = list.compare(
    [listed(laptop), listed(intruder)],
    [accepted(laptop), accepted(desktop)],
  );
  expect(use.map(({ key }) => key)).toEqual([laptop]);
  expect(waiting.map(({ key }) => key)).toEqual([intruder]);
  expect(removed.map(({ key }) => key)).toEqual([desktop]);
  expect(list.compare([listed(laptop)], []).use).toEqual([]);
});

test("a file that makes no sense, or is another source's, is not taken for an empty one", () => {
  const { list, file } = store();
  list.write("notes", [accepted(laptop)]);
  const good = readFileSync(file(), "utf8");
  for (const text of [
    "",
    "[]",
    good.slice(0, 40),
    good.replace(`"version": 1`, `"version": 2`),
    good.replace(`"notes"`, `"work"`),
    good.replace(laptop, "age1nonsense"),
    good.replace(`"device"`, `"admin"`),
    good.replace(`"acceptedAt": 1`, `"acceptedAt": "1"`),
  ]) {
    writeFileSync(file(), text);
    expect(thrown(() => list.read("notes"))).toMatchObject({
      kind: "config",
      code: "ACCEPTED_RECIPIENTS_UNREADABLE",
    });
  }
});

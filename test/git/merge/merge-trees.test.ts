import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { mergeCommits } from "../../../src/git/merge/merge-commits.ts";
import type { ConflictResolver } from "../../../src/git/merge/merge-result.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { seeded } from "../history/random-history.ts";
import { type Files, filesOf, keepBoth, type Merged, mergeFiles } from "./merge-repository.ts";
import { overlayBatch } from "./overlay-batch.ts";
import { commitAll, type CommitPlan, randomEdits, type RandomTree, randomTree } from "./random-tree.ts";

const text = (...lines: readonly (string | number)[]): string => lines.map((line) => `${line}\n`).join("");
const body = text(1, 2, 3, 4, 5, 6, 7, 8);
const head = text("head", 2, 3, 4, 5, 6, 7, 8);
const tail = text(1, 2, 3, 4, 5, 6, 7, "tail");
const both = text("head", 2, 3, 4, 5, 6, 7, "tail");
const other = text("something", "else", "altogether");

const OURS: ConflictResolver = () => ({ keep: "ours" });
const THEIRS: ConflictResolver = () => ({ keep: "theirs" });

/** The conflicts as short lines: path, reason, what was kept and where the copy is. */
function conflicts(merged: Merged): string[] {
  return merged.conflicts.map(({ path, reason, kept, copy }) =>
    [path, reason, kept, copy].filter(Boolean).join(" "),
  );
}

describe("a merge without conflict", () => {
  const clean: readonly (readonly [string, Files, Files, Files, Files])[] = [
    [
      "takes what one side changed",
      { a: body, b: body, c: body },
      { a: head, b: body, c: body },
      { a: body, b: body, c: tail },
      { a: head, b: body, c: tail },
    ],
    [
      "takes the same change of both sides once",
      { a: body, b: "x" },
      { a: head, n: "new" },
      { a: head, n: "new" },
      { a: head, n: "new" },
    ],
    [
      "merges lines of a file that both changed",
      { "d/a": body },
      { "d/a": head },
      { "d/a": tail },
      { "d/a": both },
    ],
    [
      "keeps an executable bit of one side with the content of the other",
      { a: body },
      { a: `100755 ${body}` },
      { a: tail },
      { a: `100755 ${tail}` },
    ],
    [
      "keeps an executable bit with lines of both sides",
      { a: body },
      { a: `100755 ${head}` },
      { a: tail },
      { a: `100755 ${both}` },
    ],
    [
      "drops a folder whose last file goes",
      { "d/e/a": body, b: body },
      { b: body },
      { "d/e/a": body, b: tail },
      { b: tail },
    ],
    [
      "lets a folder take the place of a file",
      { a: body, b: body },
      { "a/x": other, b: body },
      { a: body, b: tail },
      { "a/x": other, b: tail },
    ],
    [
      "lets a file take the place of a folder",
      { "a/x": other, b: body },
      { a: body, b: body },
      { "a/x": other, b: tail },
      { a: body, b: tail },
    ],
    [
      "lets a symlink take the place of a file",
      { a: body, b: body },
      { a: "120000 b", b: body },
      { a: body, b: tail },
      { a: "120000 b", b: tail },
    ],
    [
      "moves a submodule on",
      { s: `160000 ${"1".repeat(40)}`, b: body },
      { s: `160000 ${"1".repeat(40)}`, b: tail },
      { s: `160000 ${"2".repeat(40)}`, b: body },
      { s: `160000 ${"2".repeat(40)}`, b: tail },
    ],
    ["empties a tree that both sides emptied", { a: body, b: body }, { b: body }, { a: body }, {}],
    [
      "follows a renamed file with the other side's edit",
      { a: body },
      { "d/b": body },
      { a: tail },
      { "d/b": tail },
    ],
    [
      "follows a renamed and edited file with the other side's edit",
      { a: body },
      { b: head },
      { a: tail },
      { b: both },
    ],
    ["follows a rename that their side made", { a: body }, { a: head }, { b: tail }, { b: both }],
    ["follows a rename that both sides made", { a: body }, { b: head }, { b: tail }, { b: both }],
    [
      "follows a renamed symlink",
      { a: "120000 x", b: body },
      { c: "120000 x", b: body },
      { a: "120000 y", b: body },
      { c: "120000 y", b: body },
    ],
    [
      "follows a file into a folder of its own name",
      { a: body },
      { "a/a": body },
      { a: tail },
      { "a/a": tail },
    ],
    [
      "does not take empty files for renames",
      { a: "", z: body },
      { b: "", z: body },
      { a: "", z: tail },
      { b: "", z: tail },
    ],
  ];
  test.each(clean)("%s", (_name, ...[base, ours, theirs, expected]) => {
    const merged = mergeFiles(base, ours, theirs);
    expect(conflicts(merged)).toEqual([]);
    expect(merged.files).toEqual(expected);
  });
});

describe("a conflict", () => {
  test("of content keeps both versions, and the clean change of the mode with the path", () => {
    const merged = mergeFiles(
      { a: body, z: body },
      { a: `100755 ${text("x")}`, z: head },
      { a: text("y"), z: tail },
    );
    expect(conflicts(merged)).toEqual(["a content both a.copy"]);
    expect(merged.files).toEqual({ a: `100755 ${text("y")}`, "a.copy": `100755 ${text("x")}`, z: both });
  });

  test("names the versions of all three sides", () => {
    const merged = mergeFiles({ a: body }, { a: text("x") }, { a: text("y") });
    const content = (version: { readonly oid: string } | undefined): string =>
      Buffer.from(merged.batch.read(version?.oid ?? "").bytes).toString();
    const [conflict] = merged.conflicts;
    expect([conflict?.base, conflict?.ours, conflict?.theirs].map(content)).toEqual([
      body,
      text("x"),
      text("y"),
    ]);
  });

  test("goes to the side that the resolver names", () => {
    const sides = [{ a: body }, { a: text("x") }, { a: text("y") }] as const;
    expect(mergeFiles(...sides, { resolve: OURS }).files).toEqual({ a: text("x") });
    expect(mergeFiles(...sides, { resolve: THEIRS }).files).toEqual({ a: text("y") });
    expect(conflicts(mergeFiles(...sides, { resolve: OURS }))).toEqual(["a content ours"]);
  });

  test("of a removed and a changed file leaves the changed one to the resolver", () => {
    const sides = [{ a: body, b: body }, { b: tail }, { a: tail, b: body }] as const;
    expect(conflicts(mergeFiles(...sides))).toEqual(["a modify-delete theirs"]);
    expect(mergeFiles(...sides).files).toEqual({ a: tail, b: tail });
    expect(mergeFiles(...sides, { resolve: OURS }).files).toEqual({ b: tail });
    const aside: ConflictResolver = () => ({ keep: "ours", copyOtherTo: "removed/a" });
    expect(mergeFiles(...sides, { resolve: aside }).files).toEqual({ "removed/a": tail, b: tail });
  });

  test("of two added files keeps both, as does one of their modes alone", () => {
    const merged = mergeFiles(
      { z: body },
      { z: body, a: other, b: other },
      { z: body, a: body, b: `100755 ${other}` },
    );
    expect(conflicts(merged)).toEqual(["a add-add both a.copy", "b add-add both b.copy"]);
    expect(merged.files).toEqual({
      z: body,
      a: body,
      "a.copy": other,
      b: `100755 ${other}`,
      "b.copy": other,
    });
  });

  test("of binary files and of symlinks never mixes them", () => {
    const merged = mergeFiles(
      { a: "0\0\n1\n2\n3\n", l: "120000 x" },
      { a: "x\0\n1\n2\n3\n", l: "120000 y" },
      { a: "0\0\n1\n2\ny\n", l: "120000 z" },
    );
    expect(conflicts(merged)).toEqual(["a content both a.copy", "l content both l.copy"]);
    expect(merged.files).toEqual({
      a: "0\0\n1\n2\ny\n",
      "a.copy": "x\0\n1\n2\n3\n",
      l: "120000 z",
      "l.copy": "120000 y",
    });
  });

  test("of a file and a symlink keeps both, whoever made it one", () => {
    const merged = mergeFiles({ a: body }, { a: "120000 x" }, { a: tail });
    expect(conflicts(merged)).toEqual(["a type both a.copy"]);
    expect(merged.files).toEqual({ a: tail, "a.copy": "120000 x" });
  });

  test("of two files that both replace a symlink keeps both", () => {
    const merged = mergeFiles({ a: "120000 x", z: body }, { a: body, z: body }, { a: other, z: body });
    expect(conflicts(merged)).toEqual(["a content both a.copy"]);
    expect(merged.files).toEqual({ a: other, "a.copy": body, z: body });
    const modes = mergeFiles({ a: "120000 x" }, { a: body }, { a: `100755 ${body}` });
    expect(conflicts(modes)).toEqual(["a type both a.copy"]);
  });

  test("of submodules keeps ours, and only a file beside it gets a copy", () => {
    const [one, two, three] = ["1", "2", "3"].map((digit) => `160000 ${digit.repeat(40)}`) as [
      string,
      string,
      string,
    ];
    const merged = mergeFiles(
      { s: one, t: one, u: body },
      { s: two, t: two, u: tail },
      { s: three, t: body, u: two },
    );
    expect(conflicts(merged)).toEqual(["s content ours", "t type both t.copy", "u type ours"]);
    expect(merged.files).toEqual({ s: two, t: two, "t.copy": body, u: tail });
    const removed = mergeFiles({ s: one }, {}, { s: two, a: body }, { resolve: keepBoth });
    expect(removed.files).toEqual({ s: two, a: body });
  });
});

describe("a file against a folder", () => {
  const sides = [{ z: body }, { z: body, p: other }, { z: body, "p/x": tail }] as const;

  test("leaves the folder and moves the file aside", () => {
    const merged = mergeFiles(...sides);
    expect(conflicts(merged)).toEqual(["p type both p.copy"]);
    expect(merged.files).toEqual({ z: body, "p/x": tail, "p.copy": other });
    expect(merged.conflicts[0]?.theirs?.mode).toBe(0o040000);
  });

  test("moves the file aside even if its side shall keep the path, as the folder is more than one file", () => {
    const merged = mergeFiles(...sides, { resolve: OURS });
    expect(conflicts(merged)).toEqual(["p type both p-2"]);
    expect(merged.files).toEqual({ z: body, "p/x": tail, "p-2": other });
  });

  test("drops the file only if the folder's side is chosen without a copy", () => {
    const merged = mergeFiles(...sides, { resolve: THEIRS });
    expect(conflicts(merged)).toEqual(["p type theirs"]);
    expect(merged.files).toEqual({ z: body, "p/x": tail });
  });

  test("is one conflict when the file was changed on one side and became a folder on the other", () => {
    const merged = mergeFiles(
      { p: body, z: body },
      { p: tail, z: body },
      { "p/x": other, "p/y": body.slice(4), z: body },
      {},
    );
    expect(merged.conflicts.filter(({ path }) => path === "p").length).toBeLessThanOrEqual(1);
    expect(Object.values(merged.files).some((content) => content.includes("tail"))).toBe(true);
  });

  test("is found where a folder's file was changed and the folder became a file", () => {
    const merged = mergeFiles({ "p/x": body, z: body }, { "p/x": tail, z: body }, { p: other, z: body });
    expect(conflicts(merged)).toEqual(["p type both p.copy", "p/x modify-delete ours"]);
    expect(merged.files).toEqual({ "p/x": tail, "p.copy": other, z: body });
  });
});

describe("a rename", () => {
  test("to two names keeps both files, each with its side's content", () => {
    const merged = mergeFiles({ a: body }, { b: head }, { c: tail });
    expect(conflicts(merged)).toEqual(["b rename both c"]);
    expect(merged.files).toEqual({ b: head, c: tail });
  });

  test("to two names, one of which is a folder on the other side, still names where each file is", () => {
    const sides = [
      { a: body, z: other },
      { b: head, "c/x": other, z: other },
      { c: tail, z: other },
    ] as const;
    const copyOtherTo = "aside";
    const merged = mergeFiles(...sides, { resolve: () => ({ keep: "ours", copyOtherTo }) });
    expect(conflicts(merged)).toEqual(["b rename both aside", "c type both aside"]);
    expect(merged.files).toEqual({ b: head, "c/x": other, aside: tail, z: other });
  });

  test("to two names goes to the name that the resolver chooses", () => {
    const sides = [
      { a: body, z: other },
      { b: head, z: other },
      { c: tail, z: other },
    ] as const;
    expect(mergeFiles(...sides, { resolve: OURS }).files).toEqual({ b: head, z: other });
    expect(mergeFiles(...sides, { resolve: THEIRS }).files).toEqual({ c: tail, z: other });
    expect(conflicts(mergeFiles(...sides, { resolve: THEIRS }))).toEqual(["c rename theirs"]);
  });

  test("of a file that the other side removed is a conflict at the new name", () => {
    const merged = mergeFiles({ a: body, z: other }, { b: body, z: other }, { z: other });
    expect(conflicts(merged)).toEqual(["b modify-delete ours"]);
    expect(merged.files).toEqual({ b: body, z: other });
  });

  test("of a file that became a symlink on the other side keeps file and symlink", () => {
    const merged = mergeFiles({ a: body }, { b: body }, { a: "120000 x" });
    expect(conflicts(merged)).toEqual(["b modify-delete ours"]);
    expect(merged.files).toEqual({ a: "120000 x", b: body });
  });

  test("onto a file that the other side added takes the edit along, then keeps both files", () => {
    const merged = mergeFiles({ a: body }, { b: head }, { a: tail, b: other });
    expect(conflicts(merged)).toEqual(["b add-add both b.copy"]);
    expect(merged.files).toEqual({ b: other, "b.copy": both });
  });

  test("onto such a file is not followed when the edit does not merge: everything stays in reach", () => {
    const changed = text("theirs", 2, 3, 4, 5, 6, 7, 8);
    const merged = mergeFiles({ a: body }, { b: head }, { a: changed, b: other });
    expect(conflicts(merged)).toEqual(["a modify-delete theirs", "b add-add both b.copy"]);
    expect(merged.files).toEqual({ a: changed, b: other, "b.copy": head });
  });

  test("to a file that the other side has alike takes along the other side's edit of the old file", () => {
    const merged = mergeFiles({ a: body }, { b: body }, { a: tail, b: body });
    expect(conflicts(merged)).toEqual([]);
    expect(merged.files).toEqual({ b: tail });
    // Git loses the edit when it is ours.
    expect(mergeFiles({ a: body }, { a: tail, b: body }, { b: body }).files).toEqual({ b: tail });
  });

  test("of two files to one name keeps both files with their edits", () => {
    const second = text("a", "b", "c", "d", "e", "f");
    const merged = mergeFiles({ a: body, b: second }, { c: body, b: second }, { a: tail, c: second });
    expect(conflicts(merged)).toEqual(["c add-add both c.copy"]);
    expect(merged.files).toEqual({ c: second, "c.copy": tail });
  });

  test("of a file that was removed here onto a file that was added there is that collision", () => {
    const merged = mergeFiles({ a: body, z: other }, { b: body, z: other }, { b: other.repeat(2), z: other });
    expect(conflicts(merged)).toEqual(["b add-add both b.copy"]);
    expect(merged.files).toEqual({ b: other.repeat(2), "b.copy": body, z: other });
  });
});

describe("the name of a copy", () => {
  const clash = (files: Files, wanted: string): Files =>
    mergeFiles(
      { "d/a.md": body, ...files },
      { "d/a.md": "x\n", ...files },
      { "d/a.md": "y\n", ...files },
      { resolve: () => ({ keep: "theirs", copyOtherTo: wanted }) },
    ).files;

  test("gets a number when a file or folder has it", () => {
    expect(clash({ "d/c.md": "1", "d/c-2.md/x": "2" }, "d/c.md")["d/c-3.md"]).toBe("x\n");
    expect(clash({ "d/.c": "1" }, "d/.c")["d/.c-2"]).toBe("x\n");
  });

  test("gets a number when the merge itself uses it", () => {
    const merged = mergeFiles(
      { a: body, b: body },
      { a: "x\n", b: "1\n" },
      { a: "y\n", b: "2\n" },
      { resolve: () => ({ keep: "ours", copyOtherTo: "copy" }) },
    );
    expect(merged.files).toEqual({ a: "x\n", copy: "y\n", b: "1\n", "copy-2": "2\n" });
  });

  test("stays in the folder of the file when a file stands where its own folder must be", () => {
    expect(clash({ taken: "1" }, "taken/c.md")["d/c.md"]).toBe("x\n");
    expect(clash({}, "free/folder/c.md")["free/folder/c.md"]).toBe("x\n");
  });
});

describe("100 random merges with copies at random places", () => {
  const places = ["a", "src/core/x", "docs/one.txt/y", "b/z", "a/b"];
  const plans: CommitPlan[] = [];
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed * 31);
    const base = randomTree(random);
    const first = plans.push({ tree: base, parents: [] }) - 1;
    const edit = (): RandomTree => randomEdits(randomEdits(base, random), random);
    plans.push({ tree: edit(), parents: [first] }, { tree: edit(), parents: [first] });
  }

  test("put every copy where the result says", () => {
    const { directory, commits } = commitAll(plans);
    const store = openObjectStore(join(directory, ".git"));
    let copies = 0;
    for (let first = 0; first < commits.length; first += 3) {
      const random = seeded(first);
      const batch = overlayBatch(store);
      const resolve: ConflictResolver = () => ({
        keep: random(2) === 0 ? "ours" : "theirs",
        copyOtherTo: places[random(places.length)] ?? "a",
      });
      const [ours = "", theirs = ""] = commits.slice(first + 1);
      const merged = mergeCommits({ reader: store, batch, ours, theirs, resolve });
      const files = filesOf(batch, merged.tree);
      for (const { copy, kept } of merged.conflicts) {
        expect(kept === "both").toBe(copy !== undefined);
        if (copy === undefined) continue;
        copies++;
        expect(Object.keys(files)).toContain(copy);
      }
    }
    store.close();
    expect(copies).toBeGreaterThan(50);
  });
});

test("a merge driver is asked for by path", () => {
  const merged = mergeFiles(
    { "list.txt": "", "a.txt": "", keep: body, blob: body },
    { "list.txt": "1\n", "a.txt": "1\n", keep: head, blob: head },
    { "list.txt": "2\n", "a.txt": "2\n", keep: tail, blob: tail },
    { driverFor: (path) => ({ "list.txt": "union", keep: "ours", blob: "binary" } as const)[path] ?? "text" },
  );
  expect(conflicts(merged)).toEqual(["a.txt content both a.txt.copy", "blob content both blob.copy"]);
  expect(merged.files["list.txt"]).toBe("1\n2\n");
  expect(merged.files["keep"]).toBe(head);
});

test("paths that are no UTF-8 and names that sort apart as file and folder come through", () => {
  const merged = mergeFiles(
    { "\xff/a": body, "a-b": "1" },
    { "\xff/a": head, "a-b": "1", "a/x": "2" },
    { "\xff/a": tail, "a-b": "3", "a.c": "4" },
  );
  expect(merged.files).toEqual({ "\xff/a": both, "a-b": "3", "a/x": "2", "a.c": "4" });
});

import { describe, expect, test } from "bun:test";

import { checkTreeNames, isWritableName } from "../../../src/git/checkout/tree-names.ts";
import { MODE } from "../../../src/git/model.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

const POSIX = { windows: false, ignoreCase: false };
const WINDOWS = { windows: true, ignoreCase: false };

/** With both protections on, as lull always has them. */
const PROTECTED = ["-c", "core.protectHFS=true", "-c", "core.protectNTFS=true"];

describe("a name in a tree", () => {
  test("may be written exactly when git would add it with both protections on", () => {
    const root = temporaryDirectory();
    git(root, "init", "-q");
    const oid = gitRaw(root, ["hash-object", "-w", "--stdin"], { input: "x" }).toString().trim();
    const stems = [
      ".git",
      ".GIT",
      ".gIt",
      "git~1",
      "GIT~1",
      "git~2",
      ".gitmodules",
      ".GitModules",
      "gitmod~1",
      "GITMOD~4",
      "gitmod~5",
      "gi7eba~1",
      "GI7EBA~9",
      "gi7eb~10",
      "gi7eb~01",
      "gi7e~123",
      "~1234567",
      ".gitignore",
      "a",
      "...",
      "..a",
      ".",
      "..",
      "\xe2\x80\x8c",
      "con",
      "git",
    ];
    const tails = [
      "",
      ".",
      " ",
      ". .",
      ":x",
      "::$INDEX_ALLOCATION",
      "x",
      "\\x",
      "\xe2\x80\x8c",
      "\xef\xbb\xbf",
    ];
    let refused = 0;
    let count = 0;
    for (const mode of [MODE.file, MODE.symlink]) {
      for (const name of [
        ...stems.flatMap((stem) => tails.map((tail) => stem + tail)),
        ".g\xe2\x80\x8cit",
        "a\\.git",
        "a\\git~1",
        "a\\..",
      ]) {
        const accepted = gitAccepts(root, `${mode.toString(8)} ${oid}\t${name}\0`);
        expect([name, mode, isWritableName(name, mode, POSIX)]).toEqual([name, mode, accepted]);
        count++;
        if (!accepted) refused++;
      }
    }
    // Git itself overlooks a backslash at the very start.
    expect(isWritableName("\\.git", MODE.file, POSIX)).toBe(false);
    expect(refused).toBeGreaterThan(50);
    expect(count - refused).toBeGreaterThan(100);
  }, 60_000);

  test("is refused on Windows when it is a device or has characters that Windows gives a meaning", () => {
    for (const name of [
      "con",
      "CON.txt",
      "nul",
      "aux .c",
      "com1",
      "LPT9.a",
      "conin$",
      "a:b",
      "a<b",
      "a|b",
      "a?",
      "a*",
      'a"',
      "a\\b",
      "a.",
      "a ",
      "a\tb",
    ]) {
      expect([name, isWritableName(name, MODE.file, WINDOWS)]).toEqual([name, false]);
    }
    for (const name of ["console", "com", "com10", "nul-device", "a.b", "\xc3\xa9"]) {
      expect([name, isWritableName(name, MODE.file, WINDOWS)]).toEqual([name, true]);
    }
    expect(isWritableName("con", MODE.file, POSIX)).toBe(true);
  });

  test("must differ from its neighbours in more than case where case does not count", () => {
    const entries = ["A\xc3\x89", "a\xc3\xa9"].map((name) => ({
      name,
      mode: MODE.file,
      oid: "0".repeat(40),
    }));
    checkTreeNames("d", entries, POSIX);
    const error = thrown(() => checkTreeNames("d", entries, { ...POSIX, ignoreCase: true }));
    expect(error.message).toContain("two names differ only in case");
    expect(error.data).toEqual({ path: "d/aé" });
  });

  test("that only Windows can not hold is told apart from one that is a disguise", () => {
    const messageOf = (name: string): string =>
      thrown(() => checkTreeNames("d", [{ mode: MODE.file, name, oid: "0".repeat(40) }], WINDOWS)).message;
    expect(messageOf("a:b.md")).toContain(
      '"d/a:b.md", which cannot be checked out here: Windows can not hold this name',
    );
    expect(messageOf("git~1")).toContain("no such name may be written");
  });

  test("is shown without its control characters", () => {
    const entry = { name: ".git\u001b", mode: MODE.file, oid: "0".repeat(40) } as const;
    checkTreeNames("", [entry], POSIX);
    expect(thrown(() => checkTreeNames("\u001b[2J", [{ ...entry, name: ".git" }], POSIX)).message).toContain(
      String.raw`\\x1b[2J/.git`,
    );
  });
});

function gitAccepts(root: string, entry: string): boolean {
  try {
    gitRaw(root, [...PROTECTED, "update-index", "--add", "-z", "--index-info"], {
      input: Buffer.from(entry, "latin1"),
    });
  } catch {
    return false;
  }
  const added = gitRaw(root, [...PROTECTED, "ls-files", "-z"]).length > 0;
  gitRaw(root, ["read-tree", "--empty"]);
  return added;
}

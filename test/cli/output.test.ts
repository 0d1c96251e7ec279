import { expect, test } from "bun:test";

import { createOutput } from "../../src/cli/output.ts";
import { createStyle, symbolsFor } from "../../src/cli/style.ts";
import {
  alignColumns,
  count,
  cutMiddle,
  cutTo,
  displayWidth,
  fitColumns,
  hangingLines,
  wrapColumns,
  wrapText,
} from "../../src/cli/text-layout.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeIo } from "./fake-io.ts";

const PLAIN = { json: false, quiet: false, color: undefined };

test("data go to stdout, log lines to stderr", () => {
  const io = fakeIo();
  const out = createOutput(io, PLAIN, fakeClock());
  out.print(["a", "b"]);
  out.say(["done"]);
  out.log("looking");
  out.table([
    ["x", "y"],
    ["long", "z"],
  ]);
  out.print([]);
  expect(io.out()).toBe("a\nb\ndone\nx     y\nlong  z\n");
  expect(io.err()).toBe("looking\n");
});

test("--quiet keeps data and drops what is only said", () => {
  const io = fakeIo();
  const out = createOutput(io, { ...PLAIN, quiet: true }, fakeClock());
  out.print(["data"]);
  out.say(["chatter"]);
  expect(io.out()).toBe("data\n");
});

test("--json prints the document and no text, with the version of the contract", () => {
  const io = fakeIo();
  const out = createOutput(io, { ...PLAIN, json: true }, fakeClock());
  out.print(["text"]);
  out.say(["text"]);
  out.document({ sources: [] });
  expect(JSON.parse(io.out())).toEqual({ version: 1, sources: [] });
});

test("progress rewrites one line on the terminal, ten times a second at most, and leaves nothing behind", () => {
  const io = fakeIo({ isTty: true, width: 30 });
  const clock = fakeClock();
  const out = createOutput(io, PLAIN, clock);
  out.progress.show("notes: fetch");
  clock.advance(99);
  out.progress.show("notes: fetch", 1, 4);
  clock.advance(1);
  out.progress.show("notes: fetch", 2, 4);
  clock.advance(100);
  out.progress.show("notes: receive \u001B[31m objects and more", 10);
  out.print(["done"]);
  expect(io.err()).toBe(
    "\r\u001B[2Knotes: fetch\r\u001B[2Knotes: fetch  2/4 (50 %)\r\u001B[2Knotes: receive \\x1b[31m obj\r\u001B[2K",
  );
  expect(io.out()).toBe("done\n");
});

test("a transfer is shown with its rate and the time that is left, each of several by itself", () => {
  const io = fakeIo({ isTty: true, width: 100 });
  const clock = fakeClock();
  const { progress } = createOutput(io, PLAIN, clock);
  const shown = (...args: Parameters<typeof progress.show>): string => {
    const before = io.err().length;
    progress.show(...args);
    return io.err().slice(before).replace("\r\u001B[2K", "");
  };
  expect(shown("a: sending", 1_000_000, 100_000_000, "bytes")).toBe(
    "a: sending  1.0 MB of about 100 MB (1 %)",
  );
  clock.advance(500);
  expect(shown("b: receiving", 10_000, undefined, "bytes")).toBe("b: receiving  10 KB");
  clock.advance(500);
  expect(shown("a: sending", 3_000_000, 100_000_000, "bytes")).toBe(
    "a: sending  3.0 MB of about 100 MB (3 %)  2.0 MB/s  49 s left",
  );
  clock.advance(500);
  expect(shown("b: receiving", 60_000, undefined, "bytes")).toBe("b: receiving  60 KB  50 KB/s");
  // A line that has become slow: what was fast before is out of the window.
  clock.advance(4500);
  shown("a: sending", 3_000_000, 100_000_000, "bytes");
  clock.advance(1000);
  expect(shown("a: sending", 3_100_000, 100_000_000, "bytes")).toBe(
    "a: sending  3.1 MB of about 100 MB (3 %)  100 KB/s  16 min 9 s left",
  );
  // The next transfer of the same name begins anew, and the end needs no "0 s left".
  clock.advance(100);
  expect(shown("a: sending", 10, 20, "bytes")).toBe("a: sending  10 B of about 20 B (50 %)");
});

test("progress needs a terminal on stderr that can rewrite a line", () => {
  const shown = (io: Parameters<typeof fakeIo>[0], flags = {}): string => {
    const fake = fakeIo(io);
    const out = createOutput(fake, { ...PLAIN, ...flags }, fakeClock());
    out.progress.show("step");
    out.progress.clear();
    return fake.err();
  };
  expect(shown({ isTty: false, stderrIsTty: true })).not.toBe("");
  expect(shown({ isTty: true, stderrIsTty: false })).toBe("");
  expect(shown({ isTty: true, env: { TERM: "dumb" } })).toBe("");
  expect(shown({ isTty: true }, { quiet: true })).toBe("");
  expect(shown({ isTty: true }, { json: true })).toBe("");
});

test("symbols are ASCII unless the locale says UTF-8", () => {
  expect(symbolsFor({ LANG: "en_US.UTF-8" }).done).toBe("✓");
  expect(symbolsFor({ LC_ALL: "C", LANG: "en_US.UTF-8" }).done).toBe("+");
  expect(symbolsFor({ LC_ALL: "", LC_CTYPE: "de_DE.utf8" }).done).toBe("✓");
  expect(symbolsFor({}).done).toBe("+");
  expect(symbolsFor({ WT_SESSION: "x" }).done).toBe("✓");
});

test("columns align by what the terminal shows, not by code units", () => {
  const bold = createStyle(true).bold("ab");
  const lines = alignColumns([
    ["日本", "1"],
    ["e\u0301", "2"],
    [bold, "3"],
    ["wide name", ""],
  ]);
  expect(lines.map((line) => displayWidth(line))).toEqual([12, 12, 12, 9]);
});

test("text wraps at spaces, and a longer word is never broken", () => {
  expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapText("a /very/long/path/name b", 8)).toEqual(["a", "/very/long/path/name", "b"]);
  expect(wrapText("", 8)).toEqual([""]);
});

test("cutting never splits a character", () => {
  expect(cutTo("日本語", 5)).toBe("日本");
  expect(cutTo("👨‍👩‍👧 family", 3)).toBe("👨‍👩‍👧 ");
  expect(cutTo("short", 10)).toBe("short");
});

test("counts read as words", () => {
  expect([count(0, "file"), count(1, "file"), count(2, "file"), count(2, "copy", "copies")]).toEqual([
    "0 files",
    "1 file",
    "2 files",
    "2 copies",
  ]);
});

test("on a terminal the widest cells are shortened until the lines fit, but never to nothing", () => {
  const rows = [
    ["SOURCE", "FOLDER"],
    ["notes", "~/a/very/long/folder/name"],
    ["日本語日本語", "~/n"],
  ];
  expect(alignColumns(fitColumns(rows, 30, "…"))).toEqual([
    "SOURCE        FOLDER",
    "notes         ~/a/very/long/f…",
    "日本語日本語  ~/n",
  ]);
  expect(alignColumns(fitColumns(rows, 5, "…"))).toEqual([
    "SOURCE   FOLDER",
    "notes    ~/a/ver…",
    "日本語…  ~/n",
  ]);
  expect(alignColumns(fitColumns(rows, 30, ".."))[1]).toBe("notes         ~/a/very/long/..");
  expect(fitColumns(rows, undefined, "…")).toBe(rows);
});

test("a long text hangs below its own beginning, and stays whole where it has no room", () => {
  expect(hangingLines("notes  ! ", "a load of one point three per core", 30)).toEqual([
    "notes  ! a load of one point",
    "         three per core",
  ]);
  expect(hangingLines("notes  ! ", "a load of one point three per core", 25)).toEqual([
    "notes  ! a load of one point three per core",
  ]);
  expect(hangingLines("> ", "x ".repeat(40).trim(), undefined)).toHaveLength(1);
});

test("of a name that is too long beginning and end stay", () => {
  expect(cutMiddle("notes", 5, "…")).toBe("notes");
  expect(cutMiddle("my-project-for-work", 9, "…")).toBe("my-p…work");
  expect(cutMiddle("日本語のノート", 9, "..")).toBe("日本..ト");
});

test("the last column of a table is broken within itself, and where it has no room goes below its row", () => {
  const rows = [
    ["WHEN", "SOURCE", "WHAT"],
    ["12:00", "notes", "the folder is missing; nothing was changed"],
    ["12:01", "notes", ""],
  ];
  expect(wrapColumns(rows, 40)).toEqual([
    "WHEN   SOURCE  WHAT",
    "12:00  notes   the folder is missing;",
    "               nothing was changed",
    "12:01  notes",
  ]);
  expect(wrapColumns(rows, 30)).toEqual([
    "WHEN   SOURCE  WHAT",
    "12:00  notes",
    "    the folder is missing;",
    "    nothing was changed",
    "12:01  notes",
  ]);
  expect(wrapColumns(rows, undefined)).toEqual(alignColumns(rows));
});

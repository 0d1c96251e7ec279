import { expect, test } from "bun:test";

import { fromSystem, LullError, type ErrorKind } from "../../src/base/errors.ts";
import { errorDetails, errorDocument, renderError } from "../../src/cli/render-error.ts";
import { createStyle } from "../../src/cli/style.ts";

const refused = new LullError({
  kind: "auth",
  code: "FORBIDDEN",
  message: "push to github.com:me/dotfiles.git was refused (permission denied)",
  causes: ["this SSH key has no write access", "the branch is protected"],
  hint: "lull auth status dotfiles",
  data: { remote: "origin", source: "dotfiles", directory: "~/dotfiles" },
});

test("an error names what failed, the facts, the causes and the next step", () => {
  expect(renderError(refused, { verbose: false }).join("\n")).toBe(
    [
      "Error: push to github.com:me/dotfiles.git was refused (permission denied)",
      "  source  dotfiles (~/dotfiles)      remote  origin",
      "  Likely causes: this SSH key has no write access; the branch is protected",
      "  Hint: lull auth status dotfiles",
    ].join("\n"),
  );
});

test("four facts align in two columns of pairs, an odd one stands alone", () => {
  const error = refused.with({ branch: "main", path: "a.md", url: "https://h/x" });
  expect(errorDetails(error).slice(0, 3)).toEqual([
    "  source  dotfiles (~/dotfiles)      remote  origin",
    "  branch  main                       path  a.md",
    "  url     https://h/x",
  ]);
});

test("figures for programs, and what the message says already, are no facts for people", () => {
  const data = { source: "notes", url: "https://h/x", status: 401, credential: "refused", path: "a.md" };
  const error = new LullError({ kind: "auth", code: "AUTH", message: "cannot read https://h/x", data });
  expect(errorDetails(error)).toEqual(["  source  notes      path  a.md"]);
  expect(errorDocument(error, { verbose: false }).error.data).toEqual(data);
});

test("facts that do not fit in pairs get a line each, and long names are never broken", () => {
  const path = `/home/me/${"long-name-".repeat(12)}.md`;
  const error = new LullError({ kind: "failed", code: "X", message: "m", data: { file: path, path: "b" } });
  expect(errorDetails(error, { width: 60 })).toEqual(["  path  b", `  file  ${path}`]);
});

test("one cause is a cause, and long causes wrap on a terminal", () => {
  const error = new LullError({
    kind: "failed",
    code: "X",
    message: "m",
    causes: ["a program writes into the folder all the time and never stops"],
    hint: "stop it",
  });
  expect(errorDetails(error, { width: 44 })).toEqual([
    "  Likely cause: a program writes into the",
    "    folder all the time and never stops",
    "  Hint: stop it",
  ]);
});

test("a cause of several lines is a block, so that a caret stays under its word", () => {
  const error = new LullError({
    kind: "config",
    code: "CONFIG_INVALID",
    message: "the config has 1 mistake",
    causes: ['config.yaml:4:5: unknown key "remot"\n    4 |     remot: x\n      |     ^^^^^'],
    hint: 'did you mean "remote"?\nmend it and run lull config check',
  });
  expect(renderError(error, { verbose: false })).toEqual([
    "Error: the config has 1 mistake",
    '  config.yaml:4:5: unknown key "remot"',
    "      4 |     remot: x",
    "        |     ^^^^^",
    '  Hint: did you mean "remote"?',
    "  Hint: mend it and run lull config check",
  ]);
});

test("file names, branches and server messages can not drive the terminal or forge lines", () => {
  const hostile = "a\u001B[2J\u009B1m\u202Etxt\r\u0007";
  const error = new LullError({
    kind: "failed",
    code: "X",
    message: `cannot read ${hostile}\nError: forged`,
    causes: [hostile, "fine"],
    hint: hostile,
    data: { path: `${hostile}\nHint: rm -rf ~`, [hostile]: hostile },
    cause: new Error(hostile),
  });
  const text = renderError(error, { verbose: true }).join("\n");
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
  expect(text).toContain("\n  Error: forged");
  expect(text).toContain("\\nHint: rm -rf ~");
  expect(text.split("\n").filter((line) => line.startsWith("Error:"))).toHaveLength(1);
});

test("the chain of system causes shows with --verbose only", () => {
  const system = Object.assign(new Error("no space left on device, write"), { code: "ENOSPC" });
  const error = fromSystem(system, "write /home/me/a");
  expect(renderError(error, { verbose: false }).join("\n")).not.toContain("Caused by");
  expect(renderError(error, { verbose: true })).toEqual([
    "Error: cannot write /home/me/a: the disk is full",
    "  Caused by: no space left on device, write (ENOSPC)",
    "  Hint: free some space and run the command again; nothing was lost",
  ]);
});

test("a chain of causes that is a circle ends", () => {
  const first = Object.assign(new Error("one"), { code: "A" });
  const second = Object.assign(new Error("two", { cause: first }), { code: "B" });
  first.cause = second;
  const error = new LullError({ kind: "failed", code: "X", message: "m", cause: first });
  expect(renderError(error, { verbose: true }).length).toBeLessThan(12);
});

test("anything may be thrown, and an unknown throw is an internal error with its stack for --verbose", () => {
  expect(renderError("just text", { verbose: false })[0]).toBe("Error: internal error: just text");
  expect(renderError(undefined, { verbose: true })[0]).toBe("Error: internal error: undefined");
  const lines = renderError(new RangeError("bad"), { verbose: true });
  expect(lines[0]).toBe("Error: internal error: bad");
  expect(lines.some((line) => line.startsWith("    at "))).toBe(true);
  expect(renderError(new RangeError("bad"), { verbose: false }).join("\n")).not.toContain(" at ");
});

test("only the heading is coloured", () => {
  const [first, ...rest] = renderError(refused, { verbose: false, style: createStyle(true) });
  expect(first).toStartWith("\u001B[31m\u001B[1mError:\u001B[22m\u001B[39m push");
  expect(rest.join("")).not.toContain("\u001B");
});

test("as JSON an error has the same facts under fixed names", () => {
  expect(errorDocument(refused, { verbose: false })).toEqual({
    error: {
      kind: "auth",
      code: "FORBIDDEN",
      message: "push to github.com:me/dotfiles.git was refused (permission denied)",
      hint: "lull auth status dotfiles",
      causes: ["this SSH key has no write access", "the branch is protected"],
      data: { remote: "origin", source: "dotfiles", directory: "~/dotfiles" },
    },
  });
  const internal = errorDocument(new TypeError("boom"), { verbose: true }).error;
  expect(internal).toMatchObject({ kind: "failed" satisfies ErrorKind, code: "INTERNAL" });
  expect(internal.stack).toContain("boom");
  expect(errorDocument(new TypeError("boom"), { verbose: false }).error).not.toHaveProperty("stack");
});

test("a lone mistake in the config is said once, then its line and caret", () => {
  const place = "/c.yaml:5:5: unknown key `shedule`";
  const error = new LullError({
    kind: "config",
    code: "CONFIG_INVALID",
    message: place,
    causes: [`${place}\n  5 |     shedule: x\n    |     ^^^^^^^`],
  });
  expect(renderError(error, { verbose: false })).toEqual([
    `Error: ${place}`,
    "    5 |     shedule: x",
    "      |     ^^^^^^^",
  ]);
});

import { expect, test } from "bun:test";

import { modesText, parseModes } from "../../src/settings/modes-file.ts";

test("only unusual permissions are written, sorted, and come back", () => {
  const modes = new Map([
    ["home/.ssh/config", 0o600],
    ["home/.ssh/", 0o700],
    ["home/bin/run", 0o755],
    ["home/a.md", 0o644],
    ["home/folder/", 0o755],
    ["home/odd/", 0o644],
    ['home/"quoted"\nline', 0o400],
    ['"begins', 0o640],
  ]);
  const text = modesText(modes);
  expect(text.split("\n")[0]).toBe('0640 "\\"begins"');
  expect(text).not.toContain("bin/run");
  const back = parseModes(text);
  for (const [path, mode] of back) expect(modes.get(path)).toBe(mode);
  expect(back.size).toBe(5);
});

test("of several lines for a path the strictest counts; nonsense, and bits above the permissions, do not", () => {
  const modes = parseModes('0644 a\n0600 a\nx\n99 b\n4755 c\n0700\n0600 "unclosed\n');
  expect(Object.fromEntries(modes)).toEqual({ a: 0o600, c: 0o755 });
});

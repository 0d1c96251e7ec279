import { expect, test } from "bun:test";

import { safeText } from "../../src/base/safe-text.ts";

test.each([
  ["colour of the terminal", "a\u001b[31mred", String.raw`a\x1b[31mred`],
  ["a title of the window", "\u001b]0;x\u0007", String.raw`\x1b]0;x\x07`],
  ["the 8-bit form of escape", "\u009b31m", String.raw`\x9b31m`],
  ["a forged line", "ok\nError: x\r", String.raw`ok\nError: x\x0d`],
  ["a tab", "a\tb", String.raw`a\tb`],
  ["NUL and delete", "\u0000\u007f", String.raw`\x00\x7f`],
  ["a turn of the reading direction", "exe.\u202egpj", String.raw`exe.\u{202e}gpj`],
  ["an isolate", "\u2066a\u2069", String.raw`\u{2066}a\u{2069}`],
  ["a direction mark", "a\u200fb\u061c", String.raw`a\u{200f}b\u{61c}`],
  ["a line separator", "a\u2028b\u2029", String.raw`a\u{2028}b\u{2029}`],
  ["a byte order mark", "\ufeffa", String.raw`\u{feff}a`],
])("%s is written out", (_, text, safe) => {
  expect(safeText(text)).toBe(safe);
});

test("ordinary text of any language stays", () => {
  const text = "Grüße, 日本語, עברית, 🎉 – naïve/path with spaces.md";
  expect(safeText(text)).toBe(text);
});

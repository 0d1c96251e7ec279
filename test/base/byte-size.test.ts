import { expect, test } from "bun:test";

import { formatByteSize, parseByteSize } from "../../src/base/byte-size.ts";

test.each([
  ["0", 0],
  ["812", 812],
  ["95MB", 95_000_000],
  ["512 KiB", 524_288],
  [" 1.5 kb ", 1500],
  ["2tib", 2 * 2 ** 40],
])("%p is %d bytes", (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each(["", "MB", "-1", "1 XB", "1.MB", "1 0", "1e9", "99999999TB", "constructor", "1constructor"])(
  "%p is no size",
  (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  },
);

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [4100, "4.1 KB"],
  [9_960, "10 KB"],
  [12_000_000, "12 MB"],
  [999_999, "1.0 MB"],
  [5e15, "5000 TB"],
])("%d bytes read %p", (bytes, text) => {
  expect(formatByteSize(bytes)).toBe(text);
});

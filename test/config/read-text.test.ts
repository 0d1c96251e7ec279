/** What is no config of a person is refused before a parser sees it. */
import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { loadBytes } from "../../src/config/load.ts";
import { checkedText, readConfigText } from "../../src/config/read-text.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { thrown } from "./problem-of.ts";

const message = (bytes: Uint8Array | string): string =>
  thrown(() => checkedText(Buffer.from(bytes), "config.yaml")).message;

test("a missing file points to init", () => {
  const error = thrown(() => readConfigText("/nowhere/config.yaml"));
  expect([error.kind, error.code, error.hint]).toEqual([
    "config",
    "CONFIG_MISSING",
    "make one with `lull init <folder>`",
  ]);
});

test("what a crash leaves of a saved file is no config without sources", () => {
  for (const text of ["", "\n", " \r\n\t\n", "\ufeff"]) {
    const error = thrown(() => loadBytes(Buffer.from(text), "config.yaml", { home: "/h", device: "d" }));
    expect([error.code, error.message]).toEqual([
      "CONFIG_INVALID",
      expect.stringContaining("config.yaml is empty"),
    ]);
    expect(error.hint).toContain("make a new one with `lull init <folder>`");
  }
  const comment = Buffer.from("# nothing yet\n");
  expect(loadBytes(comment, "config.yaml", { home: "/h", device: "d" }).config.sources).toEqual([]);
});

test("a folder, a file of 50 MB and what can not be opened are refused", () => {
  const place = temporaryDirectory();
  const file = join(place, "config.yaml");
  mkdirSync(join(place, "folder"));
  expect(() => readConfigText(join(place, "folder"))).toThrow("is no regular file");
  writeFileSync(file, "");
  truncateSync(file, 50_000_000);
  expect(() => readConfigText(file)).toThrow("more than 1048576 are not read");
  symlinkSync("loop", join(place, "loop"));
  expect(thrown(() => readConfigText(join(place, "loop"))).code).toBe("ELOOP");
});

test("bytes that are no text are refused with their line", () => {
  expect(message(Buffer.from([0x61, 0xff]))).toContain("is not valid UTF-8");
  expect(message("a: 1\nb: \0\n")).toContain("the control character 0x00 in line 2");
  expect(message("a: \u001b[31m\n")).toContain("0x1b in line 1");
});

test("nesting that no person writes is refused", () => {
  expect(message("[".repeat(50))).toContain("is nested more than 40 deep in line 1");
  expect(message(`a: 1\n${"- ".repeat(50)}x`)).toContain("deep in line 2");
  expect(message(`${" ".repeat(400)}x`)).toContain("deep in line 1");
  expect(message("a: ".repeat(500))).toContain("has a line that no person writes");
});

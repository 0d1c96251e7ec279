import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  folderIdentity,
  folderIdentityAtOnce,
  mountTable,
  signatureOf,
} from "../../../src/platform/watch/look-at-folder.ts";
import { currentSystem } from "../../../src/platform/system.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

const signal = new AbortController().signal;

test("a folder is known again, and another one in its place is not", async () => {
  const top = temporaryDirectory();
  const folder = join(top, "folder");
  for (const make of [() => mkdirSync(folder), () => writeFileSync(folder, ""), () => {}]) {
    make();
    expect(await folderIdentity(folder)).toBe(folderIdentityAtOnce(folder));
    rmSync(folder, { recursive: true, force: true });
  }
  expect(await folderIdentity(folder)).toBeUndefined();
  mkdirSync(folder);
  const before = await folderIdentity(folder);
  mkdirSync(join(top, "other"));
  renameSync(folder, join(top, "away"));
  renameSync(join(top, "other"), folder);
  expect(before).toBeString();
  expect(await folderIdentity(folder)).not.toBe(before ?? "");
  expect(await folderIdentity(join(top, "away"))).toBe(before ?? "");
});

test("the table of mounts is the same as long as nothing is mounted", () => {
  expect(mountTable()).toBe(mountTable() ?? -1n);
  expect(mountTable() !== undefined).toBe(currentSystem() === "linux");
});

describe("the signature of a tree", () => {
  function tree(): string {
    const top = temporaryDirectory();
    mkdirSync(join(top, "a/b"), { recursive: true });
    mkdirSync(join(top, "skipped"));
    writeFileSync(join(top, "a/b/file"), "1");
    for (let number = 0; number < 150; number++) writeFileSync(join(top, `many-${number}`), "1");
    return top;
  }
  const look = { isLeftOut: (path: string) => path === "skipped", signal };

  test("differs with every change, and only then", async () => {
    const top = tree();
    let last = await signatureOf(top, look);
    expect(await signatureOf(top, look)).toBe(last);
    const file = join(top, "a/b/file");
    for (const act of [
      () => writeFileSync(file, "2"),
      () => utimesSync(file, 1, 1),
      () => chmodSync(file, 0o755),
      () => renameSync(file, `${file}2`),
      () => mkdirSync(join(top, "new")),
      () => symlinkSync("a", join(top, "link")),
      () => rmSync(join(top, "a"), { recursive: true }),
    ]) {
      act();
      const now = await signatureOf(top, look);
      expect(now).not.toBe(last);
      last = now;
    }
    writeFileSync(join(top, "skipped/file"), "1");
    expect(await signatureOf(top, look)).toBe(last);
  });

  test("is made of names as bytes, with the rules of each folder", async () => {
    const top = tree();
    const asked: string[] = [];
    const entered: string[] = [];
    writeFileSync(join(top, "a/.rules"), "");
    if (currentSystem() === "linux") writeFileSync(Buffer.from(`${top}/a/\xff`, "latin1"), "");
    await signatureOf(top, {
      isLeftOut: (path) => asked.push(path) === 0,
      ruleFile: { name: ".rules", enter: (folder) => entered.push(folder) },
      signal,
    });
    expect(entered).toEqual(["a"]);
    expect(asked.includes("a/\xff")).toBe(currentSystem() === "linux");
  });

  test("is none of a folder that is not there", async () => {
    await expect(signatureOf(join(temporaryDirectory(), "nothing"), look)).rejects.toThrow("ENOENT");
  });
});

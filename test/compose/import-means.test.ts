import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { importMeans } from "../../src/compose/import-means.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const isWindows = process.platform === "win32";

function place() {
  const home = temporaryDirectory();
  const env = { PATH: join(home, "bin"), HOME: home };
  const means = importMeans({ env, home });
  mkdirSync(join(home, "bin"));
  const crontab = (script: string): void => {
    writeFileSync(join(home, "bin/crontab"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, "bin/crontab"), 0o755);
  };
  return { home, means, crontab, inside: (path: string) => join(home, path) };
}

test("texts, folders and links are read; what is not there, or leads nowhere, is nothing", () => {
  const { means, inside } = place();
  const { files } = means;
  writeFileSync(inside("b.txt"), "\uFEFFtext\n");
  symlinkSync("b.txt", inside("a-link"));
  symlinkSync("loop", inside("loop"));
  symlinkSync("bin", inside("folder-link"));
  expect(files.text(inside("a-link"))).toBe("text\n");
  expect(files.text(inside("bin"))).toBeUndefined();
  expect(files.text(inside("gone"))).toBeUndefined();
  expect(files.text(inside("loop"))).toBeUndefined();
  expect(files.text(inside("nul\0"))).toBeUndefined();
  expect(files.text(inside("b.txt/x"))).toBeUndefined();
  expect(files.list(inside("."))?.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "a-link link",
    "b.txt file",
    "bin folder",
    "folder-link link",
    "loop link",
  ]);
  expect(files.list(inside("b.txt"))).toBeUndefined();
  expect([files.kind(inside("folder-link")), files.kindBehind(inside("folder-link"))]).toEqual([
    "link",
    "folder",
  ]);
  expect(files.linkTarget(inside("a-link"))).toBe(inside("b.txt"));
  expect(files.linkTarget(inside("b.txt"))).toBeUndefined();
});

test.skipIf(cannotRun(isWindows, "a FIFO: Windows has none"))(
  "a FIFO hangs nothing, and a file of a size that no settings have is refused",
  () => {
    const { means, inside } = place();
    Bun.spawnSync(["mkfifo", inside("fifo")]);
    expect(means.files.kind(inside("fifo"))).toBe("other");
    expect(means.files.text(inside("fifo"))).toBeUndefined();
    writeFileSync(inside("large"), "");
    truncateSync(inside("large"), 1024 * 1024 + 1);
    expect(() => means.files.text(inside("large"))).toThrow(/larger than any such file/);
  },
);

test("texts are parsed in each format, and one that is broken or hostile is nothing", () => {
  const { parse, toYaml } = place().means;
  expect(parse("toml", "a = 1\n[b]\nc = true\n")).toEqual({ a: 1, b: { c: true } });
  expect(parse("jsonc", '{ "a": 1, // c\n }')).toEqual({ a: 1 });
  expect(parse("yaml", "a: [1, &x 2, *x]\n")).toEqual({ a: [1, 2, 2] });
  expect(parse("toml", "a =")).toBeUndefined();
  expect(parse("jsonc", "{")).toBeUndefined();
  expect(parse("yaml", "a: *nothing")).toBeUndefined();
  expect(parse("yaml", "a: [")).toBeUndefined();
  const bomb = `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]\n`).join("")}`;
  expect(parse("yaml", bomb)).toBeUndefined();
  expect(toYaml({ name: "a: #b\n", places: [] })).toBe("name: |\n  a: #b\nplaces: []\n");
});

test.skipIf(cannotRun(isWindows, "crontab: Windows has none"))(
  "the table of cron is what the program prints; without one, or where it fails, there is none",
  async () => {
    const { means, crontab } = place();
    const { signal } = new AbortController();
    expect(await means.crontab(signal)).toBeUndefined();
    crontab('[ "$1" = -l ] && echo "@reboot x"');
    expect(await means.crontab(signal)).toBe("@reboot x\n");
    crontab('echo "no crontab for me" >&2; exit 1');
    expect(await means.crontab(signal)).toBeUndefined();
    crontab("exec /bin/sleep 60");
    const stop = new AbortController();
    const waiting = means.crontab(stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED" });
  },
);

/** A repository of real size, with every kind of file that git carries, from one device to another without any git. */
import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { createBareRepository, startGitServer } from "../helpers/git-http-server.ts";
import { seededRandom } from "../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../helpers/system-git.ts";

const FILES = 1300;

const root = temporaryDirectory();
const server = await startGitServer(root);
afterAll(() => server.stop());

test("1,300 files of every kind reach a second device unchanged, with no git on either", async () => {
  const directory = createBareRepository(root, "large.git");
  const without = { PATH: temporaryDirectory() };
  const laptop = makeDevice("laptop", without);
  const desktop = makeDevice("desktop", without);
  const paths = fill(laptop.notes);
  await laptop.lull(["add", "notes", "--remote", server.repository("large.git")]);
  expect(await laptop.json(["sync"])).toMatchObject({
    code: 0,
    json: { runs: [{ outcome: "synced", committed: { files: paths }, skippedPaths: [] }] },
  });
  await desktop.lull(["add", "notes", "--remote", server.repository("large.git")]);
  expect(await desktop.json(["sync"])).toMatchObject({
    json: { runs: [{ outcome: "synced", filesWritten: paths, skippedPaths: [] }] },
  });
  expectConverged([laptop, desktop], [directory]);

  // Git's own picture of the remote: what lull believes about itself proves nothing.
  const modes = gitRaw(directory, ["ls-tree", "-r", "-z", "main"])
    .toString("latin1")
    .split("\0")
    .slice(0, -1);
  expect(modes).toHaveLength(paths);
  const count = (mode: string): number => modes.filter((line) => line.startsWith(mode)).length;
  expect({ links: count("120000"), executables: count("100755") }).toEqual({ links: 50, executables: 130 });
  expect(readlinkSync(join(desktop.notes, "links/7"))).toBe("../d7/nowhere");

  editHere(desktop);
  expect(await desktop.json(["sync"])).toMatchObject({ code: 0 });
  expect(await laptop.json(["sync"])).toMatchObject({ code: 0 });
  expectConverged([laptop, desktop], [directory]);
  expect(git(directory, "rev-list", "--count", "main")).toBe("2");
});

/** Writes the files and returns how many paths git would list. */
function fill(folder: string): number {
  const random = seededRandom(2026);
  for (let index = 0; index < FILES; index++) {
    const path = `${folderOf(index)}/file-${index}${[".md", ".ts", ".bin", ""][index % 4]}`;
    const file = Buffer.from(join(folder, path));
    mkdirSync(dirname(file.toString()), { recursive: true });
    writeFileSync(file, contentOf(index, random));
    if (index % 10 === 3) chmodSync(file, 0o755);
  }
  mkdirSync(join(folder, "links"));
  for (let index = 0; index < 50; index++) {
    const target = index % 2 === 0 ? `../d${index}` : `../d${index}/nowhere`;
    symlinkSync(target, join(folder, "links", String(index)));
  }
  const odd = oddNames();
  for (const name of odd) {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), name);
  }
  return FILES + 50 + odd.length;
}

function folderOf(index: number): string {
  const deep = index % 100 === 0 ? "/a/b/c/d/e/f/g/h/i/j/k/l" : "";
  return `d${index % 60}/part-${index % 7}${deep}`;
}

function contentOf(index: number, random: ReturnType<typeof seededRandom>): Uint8Array | string {
  switch (index % 5) {
    case 0:
      return "";
    case 1:
      return Uint8Array.from({ length: random.below(4000) }, () => random.below(256));
    case 2:
      return "line with CRLF\r\n".repeat(random.below(50));
    case 3:
      return `no line break at the end ${index}`;
    default:
      return `${random.below(1_000_000)}\n`.repeat(random.below(400));
  }
}

/** Names that are no UTF-8, that look like options, or that end where one would not look. */
function oddNames(): readonly Buffer[] {
  const texts = ["-rf", "two\nlines", " leading", "trailing ", "*.md", "ünïcödé", "日本語", "🌙", "#x", "!y"];
  // Linux takes any bytes; macOS and Windows refuse names that are no Unicode.
  const bytes = process.platform === "linux" ? ["caf\u00e9", "\u00ff\u00fe\u0080", "a\u00c3"] : [];
  return [...texts.map((name) => Buffer.from(name)), ...bytes.map((name) => Buffer.from(name, "latin1"))];
}

function editHere(desktop: Device): void {
  for (let index = 0; index < FILES; index += 13) {
    const path = `${folderOf(index)}/file-${index}${[".md", ".ts", ".bin", ""][index % 4]}`;
    // Not the only file of its folder: git knows no empty folders, so one would stay here and not arrive there.
    if (index % 2 === 0 && index % 100 !== 0) desktop.remove(path);
    else desktop.write(path, `edited ${index}\n`);
  }
}

import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { RepoPath } from "../../../src/git/model.ts";
import { readIndex } from "../../../src/git/worktree/index-file.ts";
import type { IndexTable } from "../../../src/git/worktree/index-table.ts";
import { type ScanResult, scanWorkTree } from "../../../src/git/worktree/scan.ts";
import { DEFAULT_SETTINGS, type WorkTreeSettings } from "../../../src/git/worktree/settings.ts";
import { WorkTreeMemory } from "../../../src/git/worktree/work-tree-memory.ts";
import { openFolderStats } from "../../../src/platform/folder-stats.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { committed, put } from "./work-tree.ts";

const HOUR = 3_600_000;

/** Scans of one repository that stays open. */
class Watched {
  readonly root: string;
  readonly memory: WorkTreeMemory;
  #index: IndexTable | undefined;
  settings: Partial<WorkTreeSettings> = {};

  /** @param ahead how far the clock is ahead of the files' times: by an hour nothing is too young to be remembered */
  constructor(root: string, ahead = HOUR) {
    this.root = root;
    this.memory = new WorkTreeMemory(fakeClock(lstatSync(root).mtimeMs + ahead));
  }

  scan(hints?: readonly RepoPath[]): ScanResult {
    return scanWorkTree({ ...this.input(), openFolderStats, memory: this.memory, hints });
  }

  /** As one that knows nothing. */
  fresh(): ScanResult {
    return scanWorkTree(this.input());
  }

  /** After a change of a folder: a later one must get another time, which the clock of files is often too coarse for. */
  tick(): void {
    const file = join(this.root, ".git/tick");
    const time = (): bigint => {
      writeFileSync(file, "x");
      return lstatSync(file, { bigint: true }).mtimeNs;
    };
    for (const before = time(); time() <= before;);
  }

  input() {
    const gitDirectory = join(this.root, ".git");
    this.#index = readIndex(gitDirectory, { known: this.#index });
    return {
      root: this.root,
      gitDirectory,
      index: this.#index,
      objects: new MemoryObjects(this.root),
      settings: { ...DEFAULT_SETTINGS, ...this.settings },
    };
  }
}

const FOLDERS = ["", "a", "a/b", "c", "c/d", "new", "new/er", "build"];
const NAMES = ["1", "2", "x.log", "y.txt", ".gitignore", "build"];
const RULES = ["", "*.log\n", "build/\n", "/x.log\n!y.txt\n", "a/*\n", "*\n!1\n"];

/** Does something to the work tree and tells at which paths. */
function disturb(root: string, random: Random): RepoPath[] {
  const path = join(random.pick(FOLDERS), random.pick(NAMES));
  const place = join(root, path);
  const missing = firstMissing(root, path);
  switch (random.below(7)) {
    case 0:
      if (existsSync(place)) rmSync(place, { recursive: true });
      return [path];
    case 1: {
      const folder = random.pick(FOLDERS.slice(1));
      if (existsSync(join(root, folder))) rmSync(join(root, folder), { recursive: true });
      return [folder];
    }
    case 2: {
      const to = join(random.pick(FOLDERS), random.pick(NAMES));
      if (!existsSync(place) || `${to}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${to}/`)) return [];
      const made = firstMissing(root, to);
      if (!makeRoom(root, dirname(to))) return made;
      rmSync(join(root, to), { recursive: true, force: true });
      renameSync(place, join(root, to));
      return [path, to, ...made];
    }
    case 3:
      if (!makeRoom(root, dirname(path))) return missing;
      rmSync(place, { recursive: true, force: true });
      // Leading nowhere: a change through a link would be one of a place that nobody named.
      symlinkSync("nowhere", place);
      return [path, ...missing];
    case 4:
      if (existsSync(place) && lstatSync(place).isFile())
        chmodSync(place, random.chance(0.5) ? 0o755 : 0o644);
      return [path];
    default: {
      if (!makeRoom(root, dirname(path))) return missing;
      if (existsSync(place) && lstatSync(place).isDirectory()) return [];
      rmSync(place, { force: true });
      const isRules = path.endsWith(".gitignore");
      writeFileSync(place, isRules ? random.pick(RULES) : `${random.below(3)}`);
      return [path, ...missing];
    }
  }
}

/** The first folder on the way to a path that is not there: whoever watches is told when it is made. */
function firstMissing(root: string, path: RepoPath): RepoPath[] {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    if (!existsSync(join(root, path.slice(0, slash)))) return [path.slice(0, slash)];
  }
  return [];
}

function makeRoom(root: string, folder: string): boolean {
  try {
    mkdirSync(join(root, folder), { recursive: true });
    return lstatSync(join(root, folder)).isDirectory();
  } catch {
    // A file is in the way.
    return false;
  }
}

function repository(): string {
  return committed({
    "1": "1",
    "a/1": "2",
    "a/b/2": "3",
    "c/x.log": "4",
    "c/d/y.txt": "5",
    ".gitignore": "*.log\n",
  });
}

describe("a repository that stays open", () => {
  test.each([
    ["finds what a first scan finds, whatever happened in between", false],
    ["finds with hints what a first scan finds", true],
  ])("%s", (_, isHinted) => {
    const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    const random = seededRandom(seed);
    const watched = new Watched(repository());
    for (let round = 0; round < 150; round++) {
      const hints = Array.from({ length: random.below(4) }, () => disturb(watched.root, random)).flat();
      if (random.chance(0.1)) git(watched.root, "add", "-A");
      if (random.chance(0.05)) watched.settings = { ignoreCase: random.chance(0.5) };
      if (random.chance(0.05)) put(watched.root, ".git/info/exclude", random.pick(RULES));
      watched.tick();
      const found = watched.scan(isHinted ? hints : undefined);
      expect({ seed, round, ...found }).toEqual({ seed, round, ...watched.fresh() });
    }
  });

  test("lists a folder again that was young when it was listed", () => {
    const watched = new Watched(committed({ "a/1": "1" }), 0);
    for (let round = 0; round < 50; round++) {
      watched.scan();
      put(watched.root, `a/new-${round}`, "1");
      expect(watched.scan().changes).toHaveLength(round + 1);
    }
  });

  test("does not look where nothing was said to have changed", () => {
    const watched = new Watched(committed({ "a/1": "1", "b/1": "1" }));
    watched.tick();
    git(watched.root, "update-index", "--refresh");
    watched.scan();
    put(watched.root, "a/1", "changed");
    put(watched.root, "b/1", "changed");
    expect(watched.scan(["a"]).changes).toEqual([{ path: "a/1", kind: "modified" }]);
    expect(watched.scan([]).changes).toEqual([{ path: "a/1", kind: "modified" }]);
    expect(watched.scan(["b/1"]).changes).toHaveLength(2);
    expect(watched.scan().changes).toHaveLength(2);
  });

  test.each([
    ["before a first complete scan", () => undefined, false],
    ["for the top folder", () => undefined, true],
    ["after a change of the index", (root: string) => git(root, "add", "a"), true],
    ["after a change of the rules outside", (root: string) => put(root, ".git/info/exclude", "x"), true],
  ])("takes no hints %s", (name, meanwhile, isScanned) => {
    const watched = new Watched(committed({ "a/1": "1", "b/1": "1" }));
    if (isScanned) watched.scan();
    put(watched.root, "a/1", "changed");
    put(watched.root, "b/1", "changed");
    meanwhile(watched.root);
    const found = watched.scan(name === "for the top folder" ? [""] : ["a"]);
    expect(found).toEqual(watched.fresh());
    expect(found.changes.map(({ path }) => path)).toContain("b/1");
  });

  test("compares racy entries although nobody named them", () => {
    const watched = new Watched(committed({ a: "1" }));
    const future = Date.now() / 1000 + 1000;
    utimesSync(join(watched.root, "a"), future, future);
    git(watched.root, "add", "a");
    watched.scan();
    put(watched.root, "a", "2");
    expect(watched.scan([]).changes).toEqual([{ path: "a", kind: "modified" }]);
  });

  test("gives no old answer after a scan that failed", () => {
    const watched = new Watched(committed({ a: "1" }));
    watched.scan();
    const away = join(temporaryDirectory(), "away");
    renameSync(join(watched.root, "a"), away);
    expect(() =>
      scanWorkTree({ ...watched.input(), memory: watched.memory, signal: AbortSignal.abort(), hints: [] }),
    ).toThrow();
    expect(watched.scan([]).changes).toEqual([{ path: "a", kind: "deleted" }]);
  });
});

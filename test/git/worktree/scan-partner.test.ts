import { describe, expect, test } from "bun:test";
import { rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lockIndex, readIndex } from "../../../src/git/worktree/index-file.ts";
import { type ScanOrder, ScanPartner, type StartScanThread } from "../../../src/git/worktree/scan-partner.ts";
import { SharedScan } from "../../../src/git/worktree/shared-scan.ts";
import { DEFAULT_SETTINGS } from "../../../src/git/worktree/settings.ts";
import { scanWorkTree } from "../../../src/git/worktree/scan.ts";
import { stagePaths } from "../../../src/git/worktree/stage.ts";
import { openFolderStats } from "../../../src/platform/folder-stats.ts";
import { startScanThread } from "../../../src/platform/threads.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { seededRandom } from "../../helpers/random.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { eagerThread, put } from "./work-tree.ts";

const EAGER = { fewFiles: 0, firstScans: 0 };

function repository(files: number): string {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  for (let number = 0; number < files; number++) put(root, pathOf(number), `content ${number}`);
  git(root, "add", "-A");
  git(root, "commit", "-qm", "all");
  return root;
}

function pathOf(number: number): string {
  return number % 7 === 0 ? `top-${number}` : `d${number % 5}/e${number % 40}/file-${number}`;
}

/** Scans an open repository as often as somebody asks. */
class Scanner {
  readonly #root: string;
  readonly #partner: ScanPartner | undefined;

  constructor(root: string, start?: StartScanThread, options = EAGER) {
    this.#root = root;
    if (start !== undefined) this.#partner = new ScanPartner(root, start, options);
  }

  scan() {
    return scanWorkTree({
      root: this.#root,
      gitDirectory: join(this.#root, ".git"),
      index: readIndex(join(this.#root, ".git")),
      objects: new MemoryObjects(this.#root),
      settings: DEFAULT_SETTINGS,
      openFolderStats,
      partner: this.#partner,
    });
  }

  close(): void {
    this.#partner?.close();
  }
}

/** Changes, removes, swaps and adds some files. */
function disturb(root: string, files: number, random: ReturnType<typeof seededRandom>): void {
  for (let round = 0; round < 20; round++) {
    const path = pathOf(random.below(files));
    const act = random.below(5);
    rmSync(join(root, path), { recursive: true, force: true });
    if (act === 0) put(root, `${path}/inside`, "a folder in its place");
    else if (act < 4) put(root, path, `other ${random.below(1000)}`);
    if (act === 4) put(root, `${path}.new`, "new");
  }
}

describe("a scan with a second thread", () => {
  test("finds what one thread finds, scan after scan, while files change (seed 11)", async () => {
    const files = 1500;
    const root = repository(files);
    const random = seededRandom(11);
    const alone = new Scanner(root);
    const both = new Scanner(root, startScanThread);
    // The thread needs a moment; before it is there, and while it comes, the first one does all.
    for (let round = 0; round < 12; round++) {
      expect(both.scan()).toEqual(alone.scan());
      disturb(root, files, random);
      if (round % 4 === 3) git(root, "add", "-A");
      await Bun.sleep(20);
    }
    both.close();
  });

  test("asks for none in a short process or a small tree", () => {
    const root = repository(30);
    const started: string[] = [];
    const start: StartScanThread = () => {
      started.push("thread");
      return eagerThread();
    };
    const small = new Scanner(root, start, { fewFiles: 31, firstScans: 0 });
    const short = new Scanner(root, start, { fewFiles: 0, firstScans: 3 });
    for (let scan = 0; scan < 3; scan++) {
      small.scan();
      short.scan();
    }
    expect(started).toEqual([]);
    short.scan();
    expect(started).toEqual(["thread"]);
  });

  test("is done by one when there is no other, when it never comes, and when it dies amid its work", () => {
    const root = repository(300);
    put(root, pathOf(3), "changed");
    const found = new Scanner(root).scan();
    expect(found.changes).toHaveLength(1);
    expect(new Scanner(root, () => undefined).scan()).toEqual(found);
    expect(new Scanner(root, () => ({ post() {}, stop() {} })).scan()).toEqual(found);
    const stopped: string[] = [];
    const dies: StartScanThread = () => ({
      post({ shared, scan }) {
        const look = {
          enter() {},
          lookAtEntries: () => {
            throw new Error("gone");
          },
        };
        expect(() => new SharedScan(shared).serve(scan, look as never)).toThrow("gone");
      },
      stop: () => void stopped.push("stopped"),
    });
    const scanner = new Scanner(root, dies);
    expect(scanner.scan()).toEqual(found);
    // It is not asked again.
    expect(stopped).toEqual(["stopped"]);
    expect(scanner.scan()).toEqual(found);
  });

  test("knows what this process has written into the index since", () => {
    const root = repository(120);
    const partner = new ScanPartner(root, eagerThread, EAGER);
    const objects = new MemoryObjects(root);
    let index = readIndex(join(root, ".git"));
    const scan = () =>
      scanWorkTree({
        root,
        gitDirectory: join(root, ".git"),
        index: (index = readIndex(join(root, ".git"), { known: index })),
        objects,
        settings: DEFAULT_SETTINGS,
        openFolderStats,
        partner,
      });
    for (let round = 0; round < 3; round++) {
      put(root, pathOf(round + 1), `changed in round ${round}`);
      expect(scan().changes.map(({ path }) => path)).toEqual([pathOf(round + 1)]);
      const lock = lockIndex(join(root, ".git"), { known: index });
      const paths = [pathOf(round + 1)];
      stagePaths({
        root,
        gitDirectory: join(root, ".git"),
        index: lock.index,
        batch: objects,
        paths,
        settings: DEFAULT_SETTINGS,
      });
      const { entries } = lock.index;
      lock.write(lock.index);
      expect(scan().changes).toEqual([]);
      // Not read anew, and changed where it lies.
      expect(index.entries).toBe(entries);
    }
  });

  test("has a partner that really looks", async () => {
    const root = repository(200);
    const index = readIndex(join(root, ".git"));
    const shared = SharedScan.of(index.entries);
    const thread = startScanThread<ScanOrder>();
    if (cannotRun(thread === undefined, "there is one processor, or no statx")) return;
    // Of all repositories of a process it is the same one; it ends with the last that uses it.
    const other = startScanThread<ScanOrder>();
    other?.stop();
    other?.stop();
    thread?.post({ shared: shared.shared, scan: shared.begin(index, true), root });
    let results: ReturnType<SharedScan["take"]>;
    for (let wait = 0; wait < 500 && !(results instanceof Uint8Array); wait++) {
      await Bun.sleep(10);
      // The last piece: by then the thread has been through all others.
      results = wait < 20 ? undefined : shared.take(shared.pieces.length - 2, 1000);
    }
    expect(results).toBeInstanceOf(Uint8Array);
    thread?.stop();
  });

  test("believes nothing that was found out for the scan before", () => {
    const root = repository(200);
    const index = readIndex(join(root, ".git"));
    const shared = SharedScan.of(index.entries);
    const first = shared.begin(index, true);
    eagerThread()?.post({ shared: shared.shared, scan: first, root });
    expect(shared.take(0, 0)).toBeInstanceOf(Uint8Array);
    const second = shared.begin(index, true);
    // The other thread is late: it goes on with the first scan.
    eagerThread()?.post({ shared: shared.shared, scan: first, root });
    expect(shared.take(0, 0)).toBeUndefined();
    eagerThread()?.post({ shared: shared.shared, scan: second, root });
    expect(shared.take(0, 0)).toBeUndefined();
    expect(shared.take(1, 0)).toBeInstanceOf(Uint8Array);
    shared.end();
  });

  test("sees a change that leaves size and time alone but for the inode", () => {
    const root = repository(100);
    const path = join(root, pathOf(8));
    const { atime, mtime, size } = statSync(path);
    rmSync(path);
    writeFileSync(path, "x".repeat(size));
    utimesSync(path, atime, mtime);
    const found = new Scanner(root, eagerThread).scan();
    expect(found.changes).toEqual([{ path: pathOf(8), kind: "modified" }]);
  });
});

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { fsyncSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CheckoutStep } from "../../../src/git/checkout/apply-changes.ts";
import type { DiskCalls } from "../../../src/git/checkout/durability.ts";
import { WORTH_ONE_SYNC } from "../../../src/git/checkout/durability.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import type { Files } from "./fixture.ts";
import { checkOut, commitFiles, expectCheckedOut, newRepository, read, startAt, write } from "./fixture.ts";

/** Calls in the order in which they came: the steps of the checkout and the waits for the disk. */
type Call = CheckoutStep | "fsync" | "fsync-folder" | "syncfs";

type Recorded = { readonly calls: Call[]; readonly disk: DiskCalls; isOpen: boolean };

/** @param answers what each syncfs says; the last one for all further ones. None: there is no syncfs */
function recorder(answers: readonly boolean[]): Recorded {
  let asked = 0;
  const recorded: Recorded = {
    calls: [],
    isOpen: false,
    disk: {
      syncFile(handle) {
        fsyncSync(handle);
        recorded.calls.push("fsync");
      },
      syncDirectory: () => recorded.calls.push("fsync-folder"),
      openFileSystem() {
        if (answers.length === 0) return undefined;
        recorded.isOpen = true;
        return {
          run() {
            recorded.calls.push("syncfs");
            return answers[Math.min(asked++, answers.length - 1)] ?? true;
          },
          close: () => (recorded.isOpen = false),
        };
      },
    },
  };
  return recorded;
}

function numbered(count: number, content: string): Files {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`f${String(at).padStart(4, "0")}`, content]),
  );
}

// A slow disk takes milliseconds for each of the many small files.
setDefaultTimeout(60_000);

const roots: string[] = [];

// Thousands of files at once would take longer than a hook may.
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A repository on its first commit, and the commit that holds the files. */
function ahead(files: Files): { readonly root: string; readonly target: string } {
  const root = newRepository();
  roots.push(root);
  const one = commitFiles(root, { keep: "1" });
  const target = commitFiles(root, { keep: "1", ...files }, one);
  startAt(root, one);
  return { root, target };
}

function count(calls: readonly Call[], wanted: Call): number {
  return calls.filter((call) => call === wanted).length;
}

function runRecorded(root: string, target: string, recorded: Recorded): void {
  const result = checkOut(root, target, {
    disk: recorded.disk,
    trace: (step) => recorded.calls.push(step),
  });
  expect(result.kind).toBe("done");
  expectCheckedOut(root, target);
  expect(recorded.isOpen).toBe(false);
}

describe("the bytes of new files", () => {
  test("are synced one file after the other where there are few", () => {
    const { root, target } = ahead(numbered(WORTH_ONE_SYNC - 1, "2"));
    const recorded = recorder([true]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "fsync")).toBe(WORTH_ONE_SYNC - 1);
    expect(count(recorded.calls, "syncfs")).toBe(0);
    for (const [at, call] of recorded.calls.entries())
      if (call === "place") expect(recorded.calls.slice(0, at).filter(isPlaceOrFsync).at(-1)).toBe("fsync");
  });

  test("are synced together where there are many, before the first of them takes its place", () => {
    const { root, target } = ahead(numbered(WORTH_ONE_SYNC, "2"));
    const recorded = recorder([true]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "fsync")).toBe(0);
    expect(count(recorded.calls, "syncfs")).toBe(1);
    const synced = recorded.calls.indexOf("syncfs");
    expect(synced).toBeGreaterThan(recorded.calls.lastIndexOf("prepare"));
    expect(synced).toBeLessThan(recorded.calls.indexOf("place"));
    expect(recorded.calls.lastIndexOf("place")).toBeLessThan(recorded.calls.indexOf("fsync-folder"));
    expect(recorded.calls.indexOf("fsync-folder")).toBeLessThan(recorded.calls.indexOf("index"));
  });

  test("are synced batch by batch, so that temporary files never fill the disk", () => {
    const { root, target } = ahead(numbered(1_001, "2"));
    const recorded = recorder([true]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "syncfs")).toBe(3);
    let waiting = 0;
    for (const call of recorded.calls) {
      if (call === "prepare") waiting++;
      if (call === "place") waiting--;
      expect(waiting).toBeLessThanOrEqual(500);
    }
  });

  test("count as much as their number", () => {
    const large = "x".repeat(33 * 1024 * 1024);
    const { root, target } = ahead({ ...numbered(WORTH_ONE_SYNC, "2"), a: large, b: large });
    const recorded = recorder([true]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "syncfs")).toBe(2);
    expect(recorded.calls.indexOf("syncfs")).toBeLessThan(recorded.calls.lastIndexOf("prepare"));
  });

  test("are synced one by one where the system has no syncfs", () => {
    const { root, target } = ahead(numbered(WORTH_ONE_SYNC + 5, "2"));
    const recorded = recorder([]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "fsync")).toBe(WORTH_ONE_SYNC + 5);
  });

  test("are written anew, and synced one by one, when something may not have reached the disk", () => {
    const { root, target } = ahead(numbered(520, "2"));
    const recorded = recorder([true, false]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "syncfs")).toBe(2);
    expect(count(recorded.calls, "fsync")).toBe(20);
    expect(count(recorded.calls, "place")).toBe(520);
  });
});

describe("folders in which names changed", () => {
  const files = Object.fromEntries(
    Array.from({ length: WORTH_ONE_SYNC + 3 }, (_, at) => [`folder${at}/file`, "2"]),
  );

  test("are synced together where there are many, before the index is written", () => {
    const { root, target } = ahead(files);
    const recorded = recorder([true]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "fsync-folder")).toBe(0);
    const last = recorded.calls.lastIndexOf("syncfs");
    expect(count(recorded.calls, "syncfs")).toBe(2);
    expect(last).toBeGreaterThan(recorded.calls.lastIndexOf("place"));
    expect(last).toBeLessThan(recorded.calls.indexOf("index"));
  });

  test("are synced one by one when that fails", () => {
    const { root, target } = ahead(files);
    const recorded = recorder([true, false]);
    runRecorded(root, target, recorded);
    expect(count(recorded.calls, "fsync-folder")).toBe(WORTH_ONE_SYNC + 4);
  });
});

describe("a batch", () => {
  const many = 510;

  /** A crash at a step of a checkout of two batches. */
  function crash(at: (step: CheckoutStep, path: string) => boolean): { root: string; target: string } {
    const { root, target } = ahead(numbered(many, "2"));
    const trace = (step: CheckoutStep, path: string): void => {
      if (at(step, path)) throw new Error("crash");
    };
    expect(() => checkOut(root, target, { trace })).toThrow("crash");
    return { root, target };
  }

  test.each([
    ["before the first one is synced", (step: string) => step === "sync-files"],
    ["amid the first one", (step: string, path: string) => step === "place" && path === "f0250"],
    ["between two", (step: string, path: string) => step === "prepare" && path === "f0500"],
    ["amid the second one", (step: string, path: string) => step === "recheck" && path === "f0505"],
  ])("that is cut off %s leaves no temporary file and is finished by the next checkout", (_, at) => {
    const { root, target } = crash(at);
    expect(readdirSync(join(root, ".git/lull/tmp"))).toEqual([]);
    expect(checkOut(root, target).kind).toBe("done");
    expectCheckedOut(root, target);
  });

  test("that is killed leaves temporary files, which the next checkout clears away", () => {
    const { root, target } = ahead(numbered(many, "2"));
    const script = join(temporaryDirectory(), "kill.ts");
    writeFileSync(
      script,
      `import { checkOut } from ${JSON.stringify(join(import.meta.dir, "fixture.ts"))};
      checkOut(${JSON.stringify(root)}, ${JSON.stringify(target)}, {
        trace: (step, path) => { if (step === "place" && path === "f0100") process.kill(process.pid, "SIGKILL"); } });`,
    );
    expect(Bun.spawnSync([process.execPath, script]).signalCode).toBe("SIGKILL");
    expect(readdirSync(join(root, ".git/lull/tmp"))).toHaveLength(400);
    expect(checkOut(root, target).kind).toBe("done");
    expectCheckedOut(root, target);
  });

  test("ends at a path that is blocked by then: what waits behind it is discarded, the branch stays", () => {
    const { root, target } = ahead(numbered(many, "2"));
    const result = checkOut(root, target, {
      trace: (step) => {
        if (step === "sync-files") write(root, "f0100", "mine");
      },
    });
    expect(result).toEqual({
      kind: "blocked",
      paths: [{ path: "f0100", reason: "an untracked file is in the way" }],
    });
    expect(read(root, "f0100")).toBe("mine");
    expect(readdirSync(root).filter((name) => name.startsWith("f"))).toHaveLength(101);
    expect(readdirSync(join(root, ".git/lull/tmp"))).toEqual([]);
    expect(git(root, "rev-parse", "HEAD")).not.toBe(target);
  });

  test("makes a folder again that was removed while the files waited", () => {
    const files = Object.fromEntries(
      Object.entries(numbered(40, "2")).map(([name, text]) => [`d/${name}`, text]),
    );
    const { root, target } = ahead(files);
    mkdirSync(join(root, "d"));
    const trace = (step: CheckoutStep): void => {
      if (step === "sync-files") Bun.spawnSync(["rmdir", join(root, "d")]);
    };
    expect(checkOut(root, target, { trace }).kind).toBe("done");
    expectCheckedOut(root, target);
  });

  test("stops between two files when it is cancelled", () => {
    const { root, target } = ahead(numbered(40, "2"));
    const controller = new AbortController();
    const trace = (step: CheckoutStep, path: string): void => {
      if (step === "place" && path === "f0010") controller.abort();
    };
    expect(() => checkOut(root, target, { trace, signal: controller.signal })).toThrow();
    expect(readdirSync(root).filter((name) => name.startsWith("f"))).toHaveLength(11);
    expect(checkOut(root, target).kind).toBe("done");
    expectCheckedOut(root, target);
  });
});

function isPlaceOrFsync(call: Call): boolean {
  return call === "place" || call === "fsync";
}

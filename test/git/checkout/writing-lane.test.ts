import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

import type { WritingHelp } from "../../../src/git/checkout/checkout.ts";
import { diskCalls } from "../../../src/git/checkout/durability.ts";
import { FileOrders } from "../../../src/git/checkout/file-orders.ts";
import type { WriteFilesOrder } from "../../../src/git/checkout/writing-lane.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { openFolderStats } from "../../../src/platform/folder-stats.ts";
import { startPullThread } from "../../../src/platform/threads.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import type { Files } from "./fixture.ts";
import { checkOut, commitFiles, expectCheckedOut, newRepository, read, startAt, write } from "./fixture.ts";

setDefaultTimeout(60_000);

/** Two batches and a half. */
const MANY = 1250;

const roots: string[] = [];
const thread = startPullThread<WriteFilesOrder>();
let made = 0;

beforeAll(async () => {
  const orders = new FileOrders();
  const slot = orders.add({ number: 1, mode: 0o666, oid: "1".repeat(40), place: undefined }) ?? 0;
  const { shared } = orders;
  thread?.post({
    kind: "files",
    shared,
    gitDirectory: "/nonexistent",
    prefix: "/nonexistent/",
    memory: undefined,
  });
  // Until it has failed at it.
  if (thread !== undefined) while (!isFailed(orders, slot)) await Bun.sleep(1);
  orders.end(1000);
});

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});
afterAll(() => thread?.stop());

function isFailed(orders: FileOrders, slot: number): boolean {
  return !orders.takeBack(slot) && orders.result(slot, 0) === undefined;
}

function helpFrom(post: (order: WriteFilesOrder) => void): WritingHelp {
  return { isStarted: true, start: () => ({ post }) };
}

/** The real thread. */
const HELP = helpFrom((order) => {
  made++;
  thread?.post(order);
});

type Ahead = { readonly root: string; readonly target: string };

/** A repository on its first commit, and the commit with so many files more. */
function ahead(count = MANY): Ahead {
  const { root: template, target } = templates.get(count) ?? makeTemplate(count);
  const root = temporaryDirectory();
  roots.push(root);
  cpSync(template, root, { recursive: true });
  git(root, "update-index", "-q", "--refresh");
  return { root, target };
}

/** To make one takes a process for each content. */
const templates = new Map<number, Ahead>();

function makeTemplate(count: number): Ahead {
  const root = newRepository();
  const one = commitFiles(root, { keep: "1", old: "x" });
  const target = commitFiles(root, { keep: "1", ...mixed(count) }, one);
  startAt(root, one);
  git(root, "update-ref", "refs/heads/template", target);
  git(root, "repack", "-adq");
  git(root, "update-ref", "-d", "refs/heads/template");
  templates.set(count, { root, target });
  return { root, target };
}

/** Many plain files and some of every other kind among them. */
function mixed(count = MANY): Files {
  const files: Record<string, string> = { ".gitattributes": "*.crlf text eol=crlf\n" };
  for (let number = 0; number < count; number++) {
    const name = `f${number % 7}/${String(number).padStart(5, "0")}`;
    if (number % 50 === 1) files[`${name}*`] = `run ${number}\n`;
    else if (number % 50 === 2) files[name] = `->target ${number}`;
    else if (number % 50 === 3) files[`${name}.crlf`] = `a line\nand ${number}\n`;
    else if (number % 200 === 4) files[name] = `${number}`.repeat(60_000);
    else if (number % 50 === 5) files[name] = "";
    else files[name] = `plain ${number}\n`.repeat(number % 40);
  }
  return files;
}

describe("a second thread makes the temporary files of a checkout", () => {
  test("of every kind, from the store", () => {
    const { root, target } = ahead();
    const before = made;
    expect(checkOut(root, target, { help: HELP, openFolderStats }).kind).toBe("done");
    expect(made).toBe(before + 1);
    expectCheckedOut(root, target);
    expect(read(root, "f3/00003.crlf")).toBe("a line\r\nand 3\r\n");
    expect(statSync(join(root, "f1/00001")).mode & 0o100).toBe(0o100);
    expect(existsSync(join(root, "old"))).toBe(false);
  });

  test("and the files that it replaces keep their modes", () => {
    const { root, target } = ahead(300);
    expect(checkOut(root, target, { help: HELP }).kind).toBe("done");
    const files = Object.fromEntries(
      Object.entries(mixed(300)).map(([name, text]) => [name, text && `${text}!`]),
    );
    const next = commitFiles(root, { keep: "1", ...files }, target);
    const path = join(root, "f6/00006");
    Bun.spawnSync(["chmod", "600", path]);
    expect(checkOut(root, next, { help: HELP }).kind).toBe("done");
    expectCheckedOut(root, next);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("and stat data in the index vouch for them", async () => {
    const { root, target } = ahead();
    expect(checkOut(root, target, { help: HELP, openFolderStats }).kind).toBe("done");
    // Where the file system's clock ticked in between, as it nearly always does.
    const stale = git(root, "ls-files", "--debug").split("size: 0\t").length - 1;
    const empty = Object.values(mixed()).filter((text) => text === "").length;
    expect(stale).toBeLessThan(MANY / 2 + empty);
  });
});

describe("a checkout needs no thread that", () => {
  function expectDone(help: WritingHelp, count = MANY): void {
    const { root, target } = ahead(count);
    expect(checkOut(root, target, { help }).kind).toBe("done");
    expectCheckedOut(root, target);
  }

  test("is not there", () => expectDone({ isStarted: true, start: () => undefined }));

  test("never starts", () => expectDone(helpFrom(() => {})));

  test("can read no object", () =>
    expectDone(helpFrom((order) => thread?.post({ ...order, gitDirectory: "/nonexistent" }))));

  test("can write no file", () =>
    expectDone(helpFrom((order) => thread?.post({ ...order, prefix: `${import.meta.path}/` }))));

  test("is killed in the middle of it", async () => {
    for (let round = 0; round < 8; round++) {
      const mortal = startPullThread<WriteFilesOrder>();
      const { root, target } = ahead();
      let left = 100 + round * 150;
      const trace = (step: string): void => {
        if (step !== "prepare" && step !== "place") return;
        if (--left === 0) mortal?.stop();
      };
      const help = { ...helpFrom((order) => mortal?.post(order)), mostSilenceMs: 50 };
      // Time to wake up, so that it dies at its work.
      if (round % 2 === 1) await Bun.sleep(60);
      expect(checkOut(root, target, { help, trace }).kind).toBe("done");
      expect(git(root, "status", "--porcelain")).toBe("");
      mortal?.stop();
      // What it left half done goes with the next checkout.
      startAt(root, `${target}^`);
      expect(checkOut(root, target).kind).toBe("done");
      expectCheckedOut(root, target);
    }
  });

  test("takes a file in hand and falls silent", () => {
    const { root, target } = ahead(300);
    let orders = new FileOrders();
    const help = helpFrom((order) => (orders = new FileOrders(order.shared)));
    const silent = { ...help, mostSilenceMs: 5 };
    const trace = (step: string): void => {
      if (step === "sync-files") return;
      orders.begin();
    };
    expect(checkOut(root, target, { help: silent, trace }).kind).toBe("done");
    expectCheckedOut(root, target);
  });
});

describe("with a second thread", () => {
  test("all is written anew, in both batches, when something may not have reached the disk", () => {
    for (const failing of [0, 1, 2]) {
      const { root, target } = ahead();
      const synced: number[] = [];
      let asked = 0;
      const disk = {
        ...diskCalls(),
        syncFile: (handle: number) => void synced.push(handle),
        openFileSystem: () => ({ run: () => asked++ !== failing, close() {} }),
      };
      expect(checkOut(root, target, { help: HELP, disk }).kind).toBe("done");
      expectCheckedOut(root, target);
      const links = Object.values(mixed()).filter((text) => text.startsWith("->")).length;
      // What was put in place before is safe; everything else answers for itself.
      const atLeast = Object.keys(mixed()).length - failing * 500 - links;
      expect(synced.length).toBeGreaterThanOrEqual(atLeast);
    }
  });

  test("what blocks one path discards what waits behind it, in both batches", () => {
    const { root, target } = ahead();
    const result = checkOut(root, target, {
      help: HELP,
      trace: (step, path) => {
        if (step === "recheck" && path === "f0/00007") write(root, path, "mine");
      },
    });
    expect(result.kind).toBe("blocked");
    expect(read(root, "f0/00007")).toBe("mine");
    expect(readdirSync(join(root, ".git/lull/tmp"))).toEqual([]);
    expect(git(root, "rev-parse", "HEAD")).not.toBe(target);
  });

  test.each(["prepare", "sync-files", "recheck", "place"])(
    "a checkout that is cut off at a step (%s) leaves no temporary file and is finished by the next",
    (wanted) => {
      for (const at of [1, 400, 700]) {
        const { root, target } = ahead();
        let left = wanted === "sync-files" ? Math.ceil(at / 500) : at;
        const trace = (step: string): void => {
          if (step === wanted && --left === 0) throw new Error("crash");
        };
        expect(() => checkOut(root, target, { help: HELP, trace })).toThrow("crash");
        expect(readdirSync(join(root, ".git/lull/tmp"))).toEqual([]);
        expect(checkOut(root, target, { help: HELP }).kind).toBe("done");
        expectCheckedOut(root, target);
      }
    },
  );

  test("orders are made once, by whoever comes first", () => {
    const root = newRepository();
    roots.push(root);
    const oid = git(root, "hash-object", "-w", join(import.meta.dir, "fixture.ts"));
    const orders = new FileOrders();
    const slots = Array.from({ length: 3 }, (_, number) =>
      orders.add({ number, mode: 0o600, oid, place: undefined }),
    );
    const [first = 0, second = 0] = slots;
    expect(orders.takeBack(second)).toBe(true);
    expect(orders.takeBack(second)).toBe(false);
    const store = openObjectStore(join(root, ".git"));
    // Here in the same thread: it ends when there is no more.
    const stopping = {
      open: (...asked: Parameters<typeof store.open>) => {
        if (existsSync(join(root, "t0"))) orders.end(0);
        return store.open(...asked);
      },
    };
    orders.serve({ store: stopping, prefix: join(root, "t"), memory: undefined });
    const made = readdirSync(root).filter((name) => name.startsWith("t"));
    expect(made.sort()).toEqual(["t0", "t2"]);
    const stat = orders.result(first, 0);
    expect(stat).toMatchObject({ kind: "file", size: statSync(join(root, "t0")).size });
    expect(orders.takeBack(first)).toBe(false);
    store.close();
  });
});

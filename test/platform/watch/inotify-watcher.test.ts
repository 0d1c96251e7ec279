/** What only inotify tells of: the end of a folder, lost events, the system's limits. Real ones, where they may be set. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemTimers } from "../../../src/base/timers.ts";
import { currentSystem } from "../../../src/platform/system.ts";
import { InotifyWatcher } from "../../../src/platform/watch/inotify-watcher.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { watchFolder, type WatchedFolder } from "../../helpers/watched-tree.ts";

const isLinux = currentSystem() === "linux";
const isRoot = process.getuid?.() === 0;

let watcher: InotifyWatcher;
let top: string;
const open: Disposable[] = [];

beforeEach(() => {
  watcher = new InotifyWatcher(systemTimers);
  top = temporaryDirectory();
});

afterEach(() => {
  for (const handle of open.splice(0).reverse()) handle[Symbol.dispose]();
  watcher[Symbol.dispose]();
});

async function watching(folder: string, options?: Parameters<typeof watchFolder>[2]): Promise<WatchedFolder> {
  const seen = await watchFolder(watcher, folder, options);
  open.push(seen);
  return seen;
}

function folders(...names: readonly string[]): void {
  for (const name of names) mkdirSync(join(top, name), { recursive: true });
}

describe.skipIf(cannotRun(!isLinux, "inotify is Linux's"))("inotify", () => {
  test("gives no watch to what is left out, and one to all else", async () => {
    folders("a/b", "node_modules/x/y", "c");
    const seen = await watching(top, { isLeftOut: (path) => path === "node_modules" });
    expect(seen.folders()).toBe(4);
    expect(watchesOfThisProcess()).toBe(4);
    rmSync(join(top, "a"), { recursive: true });
    await seen.untilPath("a");
    await seen.until(() => seen.folders() === 2);
  });

  test("gives every watch back when it is closed", async () => {
    folders("a/b");
    using seen = await watchFolder(watcher, top);
    expect(seen.folders()).toBe(3);
    const other = temporaryDirectory();
    await watching(other);
    seen[Symbol.dispose]();
    expect(watchesOfThisProcess()).toBe(1);
  });

  test("says that the folder is gone: removed, or moved away", async () => {
    for (const end of [
      () => rmSync(join(top, "source"), { recursive: true }),
      () => renameSync(join(top, "source"), join(top, "elsewhere")),
    ]) {
      folders("source/deep");
      const seen = await watching(join(top, "source"));
      end();
      await seen.untilKind("gone");
      expect(seen.events.at(-1)).toEqual({ kind: "gone" });
    }
  });

  test("says at once that a folder is not there", async () => {
    const seen = await watching(join(top, "nothing"));
    expect(seen.events).toEqual([{ kind: "gone" }]);
  });

  test("follows a link to the folder itself", async () => {
    folders("real/sub");
    symlinkSync(join(top, "real"), join(top, "link"));
    const seen = await watching(join(top, "link"));
    writeFileSync(join(top, "real/sub/file"), "1");
    await seen.untilPath("sub/file");
  });

  test("does not tell any more of what was moved out", async () => {
    folders("source/out/deep", "source/stays");
    const seen = await watching(join(top, "source"));
    renameSync(join(top, "source/out"), join(top, "out"));
    await seen.untilPath("out");
    expect(seen.folders()).toBe(2);
    seen.forget();
    writeFileSync(join(top, "out/deep/file"), "1");
    writeFileSync(join(top, "source/stays/marker"), "1");
    await seen.untilPath("stays/marker");
    expect(seen.paths()).toEqual(["stays/marker"]);
  });

  test("keeps its paths when folders swap names", async () => {
    folders("a/x", "b/y");
    const seen = await watching(top);
    renameSync(join(top, "a"), join(top, "c"));
    renameSync(join(top, "b"), join(top, "a"));
    renameSync(join(top, "c"), join(top, "b"));
    writeFileSync(join(top, "end"), "");
    await seen.untilPath("end");
    seen.forget();
    writeFileSync(join(top, "a/y/file"), "1");
    writeFileSync(join(top, "b/x/file"), "1");
    await seen.untilPath("b/x/file");
    expect(seen.paths()).toEqual(["a/y/file", "b/x/file"]);
    expect(seen.folders()).toBe(5);
  });

  test("names bytes that are no text", async () => {
    const seen = await watching(top);
    mkdirSync(Buffer.from(`${top}/\xff`, "latin1"));
    await seen.untilPath("\xff");
    writeFileSync(Buffer.from(`${top}/\xff/\xfe.txt`, "latin1"), "1");
    await seen.untilPath("\xff/\xfe.txt");
  });

  test("watches one folder for two sources, and for one when the other ends", async () => {
    folders("outer/inner/deep");
    const outer = await watchFolder(watcher, join(top, "outer"));
    const inner = await watching(join(top, "outer/inner"));
    writeFileSync(join(top, "outer/inner/deep/one"), "1");
    await Promise.all([outer.untilPath("inner/deep/one"), inner.untilPath("deep/one")]);
    outer[Symbol.dispose]();
    writeFileSync(join(top, "outer/inner/deep/two"), "1");
    await inner.untilPath("deep/two");
    expect(outer.paths()).not.toContain("inner/deep/two");
  });

  test("watches what counts after other rules, and no longer what does not", async () => {
    folders("one/deep", "two/deep");
    let leftOut = "one";
    const seen = await watching(top, { isLeftOut: (path) => path === leftOut });
    leftOut = "two";
    await seen.rearm();
    expect(seen.folders()).toBe(3);
    writeFileSync(join(top, "two/deep/file"), "1");
    writeFileSync(join(top, "one/deep/file"), "1");
    await seen.untilPath("one/deep/file");
    expect(seen.paths()).toEqual(["one/deep/file"]);
  });
});

/** Limits of this process's children only: a user namespace has its own. */
describe.skipIf(cannotRun(!hasNamespaces(), "no user namespace can be made here"))(
  "with few watches left",
  () => {
    type Limits = { readonly watches: number; readonly instances: number };

    /** Starts a process that watches the folder, and returns its lines. */
    function lines({ watches, instances }: Limits): AsyncGenerator {
      const script = `echo ${watches} >/proc/sys/user/max_inotify_watches && echo ${instances} >/proc/sys/user/max_inotify_instances && exec "$@"`;
      const watchingProcess = join(import.meta.dir, "watching-process.ts");
      const command = ["sh", "-c", script, "sh", process.execPath, watchingProcess, top];
      const child = Bun.spawn(["unshare", "--user", "--map-root-user", ...command], {
        stdout: "pipe",
        stderr: "inherit",
      });
      return parsedLines(child.stdout);
    }

    const refused = {
      kind: "refused",
      refusal: {
        code: "WATCH_LIMIT",
        message: "the system's limit of watched folders (3) is used up",
        hint: "raise it with `sudo sysctl user.max_inotify_watches=524288`, for good with that setting in a file in /etc/sysctl.d",
      },
    };

    test("says which limit is used up", async () => {
      folders("a", "b", "c", "d");
      const told = lines({ watches: 3, instances: 10 });
      expect((await told.next()).value).toEqual(refused);
      expect((await told.next()).value).toEqual({ kind: "ready" });
      expect((await told.next()).done).toBe(true);
    });

    test("the same when a folder comes later", async () => {
      folders("a");
      const told = lines({ watches: 3, instances: 10 });
      expect((await told.next()).value).toEqual({ kind: "ready" });
      folders("b", "c");
      const rest = await Array.fromAsync(told);
      expect(rest.at(-1)).toEqual(refused);
    });

    test("says when this user may have no more watchers", async () => {
      const told = lines({ watches: 3, instances: 0 });
      expect((await told.next()).value).toMatchObject({
        kind: "refused",
        refusal: { code: "WATCHER_LIMIT", hint: expect.stringContaining("user.max_inotify_instances=512") },
      });
      await Array.fromAsync(told);
    });
  },
);

const needsRoot = cannotRun(
  !isLinux || !isRoot,
  "only root may mount and set the length of the kernel's queue",
);

describe.skipIf(needsRoot)("as root", () => {
  test("says that events were lost, and finds the folders that came meanwhile", async () => {
    folders("busy");
    const limit = "/proc/sys/fs/inotify/max_queued_events";
    const before = readFileSync(limit, "utf8");
    let seen: WatchedFolder;
    try {
      // It counts when a watcher is opened: others in other processes are hardly met by it.
      writeFileSync(limit, "16");
      seen = await watching(top);
    } finally {
      writeFileSync(limit, before);
    }
    for (let number = 0; number < 500; number++) {
      writeFileSync(join(top, `busy/${number}`), "");
      mkdirSync(join(top, `new-${number}/deep`), { recursive: true });
    }
    await seen.untilKind("lost");
    await seen.until(() => seen.folders() === 1002 && seen.events.at(-1)?.kind === "lost");
    writeFileSync(join(top, "new-499/deep/file"), "");
    await seen.untilPath("new-499/deep/file");
  });

  test("says that the folder is gone when its file system is unmounted", async () => {
    run("mount", "-t", "tmpfs", "none", top);
    try {
      folders("sub/deep");
      const seen = await watching(top);
      run("umount", top);
      await seen.untilKind("gone");
    } finally {
      Bun.spawnSync(["umount", top]);
    }
  });

  test("goes on when a file system inside is unmounted", async () => {
    folders("mounted", "stays");
    run("mount", "-t", "tmpfs", "none", join(top, "mounted"));
    try {
      folders("mounted/deep");
      const seen = await watching(top);
      run("umount", join(top, "mounted"));
      await seen.untilPath("mounted");
      writeFileSync(join(top, "stays/marker"), "");
      await seen.untilPath("stays/marker");
    } finally {
      Bun.spawnSync(["umount", join(top, "mounted")]);
    }
  });
});

function hasNamespaces(): boolean {
  if (!isLinux) return false;
  try {
    return Bun.spawnSync(["unshare", "--user", "--map-root-user", "true"]).exitCode === 0;
  } catch {
    return false;
  }
}

async function* parsedLines(stream: ReadableStream<Uint8Array>): AsyncGenerator {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
    }
  }
}

function run(...command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}

/** As the kernel counts them. */
function watchesOfThisProcess(): number {
  const { stdout } = Bun.spawnSync([
    "sh",
    "-c",
    `cat /proc/${process.pid}/fdinfo/* | grep -o '^inotify wd:[^ ]*' | sort -u | wc -l`,
  ]);
  return Number(stdout.toString());
}

import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";

import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { chooseHaves } from "../../../src/git/wire/choose-haves.ts";
import { objectsToSend } from "../../../src/git/wire/objects-to-send.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

/** A repository with branches that fork and meet, nested folders, renames, reverts and commit dates in any order. */
function randomRepository(seed: number): { directory: string; commits: string[] } {
  const directory = temporaryDirectory();
  git(directory, "init", "-q");
  let state = seed;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const commits: string[] = [];
  const files: string[] = [];
  for (let index = 0; index < 40; index++) {
    const env = {
      GIT_COMMITTER_DATE: `${1_700_000_000 + (seed % 2 === 0 ? index * 60 : random(100_000))} +0000`,
    };
    if (index > 3 && random(4) === 0)
      gitRaw(directory, ["checkout", "-q", "--detach", commits[random(commits.length)]!]);
    if (index > 5 && random(5) === 0) {
      try {
        gitRaw(directory, ["merge", "-q", "-X", "ours", "-m", "merge", commits[random(commits.length)]!], {
          env,
        });
      } catch {
        gitRaw(directory, ["reset", "-q", "--hard"]);
      }
    }
    const path =
      random(3) === 0 && files.length > 0
        ? files[random(files.length)]!
        : `d${random(3)}/e${random(3)}/f${index}`;
    files.push(path);
    mkdirSync(`${directory}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    // Few contents, so that the same blobs and trees turn up in several places.
    writeFileSync(`${directory}/${path}`, `content ${random(6)}\n`);
    git(directory, "add", "-A");
    gitRaw(directory, ["commit", "-q", "--allow-empty", "-m", `c${index}`], { env });
    commits.push(git(directory, "rev-parse", "HEAD"));
    git(directory, "branch", `b${index}`);
  }
  return { directory, commits };
}

function revList(directory: string, ...args: readonly string[]): Set<string> {
  const output = git(directory, "rev-list", "--objects", ...args);
  return new Set(output === "" ? [] : output.split("\n").map((line) => line.slice(0, 40)));
}

describe("objectsToSend", () => {
  test.each([2, 4, 3, 5])(
    "together with what the other side has, makes every want whole (history %d)",
    (seed) => {
      const { directory, commits } = randomRepository(seed);
      const store = openObjectStore(`${directory}/.git`);
      for (let index = 0; index < commits.length; index++) {
        const wants = [commits[index]!, commits[(index * 7) % commits.length]!];
        const haves =
          index % 3 === 0 ? [] : [commits[(index * 5) % commits.length]!, commits[Math.floor(index / 2)]!];
        const sent = objectsToSend(store, { wants, haves }).oids;
        expect(new Set(sent).size).toBe(sent.length);
        const all = revList(directory, ...wants);
        const had = haves.length === 0 ? new Set<string>() : revList(directory, ...haves);
        const missing = [...all].filter((oid) => !had.has(oid) && !sent.includes(oid));
        expect(missing).toEqual([]);
        // Never anything that the wants do not reach, and no commit that the other side has when dates are in order.
        expect(sent.filter((oid) => !all.has(oid))).toEqual([]);
        const commitsOnly = new Set(commits);
        if (seed % 2 === 0) expect(sent.filter((oid) => commitsOnly.has(oid) && had.has(oid))).toEqual([]);
      }
      store.close();
    },
  );

  test("gives commits first, newest first, then what tags name, and follows nested tags", () => {
    const directory = temporaryDirectory();
    git(directory, "init", "-q");
    writeFileSync(`${directory}/a`, "a\n");
    git(directory, "add", "a");
    git(directory, "commit", "-q", "-m", "one");
    const one = git(directory, "rev-parse", "HEAD");
    const blob = git(directory, "rev-parse", "HEAD:a");
    const tree = git(directory, "rev-parse", "HEAD^{tree}");
    git(directory, "tag", "-a", "-m", "t", "inner");
    git(directory, "tag", "-a", "-m", "t", "outer", "inner");
    git(directory, "tag", "-a", "-m", "t", "blob", blob);
    git(directory, "tag", "-a", "-m", "t", "tree", tree);
    const name = (ref: string): string => git(directory, "rev-parse", ref);
    const store = openObjectStore(`${directory}/.git`);
    const wants = ["outer", "blob", "tree"].map(name);
    expect(objectsToSend(store, { wants, haves: [] }).oids).toEqual([
      one,
      ...["outer", "inner", "blob", "tree"].map(name),
      tree,
      blob,
    ]);
    expect(objectsToSend(store, { wants: [name("outer")], haves: [name("inner")] }).oids).toEqual([
      name("outer"),
      name("inner"),
    ]);
    expect(objectsToSend(store, { wants: [one], haves: ["f".repeat(40)] }).oids).toEqual([one, tree, blob]);
    expect(() => objectsToSend(store, { wants: ["f".repeat(40)], haves: [] })).toThrow(
      "is not in the repository",
    );
    store.close();
  });

  test("what is moved, copied or taken back within reach of the bases is not sent again", () => {
    const directory = temporaryDirectory();
    git(directory, "init", "-q");
    const write = (path: string, content: string): void => {
      mkdirSync(`${directory}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      writeFileSync(`${directory}/${path}`, content);
    };
    const commit = (): string => {
      git(directory, "add", "-A");
      git(directory, "commit", "-q", "-m", "c");
      return git(directory, "rev-parse", "HEAD");
    };
    for (const path of ["d/a", "d/b", "e/c", "f/g/h"]) write(path, `content of ${path}`);
    const first = commit();
    const blobsFor = (want: string, have: string): string[] => {
      const store = openObjectStore(`${directory}/.git`);
      const { oids, isThere } = objectsToSend(store, { wants: [want], haves: [have] });
      expect(isThere(git(directory, "rev-parse", `${have}^{tree}:d`))).toBe(true);
      expect(isThere("f".repeat(40))).toBe(false);
      store.close();
      return oids.filter((oid) => git(directory, "cat-file", "-t", oid) === "blob");
    };
    git(directory, "mv", "f/g", "f/k");
    git(directory, "mv", "d/a", "e/a");
    expect(blobsFor(commit(), first)).toEqual([]);
    const moved = git(directory, "rev-parse", "HEAD");
    write("d/copy", "content of d/b");
    expect(blobsFor(commit(), moved)).toEqual([]);
    const copied = git(directory, "rev-parse", "HEAD");
    write("e/c", "other");
    commit();
    write("e/c", "content of e/c");
    expect(blobsFor(commit(), copied)).toEqual([git(directory, "rev-parse", "HEAD~1:e/c")]);
  });

  test("a deep linear history with one big folder is walked without reading it anew for each commit", () => {
    const directory = temporaryDirectory();
    git(directory, "init", "-q");
    let stream = "";
    for (let index = 0; index < 500; index++) {
      stream += `commit refs/heads/main\ncommitter A <a@b> ${1_700_000_000 + index} +0000\ndata 1\nx\n`;
      stream += `M 100644 inline dir/file${index}\ndata 2\n${String.fromCharCode(97 + (index % 26))}\n\n`;
    }
    gitRaw(directory, ["fast-import", "--quiet"], { input: stream });
    const store = openObjectStore(`${directory}/.git`);
    let reads = 0;
    const counting = {
      ...store,
      has: store.has.bind(store),
      header: store.header.bind(store),
      read: (oid: string) => (reads++, store.read(oid)),
    };
    const sent = objectsToSend(counting, { wants: [git(directory, "rev-parse", "main")], haves: [] }).oids;
    expect(new Set(sent)).toEqual(revList(directory, "main"));
    expect(reads).toBeLessThan(500 * 3 + 10);
    store.close();
  });
});

describe("chooseHaves", () => {
  test("names all tips, then the newest commits below, 256 at most", () => {
    const { directory, commits } = randomRepository(2);
    const store = openObjectStore(`${directory}/.git`);
    git(directory, "tag", "-a", "-m", "t", "tag", commits[1]!);
    const tips = [
      commits[30]!,
      git(directory, "rev-parse", "tag"),
      "f".repeat(40),
      git(directory, "rev-parse", "HEAD:d0"),
    ];
    const haves = chooseHaves(store, tips);
    expect(haves.slice(0, 2)).toEqual([commits[30]!, commits[1]!]);
    expect(new Set(haves)).toEqual(
      new Set(git(directory, "rev-list", commits[30]!, commits[1]!).split("\n")),
    );
    store.close();
  });

  test("stops at 256, whether tips or history", () => {
    const directory = temporaryDirectory();
    git(directory, "init", "-q");
    let stream = "";
    for (let index = 0; index < 400; index++) {
      stream += `commit refs/heads/main\ncommitter A <a@b> ${1_700_000_000 + index} +0000\ndata 1\nx\n\n`;
    }
    gitRaw(directory, ["fast-import", "--quiet"], { input: stream });
    const store = openObjectStore(`${directory}/.git`);
    const all = git(directory, "rev-list", "main").split("\n");
    expect(chooseHaves(store, [all[0]!])).toEqual(all.slice(0, 256));
    expect(chooseHaves(store, all)).toEqual(all.slice(0, 256));
    expect(chooseHaves(store, [])).toEqual([]);
    store.close();
  });
});

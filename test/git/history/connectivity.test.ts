import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { serializeCommit } from "../../../src/git/objects/commit-object.ts";
import { checkConnectivity } from "../../../src/git/history/connectivity.ts";
import { loosePath } from "../../../src/git/objects/loose-object.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { serializeTag } from "../objects/serialize-tag.ts";
import { serializeTree } from "../../../src/git/objects/tree-object.ts";
import { MODE, type Oid, type TreeEntry } from "../../../src/git/model.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { allObjects, errorOf, sampleRepository } from "../objects/sample-repository.ts";

const BAD_PACK = { code: "BAD_PACK" };

describe("checkConnectivity", () => {
  test("is content with a whole repository, whatever is known of it", async () => {
    const repository = sampleRepository();
    const store = openObjectStore(join(repository, ".git"));
    const [head, tag, older] = ["HEAD", "v1", "HEAD~3"].map((name) => git(repository, "rev-parse", name));
    for (const haves of [[], [older!], [head!], ["1".repeat(40)], [tag!]]) {
      await checkConnectivity(store, [head!, tag!], haves);
    }
    store.close();
  });

  test("reads nothing when nothing is new", async () => {
    const unreadable = new Proxy({} as MemoryObjects, {
      get: (_, name) => {
        throw new Error(`asked for ${String(name)}`);
      },
    });
    await checkConnectivity(unreadable, [], ["1".repeat(40)]);
  });

  test("finds each single object that is missing, and names it", async () => {
    const repository = sampleRepository();
    const objects = join(repository, ".git/objects");
    const wants = [git(repository, "rev-parse", "v1")];
    for (const oid of allObjects(repository)) {
      const path = loosePath(objects, oid);
      const bytes = readFileSync(path);
      rmSync(path);
      const store = openObjectStore(join(repository, ".git"));
      expect(await errorOf(checkConnectivity(store, wants, []))).toMatchObject({
        ...BAD_PACK,
        data: { oid },
      });
      writeFileSync(path, bytes);
    }
  });

  test("does not walk below what is known", async () => {
    const { objects, commits } = history(50);
    for (const oid of commits.slice(0, 5)) objects.objects.delete(oid);
    await checkConnectivity(objects, [commits[49]!], [commits[20]!]);
    expect(await errorOf(checkConnectivity(objects, [commits[49]!], []))).toMatchObject(BAD_PACK);
  });

  test("does not walk below what is known where clocks were wrong", async () => {
    const { objects, commits } = history(50, (at) => 1000 - at * 10);
    await checkConnectivity(objects, [commits[49]!], [commits[20]!, commits[30]!]);
    const { objects: mixed, commits: more } = history(60, (at) => (at * 7919) % 500);
    await checkConnectivity(mixed, [more[59]!, more[30]!], [more[40]!, more[10]!]);
  });

  test("a known tip that reaches a new one by another way ends the walk", async () => {
    const { objects, commits } = history(5);
    const late = commitOn(objects, treeOf(objects, "late"), [commits[2]!], 99_999);
    await checkConnectivity(objects, [commits[4]!], [late]);
    await checkConnectivity(objects, [commits[2]!], [late, commits[4]!]);
  });

  test("a file that came back from history is looked for where it is not beside its twin", async () => {
    const objects = new MemoryObjects();
    const first = commitOn(objects, treeOf(objects, "same"), [], 1);
    const gone = objects.write("blob", Buffer.from("gone"));
    const tree = objects.write("tree", serializeTree([{ mode: MODE.file, name: "f", oid: gone }]));
    const second = commitOn(objects, tree, [first], 2);
    objects.objects.delete(gone);
    expect(await errorOf(checkConnectivity(objects, [second], [first]))).toMatchObject({
      ...BAD_PACK,
      data: { oid: gone },
    });
  });

  test("a change and its revert do not cover for each other's hole", async () => {
    const repository = temporaryDirectory();
    git(repository, "init", "-q");
    const commit = (content: string): void => {
      writeFileSync(join(repository, "y"), content);
      git(repository, "add", ".");
      git(repository, "commit", "-qm", content);
    };
    writeFileSync(join(repository, "x"), "unchanged throughout\n");
    for (const content of ["one", "two", "one"]) commit(content);
    const oid = git(repository, "rev-parse", "HEAD:x");
    rmSync(loosePath(join(repository, ".git/objects"), oid));
    const store = openObjectStore(join(repository, ".git"));
    const tip = git(repository, "rev-parse", "HEAD");
    expect(await errorOf(checkConnectivity(store, [tip], []))).toMatchObject({ ...BAD_PACK, data: { oid } });
    store.close();
  });

  test("submodules are passed over, folders that became files and back are followed", async () => {
    const objects = new MemoryObjects();
    const blob = objects.write("blob", Buffer.from("x"));
    const folder = objects.write("tree", serializeTree([{ mode: MODE.file, name: "x", oid: blob }]));
    const module: TreeEntry = { mode: MODE.submodule, name: "sub", oid: "9".repeat(40) };
    const asFile = objects.write("tree", serializeTree([module, { mode: MODE.file, name: "d", oid: blob }]));
    const asFolder = objects.write(
      "tree",
      serializeTree([module, { mode: MODE.directory, name: "d", oid: folder }]),
    );
    const first = commitOn(objects, asFile, [], 1);
    const second = commitOn(objects, asFolder, [first], 2);
    const third = commitOn(objects, asFile, [second], 3);
    await checkConnectivity(objects, [third], []);
    await checkConnectivity(objects, [third], [first]);
  });

  test("tips may be trees and blobs, also below tags", async () => {
    const objects = new MemoryObjects();
    const tree = treeOf(objects, "content");
    const blob = objects.write("blob", Buffer.from("blob"));
    const tag = (object: Oid, kind: "tree" | "blob"): Oid =>
      objects.write("tag", serializeTag({ object, kind, name: "t", tagger: undefined, message: "" }));
    await checkConnectivity(objects, [tree, blob, tag(tree, "tree"), tag(blob, "blob")], [tag(tree, "tree")]);
    const dangling = tag("8".repeat(40), "blob");
    expect(await errorOf(checkConnectivity(objects, [dangling], []))).toMatchObject(BAD_PACK);
    objects.objects.delete(objects.write("blob", Buffer.from("content")));
    expect(await errorOf(checkConnectivity(objects, [tree], []))).toMatchObject(BAD_PACK);
  });

  test("an object of the wrong kind counts as a hole", async () => {
    const objects = new MemoryObjects();
    const blob = objects.write("blob", Buffer.from("x"));
    expect(await errorOf(checkConnectivity(objects, [commitOn(objects, blob, [], 1)], []))).toMatchObject(
      BAD_PACK,
    );
    const commit = commitOn(objects, treeOf(objects, "x"), [blob], 1);
    expect(await errorOf(checkConnectivity(objects, [commit], []))).toMatchObject(BAD_PACK);
  });

  test("a folder 20,000 levels deep does not exhaust the stack", async () => {
    const objects = new MemoryObjects();
    let tree = treeOf(objects, "bottom");
    for (let depth = 0; depth < 20_000; depth++) {
      tree = objects.write("tree", serializeTree([{ mode: MODE.directory, name: "d", oid: tree }]));
    }
    await checkConnectivity(objects, [commitOn(objects, tree, [], 1)], []);
  });

  test("can be interrupted, and other errors pass through", async () => {
    const { objects, commits } = history(3000);
    const abort = new AbortController();
    const checking = checkConnectivity(objects, [commits.at(-1)!], [], abort.signal);
    abort.abort();
    expect(await errorOf(checking)).toMatchObject({ code: "INTERRUPTED" });
    objects.read = () => {
      throw new RangeError("something else");
    };
    expect(await errorOf(checkConnectivity(objects, [commits[0]!], []))).toBeInstanceOf(RangeError);
  });
});

function treeOf(objects: MemoryObjects, content: string): Oid {
  const oid = objects.write("blob", Buffer.from(content));
  return objects.write("tree", serializeTree([{ mode: MODE.file, name: "f", oid }]));
}

function commitOn(objects: MemoryObjects, tree: Oid, parents: readonly Oid[], seconds: number): Oid {
  const author = { name: "A", email: "a", seconds, offsetMinutes: 0 };
  return objects.write("commit", serializeCommit({ tree, parents, author, committer: author, message: "m" }));
}

/** A line of commits, oldest first, each with one changed file. */
function history(
  length: number,
  time: (at: number) => number = (at) => at + 1,
): { objects: MemoryObjects; commits: Oid[] } {
  const objects = new MemoryObjects();
  const commits: Oid[] = [];
  for (let at = 0; at < length; at++) {
    commits.push(commitOn(objects, treeOf(objects, `version ${at}`), commits.slice(-1), time(at)));
  }
  return { objects, commits };
}

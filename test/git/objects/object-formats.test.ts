import { describe, expect, test } from "bun:test";

import {
  parseCommit,
  parseCommitLinks,
  readCommit,
  readCommitLinks,
  serializeCommit,
} from "../../../src/git/objects/commit-object.ts";
import { hashObject, isOid } from "../../../src/git/objects/hash-object.ts";
import { formatSignature, parseSignature } from "../../../src/git/objects/signature.ts";
import { parseTag, peelTag } from "../../../src/git/objects/tag-object.ts";
import { serializeTag } from "./serialize-tag.ts";
import { ObjectLinks } from "../../../src/git/objects/object-links.ts";
import { parseTree, readTree, serializeTree } from "../../../src/git/objects/tree-object.ts";
import { EMPTY_TREE, MODE, type TreeEntry } from "../../../src/git/model.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { seededRandom } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

const TREE = EMPTY_TREE;
const PARENT = "1".repeat(40);

test("an object's name is the one that git gives", () => {
  expect(hashObject("tree", new Uint8Array(0))).toBe(EMPTY_TREE);
  expect(hashObject("blob", Buffer.from("hello\n"))).toBe("ce013625030ba8dba906f756967f9e9ca394464a");
  expect(isOid(EMPTY_TREE)).toBe(true);
  expect(isOid(EMPTY_TREE.toUpperCase())).toBe(false);
  expect(isOid(EMPTY_TREE.slice(1))).toBe(false);
});

describe("signatures", () => {
  test("are read in the usual form", () => {
    expect(parseSignature("Ada Lovelace <ada@example.com> 1700000000 -0130")).toEqual({
      name: "Ada Lovelace",
      email: "ada@example.com",
      seconds: 1_700_000_000,
      offsetMinutes: -90,
    });
  });

  for (const [line, name, email, seconds, offsetMinutes] of [
    ["Ada", "Ada", "", 0, 0],
    ["Ada <ada", "Ada <ada", "", 0, 0],
    ["Ada <ada@x>", "Ada", "ada@x", 0, 0],
    ["Ada <ada@x> 5", "Ada", "ada@x", 5, 0],
    ["Ada <ada@x> soon +0100", "Ada", "ada@x", 0, 0],
    ["Ada <ada@x> 99999999999999999999 +0100", "Ada", "ada@x", 0, 0],
    ["Ada <ada@x> 5 +9999", "Ada", "ada@x", 5, 0],
    ["Ada <ada@x> 5 -0000", "Ada", "ada@x", 5, 0],
    ["Ada <ada@x> 5 +1400", "Ada", "ada@x", 5, 840],
    ["<ada@x> 5 +0545", "", "ada@x", 5, 345],
    ["Ada <a<b@x>> 5 +0100", "Ada", "a<b@x", 5, 60],
  ] as const) {
    test(`are read without failing: ${line}`, () => {
      expect(parseSignature(line)).toEqual({ name, email, seconds, offsetMinutes });
    });
  }

  test("are written without what would break the line", () => {
    const signature = { name: " <Ada>\n,Lovelace.", email: "<ada@x>", seconds: 5.9, offsetMinutes: -90 };
    expect(formatSignature(signature)).toBe("Ada,Lovelace <ada@x> 5 -0130");
    expect(formatSignature({ name: "A", email: "a", seconds: -5, offsetMinutes: 345 })).toBe("A <a> 0 +0545");
  });
});

describe("commits", () => {
  const author = { name: "Ådå", email: "ada@example.com", seconds: 1_700_000_000, offsetMinutes: 60 };
  const committer = { ...author, seconds: 1_700_000_100, offsetMinutes: -300 };

  test("come back as they were written, and git reads the same", () => {
    const commit = { tree: TREE, parents: [], author, committer, message: "a subject — ünïcode\n\nbody\n" };
    const bytes = serializeCommit(commit);
    expect(parseCommit(bytes)).toEqual(commit);
    const repository = temporaryDirectory();
    git(repository, "init", "--quiet");
    git(repository, "hash-object", "-w", "-t", "tree", "/dev/null");
    const oid = gitRaw(repository, ["hash-object", "-w", "-t", "commit", "--stdin"], { input: bytes })
      .toString()
      .trim();
    expect(oid).toBe(hashObject("commit", bytes));
    expect(git(repository, "log", "-1", "--format=%an|%ae|%ad|%cd|%s", "--date=raw", oid)).toBe(
      "Ådå|ada@example.com|1700000000 +0100|1700000100 -0500|a subject — ünïcode",
    );
    expect(git(repository, "fsck", "--strict", oid)).not.toContain("error");
  });

  test("keep all their parents and skip headers that are not known", () => {
    const text = [
      `tree ${TREE}`,
      `parent ${PARENT}`,
      `parent ${"2".repeat(40)}`,
      "author A <a> 1 +0000",
      "committer C <c> 2 +0000",
      "gpgsig -----BEGIN PGP SIGNATURE-----",
      " ",
      " parent fake",
      " -----END PGP SIGNATURE-----",
      "HG:extra x",
      "",
      "parent of a message\n\nmore",
    ].join("\n");
    const commit = parseCommit(Buffer.from(text));
    expect(commit.parents).toEqual([PARENT, "2".repeat(40)]);
    expect(commit.message).toBe("parent of a message\n\nmore");
    expect(parseCommitLinks(Buffer.from(text))).toEqual({ tree: TREE, parents: commit.parents, seconds: 2 });
  });

  test("in the usual form are read in one step, to the same as line by line", () => {
    const texts = ["A", "Ada B", " Ada ", "", "Ådå", "a,b.", "A <B", "x>y"].flatMap((name) =>
      [
        "1 +0000",
        "1700000000 -0130",
        "12 +2500",
        "12 -9999",
        "12",
        "",
        "x",
        "9007199254740993 +0000",
      ].flatMap((date) =>
        ["", "m", "\n\nm\n", "grüße\n", "\uFEFFx", "a\0b"].flatMap((message) =>
          ["author", "other"].map(
            (first) =>
              `tree ${TREE}\nparent ${PARENT}\n${first} ${name} <a@x> 5 +0100\ncommitter ${name} <a@x> ${date}\n\n${message}`,
          ),
        ),
      ),
    );
    for (const text of texts) {
      // A line that nobody knows leads to the other way, and says nothing.
      const end = text.indexOf("\n\n");
      const known = Buffer.from(`${text.slice(0, end)}\nx-unknown 1${text.slice(end)}`);
      expect(parseCommit(Buffer.from(text))).toEqual(parseCommit(known));
      const {
        tree,
        parents,
        committer: { seconds },
      } = parseCommit(known);
      expect(parseCommitLinks(Buffer.from(text))).toEqual({ tree, parents, seconds });
    }
  });

  test("are read in the encoding that they name, an unknown one as UTF-8", () => {
    const make = (encoding: string): Buffer =>
      Buffer.from(
        `tree ${TREE}\nauthor \xc5d\xe5 <a> 1 +0000\nencoding ${encoding}\n\ngr\xfc\xdfe`,
        "latin1",
      );
    const commit = parseCommit(make("ISO-8859-1"));
    expect(commit.message).toBe("grüße");
    expect(commit.author.name).toBe("Ådå");
    expect(commit.committer.email).toBe("");
    expect(parseCommit(make("KLINGON-8")).message).toContain("gr");
  });

  test("without a message or with a byte order mark in it lose nothing", () => {
    expect(parseCommit(Buffer.from(`tree ${TREE}`)).message).toBe("");
    expect(parseCommit(Buffer.from(`tree ${TREE}\n\n\uFEFFx`)).message).toBe("\uFEFFx");
  });

  test("with a NUL in the message are not written", () => {
    const write = (): Buffer =>
      serializeCommit({ tree: TREE, parents: [], author, committer, message: "a\0b" });
    expect(write).toThrow(expect.objectContaining({ code: "BAD_COMMIT_MESSAGE" }));
  });

  test("without a tree or with a malformed parent are damaged", () => {
    for (const text of [
      "",
      "parent x",
      "tree 123\n",
      `tree ${TREE}\nparent 12\n`,
      `parent ${PARENT}\ntree ${TREE}\n\n`,
    ]) {
      expect(() => parseCommit(Buffer.from(text))).toThrow(expect.objectContaining({ code: "DAMAGED_DATA" }));
    }
  });

  test("are read from a store; another kind or nonsense counts as corrupt", () => {
    const store = new MemoryObjects();
    const commit = { tree: TREE, parents: [PARENT], author, committer, message: "m" };
    const oid = store.write("commit", serializeCommit(commit));
    expect(readCommit(store, oid)).toEqual(commit);
    expect(readCommitLinks(store, oid).seconds).toBe(committer.seconds);
    const corrupt = expect.objectContaining({ code: "OBJECT_CORRUPT" });
    expect(() => readCommit(store, store.write("blob", serializeCommit(commit)))).toThrow(corrupt);
    expect(() => readCommit(store, store.write("commit", Buffer.from("nonsense")))).toThrow(corrupt);
    expect(() => readCommit(store, PARENT)).toThrow(expect.objectContaining({ code: "OBJECT_MISSING" }));
  });
});

describe("trees", () => {
  const oid = "3".repeat(40);

  test("are sorted as git sorts them, folders as if they ended in a slash", () => {
    const repository = temporaryDirectory();
    git(repository, "init", "--quiet");
    const blob = gitRaw(repository, ["hash-object", "-w", "--stdin"], { input: "x" }).toString().trim();
    const folder = hashObject("tree", new Uint8Array(0));
    git(repository, "hash-object", "-w", "-t", "tree", "/dev/null");
    const random = seededRandom(7);
    for (let round = 0; round < 20; round++) {
      const entries = randomEntries(random, blob, folder);
      const listing = entries.map(({ mode, name, oid }) => {
        const kind = mode === MODE.directory ? "tree" : mode === MODE.submodule ? "commit" : "blob";
        return Buffer.from(`${mode.toString(8).padStart(6, "0")} ${kind} ${oid}\t${name}\0`, "latin1");
      });
      const expected = gitRaw(repository, ["mktree", "-z", "--missing"], { input: Buffer.concat(listing) });
      const bytes = serializeTree(entries);
      expect(hashObject("tree", bytes)).toBe(expected.toString().trim());
      expect(
        parseTree(bytes)
          .map((entry) => entry.name)
          .sort(),
      ).toEqual(entries.map((entry) => entry.name).sort());
    }
  });

  test("keep names byte by byte", () => {
    const name = Buffer.from([0x80, 0xff, 0x0a, 0x20, 0x22]).toString("latin1");
    const entries: TreeEntry[] = [{ mode: MODE.file, name, oid }];
    expect(parseTree(serializeTree(entries))).toEqual(entries);
  });

  test("give the five modes also for those of old tools", () => {
    const modes = ["100664", "100640", "100775", "0100644", "120777", "40000", "040000", "40755", "160000"];
    const bytes = Buffer.concat(modes.map((mode) => Buffer.from(`${mode} n\0${"o".repeat(20)}`)));
    expect(parseTree(bytes).map((entry) => entry.mode)).toEqual([
      MODE.file,
      MODE.file,
      MODE.executable,
      MODE.file,
      MODE.symlink,
      MODE.directory,
      MODE.directory,
      MODE.directory,
      MODE.submodule,
    ]);
  });

  test("that do not parse are damaged", () => {
    const tail = "o".repeat(20);
    const broken = [
      " n\0",
      "100644",
      "100644 ",
      "100644 n",
      "100644 \0",
      "9 n\0",
      "10 n\0",
      "100644100644 n\0",
      "10x644 n\0",
    ];
    for (const text of [...broken.map((head) => head + tail), `100644 n\0${tail.slice(1)}`, `100644 n\0`]) {
      expect(() => parseTree(Buffer.from(text))).toThrow(expect.objectContaining({ code: "DAMAGED_DATA" }));
      expect(() => new ObjectLinks().add("tree", Buffer.from(text), Buffer.alloc(20))).toThrow(
        expect.objectContaining({ code: "DAMAGED_DATA" }),
      );
    }
  });

  test("with names that no folder can hold, or with a wrong oid, are not written", () => {
    for (const entry of [
      { mode: MODE.file, name: "", oid },
      { mode: MODE.file, name: "a/b", oid },
      { mode: MODE.file, name: "a\0b", oid },
      { mode: MODE.file, name: "a", oid: "12" },
    ]) {
      expect(() => serializeTree([entry])).toThrow(expect.objectContaining({ code: "BAD_TREE_ENTRY" }));
    }
  });

  test("are read from a store; another kind or nonsense counts as corrupt", () => {
    const store = new MemoryObjects();
    const entries: TreeEntry[] = [{ mode: MODE.executable, name: "run", oid }];
    expect(readTree(store, store.write("tree", serializeTree(entries)))).toEqual(entries);
    const corrupt = expect.objectContaining({ code: "OBJECT_CORRUPT" });
    expect(() => readTree(store, store.write("blob", serializeTree(entries)))).toThrow(corrupt);
    expect(() => readTree(store, store.write("tree", Buffer.from("nonsense")))).toThrow(corrupt);
    expect(() => readTree(store, PARENT)).toThrow(expect.objectContaining({ code: "OBJECT_MISSING" }));
  });
});

describe("tags", () => {
  const tagger = { name: "Ada", email: "a@x", seconds: 5, offsetMinutes: 0 };

  test("come back as they were written, with and without a tagger", () => {
    const tag = { object: PARENT, kind: "commit", name: "v1", tagger, message: "first\n" } as const;
    expect(parseTag(serializeTag(tag))).toEqual(tag);
    expect(parseTag(serializeTag({ ...tag, tagger: undefined }))).toEqual({ ...tag, tagger: undefined });
  });

  test("lead to what they name, also through other tags", () => {
    const store = new MemoryObjects();
    const blob = store.write("blob", Buffer.from("x"));
    const inner = store.write(
      "tag",
      serializeTag({ object: blob, kind: "blob", name: "a", tagger, message: "" }),
    );
    const outer = store.write(
      "tag",
      serializeTag({ object: inner, kind: "tag", name: "b", tagger, message: "" }),
    );
    expect(peelTag(store, outer)).toEqual({ oid: blob, kind: "blob" });
    expect(peelTag(store, blob)).toEqual({ oid: blob, kind: "blob" });
    const broken = store.write("tag", Buffer.from("nonsense"));
    expect(() => peelTag(store, broken)).toThrow(expect.objectContaining({ code: "OBJECT_CORRUPT" }));
    const dangling = store.write(
      "tag",
      serializeTag({ object: PARENT, kind: "commit", name: "b", tagger, message: "" }),
    );
    expect(() => peelTag(store, dangling)).toThrow(expect.objectContaining({ code: "OBJECT_MISSING" }));
  });
});

function randomEntries(random: ReturnType<typeof seededRandom>, blob: string, folder: string): TreeEntry[] {
  const names = new Set<string>();
  while (names.size < 40) {
    const letters = Array.from({ length: 1 + random.below(3) }, () =>
      random.pick(["a", "b", "-", ".", "0", "\u00ff", "~", " "]),
    );
    const name = letters.join("");
    if (name !== "." && name !== "..") names.add(name);
  }
  return [...names].map((name) => {
    const mode = random.pick([MODE.file, MODE.executable, MODE.symlink, MODE.directory, MODE.submodule]);
    return { mode, name, oid: mode === MODE.directory ? folder : mode === MODE.submodule ? PARENT : blob };
  });
}

import { describe, expect, test } from "bun:test";

import type { ObjectKind } from "../../../src/git/model.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { ObjectLinks } from "../../../src/git/objects/object-links.ts";
import { thrown } from "../../helpers/thrown.ts";

const BLOB = hashObject("blob", Buffer.from("content"));
const TREE_BYTES = entry("100644 file", BLOB);
const TREE = hashObject("tree", TREE_BYTES);

describe("the links of a pack's objects", () => {
  test("are closed when each leads to an object of the pack, in whatever order they come", () => {
    const commit = Buffer.from(`tree ${TREE}\nauthor A <a> 1 +0000\n\nmessage`);
    const oid = hashObject("commit", commit);
    const child = Buffer.from(`tree ${TREE}\nparent ${oid}\nparent ${oid}\nauthor A <a> 1 +0000\n\nmessage`);
    const tag = Buffer.from(`object ${oid}\ntype commit\ntag v1\n\nmessage`);
    const objects = [
      ["tag", tag],
      ["commit", child],
      ["commit", commit],
      ["tree", TREE_BYTES],
      ["blob", Buffer.from("content")],
    ] as const;
    for (const left of objects) {
      const links = new ObjectLinks();
      for (const object of objects) if (object !== left) add(links, object);
      const isReferredTo = left[0] !== "tag" && left[1] !== child;
      expect(links.areClosed()).toBe(!isReferredTo);
      expect(links.has(hashObject(left[0], left[1]))).toBe(false);
      add(links, left);
      expect(links.areClosed()).toBe(true);
      for (const object of objects) expect(links.has(hashObject(object[0], object[1]))).toBe(true);
    }
  });

  test("lead nowhere from a submodule, and from a streamed blob", () => {
    const links = new ObjectLinks();
    add(links, ["tree", Buffer.concat([TREE_BYTES, entry("160000 module", "9".repeat(40))])]);
    expect(links.areClosed()).toBe(false);
    links.addBlob(Buffer.from(BLOB, "hex"));
    expect(links.areClosed()).toBe(true);
  });

  test("are found in commits that git would not write today", () => {
    for (const text of [
      `tree ${TREE}\n\n`,
      `tree ${TREE}`,
      `tree ${TREE}\nparent ${"1".repeat(40)}\ncommitter A <a> 1 +0000\n\n`,
      `tree ${TREE}\nparent ${"1".repeat(40)}`,
    ]) {
      const links = new ObjectLinks();
      add(links, ["commit", Buffer.from(text)]);
      add(links, ["tree", TREE_BYTES]);
      links.addBlob(Buffer.from(BLOB, "hex"));
      expect(links.areClosed()).toBe(!text.includes("parent"));
    }
  });

  test("are damaged in objects that are not what they say they are", () => {
    const nonsense = ["nonsense", "", `tree ${TREE.toUpperCase()}\n\n`, `tree ${TREE.slice(1)}\n\n`];
    for (const text of [...nonsense, `tree ${TREE}\nparent ${TREE.slice(1)}\nauthor A <a> 1 +0000\n\n`]) {
      const failure = thrown(() => add(new ObjectLinks(), ["commit", Buffer.from(text)]));
      expect(failure).toMatchObject({ code: "DAMAGED_DATA" });
    }
    for (const kind of ["tree", "tag"] as const) {
      const failure = thrown(() => add(new ObjectLinks(), [kind, Buffer.from("nonsense")]));
      expect(failure).toMatchObject({ code: "DAMAGED_DATA" });
    }
    add(new ObjectLinks(), ["blob", Buffer.from("anything")]);
    add(new ObjectLinks(), ["tree", Buffer.alloc(0)]);
  });
});

function add(links: ObjectLinks, [kind, bytes]: readonly [ObjectKind, Buffer]): void {
  links.add(kind, bytes, Buffer.from(hashObject(kind, bytes), "hex"));
}

function entry(head: string, oid: string): Buffer {
  return Buffer.concat([Buffer.from(`${head}\0`), Buffer.from(oid, "hex")]);
}

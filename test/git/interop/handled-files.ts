/** Files that are hard to carry (reliability.md, F17): carried as bytes, or left out and reported; never a hang. */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "bun:test";

import { git, gitRaw } from "../../helpers/system-git.ts";
import { type Handled, listed, type Place } from "./strange-place.ts";

/** Writes a file whose name is given as bytes. */
function named(place: Place, latin1: string): void {
  writeFileSync(Buffer.concat([Buffer.from(`${place.root}/`), Buffer.from(latin1, "latin1")]), "content\n");
}

function carries(...names: readonly string[]): Pick<Handled, "make" | "check"> {
  return {
    make: (place) => names.forEach((name) => named(place, name)),
    check: ({ remote }) => {
      const there = gitRaw(remote, ["ls-tree", "-r", "-z", "--name-only", "main"])
        .toString("latin1")
        .split("\0");
      for (const name of names) expect(there).toContain(name);
    },
  };
}

/** Ending a server removes its socket; under another name it stays. */
function leaveSocket(path: string): void {
  const server = Bun.listen({ unix: `${path}.now`, socket: { data: () => {} } });
  renameSync(`${path}.now`, path);
  server.stop(true);
}

const run = (...command: readonly string[]) => expect(Bun.spawnSync([...command]).exitCode).toBe(0);

export const HANDLED_FILES: readonly Handled[] = [
  { name: "names that are no UTF-8", ...carries("\xff\xfe", "caf\xe9.md") },
  { name: "a name of 255 bytes", ...carries("n".repeat(255)) },
  {
    name: "names with quotes, tabs, line breaks and backslashes",
    ...carries('q"uote', "tab\t", "new\nline", "back\\slash", " space ", "-x"),
  },
  { name: "names that differ in case only", ...carries("Readme.md", "README.md", "readme.md") },
  { name: "one name composed and decomposed (NFC, NFD)", ...carries("\xc3\xa9.md", "e\xcc\x81.md") },
  {
    name: "a path of 120 folders",
    make: (p) => p.device.write(`${"deep/".repeat(120)}file.md`, "deep\n"),
    check: (p) => expect(git(p.remote, "show", `main:${"deep/".repeat(120)}file.md`)).toBe("deep"),
  },
  {
    name: "links that dangle, go round and lead outside",
    make: (p) => {
      symlinkSync("nowhere", join(p.root, "dangling"));
      symlinkSync("round", join(p.root, "round"));
      symlinkSync("..", join(p.root, "outside"));
    },
    check: (p) =>
      expect(
        git(p.remote, "ls-tree", "main", "dangling", "round", "outside").match(/^120000/gm),
      ).toHaveLength(3),
  },
  {
    name: "a FIFO, a socket and a device",
    make: (p) => {
      run("mkfifo", join(p.root, "pipe"));
      leaveSocket(join(p.root, "socket"));
      // Only root can make a device; without it the other two are left.
      Bun.spawnSync(["mknod", join(p.root, "null"), "c", "1", "3"]);
    },
    check: (p) => expect(listed(p)).not.toMatch(/pipe|socket|null/),
  },
  {
    name: "empty files, empty folders and modes",
    make: (p) => {
      p.device.write("empty", "");
      p.device.write("run", "#!/bin/sh\n", 0o755);
      p.device.write("secret", "1\n", 0o600);
      mkdirSync(join(p.root, "nothing"));
    },
    check: (p) =>
      expect(
        git(p.remote, "ls-tree", "main", "run", "secret", "empty", "nothing").replaceAll(/ blob \w+/g, ""),
      ).toBe("100644\tempty\n100755\trun\n100644\tsecret"),
  },
];

/** Random trees and edits of them, made into commits by one `git fast-import`. */
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

export type RandomFile = { readonly mode: string; readonly content: string };
export type RandomTree = ReadonlyMap<string, RandomFile>;
export type Random = (bound: number) => number;

const FOLDERS = ["", "", "docs/", "src/", "src/core/", "a/b/"];
const NAMES = ["one.txt", "two.txt", "three", "four.md", "five.c", "a", "b"];

export function randomTree(random: Random): RandomTree {
  const tree = new Map<string, RandomFile>();
  for (let count = 6 + random(8); count > 0; count--) place(tree, randomPath(random), randomFile(random));
  return tree;
}

/** A few edits of all kinds: lines, files, names, modes, types, and files that become folders. */
export function randomEdits(tree: RandomTree, random: Random): RandomTree {
  const edited = new Map(tree);
  for (let count = 1 + random(4); count > 0; count--) editOnce(edited, random);
  return edited;
}

function editOnce(tree: Map<string, RandomFile>, random: Random): void {
  const paths = [...tree.keys()].sort();
  const path = paths[random(paths.length)];
  const file = path === undefined ? undefined : tree.get(path);
  if (path === undefined || file === undefined) return place(tree, randomPath(random), randomFile(random));
  switch (random(14)) {
    case 0:
    case 1:
      return place(tree, randomPath(random), randomFile(random));
    case 2:
      tree.delete(path);
      return;
    case 3:
    case 4:
      return rename(tree, path, randomPath(random), file);
    case 5:
      return rename(tree, path, randomPath(random), editContent(file, random));
    case 6:
      if (file.mode !== "120000")
        tree.set(path, { ...file, mode: file.mode === "100644" ? "100755" : "100644" });
      return;
    case 7:
      tree.set(path, { mode: "120000", content: `target${random(3)}` });
      return;
    case 8:
      return rename(tree, path, `${path}/inner`, file);
    case 9: {
      const folder = path.slice(0, path.lastIndexOf("/") + 1).replace(/\/$/, "");
      if (folder !== "" && random(2) === 0) place(tree, folder, randomFile(random));
      return;
    }
    default:
      tree.set(path, editContent(file, random));
  }
}

function rename(tree: Map<string, RandomFile>, from: string, to: string, file: RandomFile): void {
  tree.delete(from);
  place(tree, to, file);
}

/** Puts a file somewhere; whatever stands in its way as file or folder goes. */
function place(tree: Map<string, RandomFile>, path: string, file: RandomFile): void {
  for (const other of tree.keys()) {
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) tree.delete(other);
  }
  tree.set(path, file);
}

function randomPath(random: Random): string {
  return `${FOLDERS[random(FOLDERS.length)]}${NAMES[random(NAMES.length)]}`;
}

function randomFile(random: Random): RandomFile {
  if (random(15) === 0) return { mode: "120000", content: `target${random(3)}` };
  const mode = random(6) === 0 ? "100755" : "100644";
  if (random(12) === 0) return { mode, content: `binary\0${random(1000)}` };
  const lines = Array.from({ length: random(25) }, () => randomLine(random));
  return { mode, content: lines.join("") };
}

/** Some lines occur again and again, as blank lines and braces do; most are unlike all others. */
function randomLine(random: Random): string {
  const common = ["\n", "}\n", "  return;\n"];
  return random(3) === 0 ? (common[random(3)] ?? "\n") : `line ${random(100_000)} of some text\n`;
}

function editContent(file: RandomFile, random: Random): RandomFile {
  if (file.mode === "120000") return { ...file, content: `target${random(5)}` };
  if (file.content.includes("\0")) return { ...file, content: `binary\0${random(1000)}` };
  const lines = file.content.split(/(?<=\n)/);
  for (let count = 1 + random(2); count > 0; count--) {
    const at = random(lines.length + 1);
    const kind = random(3);
    if (kind === 0) lines.splice(at, 0, randomLine(random));
    else if (kind === 1) lines.splice(at, 1 + random(2));
    else lines.splice(at, 1, randomLine(random));
  }
  return { ...file, content: lines.join("") };
}

export type CommitPlan = { readonly tree: RandomTree; readonly parents: readonly number[] };

/** Returns a new repository without commits. */
export function emptyRepository(): string {
  const directory = temporaryDirectory();
  git(directory, "init", "-q", "--template=");
  return directory;
}

/**
 * Makes commits in the given order (parents name earlier ones by number) and returns where they are. Their branches
 * replace those of an earlier call on the same repository.
 */
export function commitAll(
  plans: readonly CommitPlan[],
  directory = emptyRepository(),
): { readonly directory: string; readonly commits: string[] } {
  const stream: string[] = [];
  for (const [index, { tree, parents }] of plans.entries()) {
    stream.push(`reset refs/heads/c${index}`, `commit refs/heads/c${index}`, `mark :${index + 1}`);
    stream.push(`committer Ada <ada@example.com> ${1_700_000_000 + index * 60} +0000`, "data 0");
    for (const [place, parent] of parents.entries())
      stream.push(`${place === 0 ? "from" : "merge"} :${parent + 1}`);
    stream.push("deleteall");
    for (const [path, { mode, content }] of tree) {
      if (mode === "160000") stream.push(`M ${mode} ${content} ${path}`);
      else stream.push(`M ${mode} inline ${path}`, `data ${content.length}`, content);
    }
    stream.push("");
  }
  gitRaw(directory, ["fast-import", "--quiet", "--force"], {
    input: Buffer.from(`${stream.join("\n")}\n`, "latin1"),
  });
  const names = plans.map((_, index) => `refs/heads/c${index}`);
  return { directory, commits: git(directory, "rev-parse", ...names).split("\n") };
}

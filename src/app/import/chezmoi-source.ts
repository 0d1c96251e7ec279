/** The source folder of chezmoi, entry by entry: targets that can be taken over, and what can not. */
import { join } from "node:path";

import { isIgnored, type IgnoreRules, readIgnoreRules } from "./chezmoi-ignore.ts";
import { readFileName, readFolderName } from "./chezmoi-names.ts";
import { pathProblem } from "./home-path.ts";
import type { ImportMeans } from "./import.ts";
import type { LeftOut } from "./left-out.ts";
import { readable } from "./readable.ts";

/** @property path of the target, relative to the destination */
export type Target = { readonly path: string; readonly encrypted: boolean };

type Walk = {
  readonly means: ImportMeans;
  readonly encryptedSuffix: string | undefined;
  readonly leftOut: LeftOut;
  readonly rules: IgnoreRules[];
  readonly targets: Target[];
};

type Folder = {
  /** Absolute. */
  readonly source: string;
  /** As a target; "" is the top. */
  readonly path: string;
  readonly depth: number;
};

/** No home has folders as deep as that; a loop of mounts ends here. */
const DEEPEST = 60;

export const TEMPLATES =
  "templates: lull has no template language. What chezmoi made of them stays in your home as it is; add such a file to `files` when it holds no secret that the template puts in, else with `encrypt: true`, and name what differs between machines in `variants: { os: […], device: […] }`";
export const SCRIPTS = "scripts: lull runs none; keep them where you run them from";
const MODIFIED = "modify_ scripts: lull keeps whole files; add the file to `files` to keep all of it";
const EXTERNALS =
  "externals: lull downloads nothing; a repository among them can be a source of its own (`lull add FOLDER --remote URL`)";
const REMOVALS = "removals: lull deletes nothing that it does not keep; delete them once by hand";
const EXACT =
  "exact_ folders: lull keeps the files that are named and leaves other files in these folders alone";
const CONDITIONS =
  "conditions in .chezmoiignore: they are templates, so what they would leave out here is taken; use `exclude` for what you do not want";
const LINKS = "links in the source folder, which chezmoi does not follow either";

export function readChezmoiSource(
  means: ImportMeans,
  place: { readonly root: string; readonly encryptedSuffix: string | undefined },
  leftOut: LeftOut,
): readonly Target[] {
  const walk: Walk = { means, encryptedSuffix: place.encryptedSuffix, leftOut, rules: [], targets: [] };
  readFolder(walk, { source: place.root, path: "", depth: 0 });
  // What is ignored may be said behind what it is about.
  return walk.targets.filter(({ path }) => !isIgnoredWithParents(walk.rules, path));
}

function isIgnoredWithParents(rules: readonly IgnoreRules[], path: string): boolean {
  const names = path.split("/");
  return names.some((_name, index) => isIgnored(rules, names.slice(0, index + 1).join("/")));
}

function readFolder(walk: Walk, folder: Folder): void {
  const entries = readable(walk.leftOut, () => walk.means.files.list(folder.source)) ?? [];
  for (const { name, kind } of entries) {
    const source = join(folder.source, name);
    if (name.startsWith(".chezmoi")) readSpecial(walk, { name, kind, source }, folder);
    // chezmoi itself passes over all other names with a dot.
    else if (name.startsWith(".")) continue;
    else if (kind === "folder") readSubfolder(walk, { name, source }, folder);
    else if (kind === "file") readFile(walk, name, folder);
    else walk.leftOut.add(LINKS, below(folder, name));
  }
}

function readSubfolder(
  walk: Walk,
  { name, source }: { readonly name: string; readonly source: string },
  folder: Folder,
): void {
  const read = readFolderName(name);
  const path = below(folder, read.name);
  if (read.remove) return walk.leftOut.add(REMOVALS, path);
  if (read.external) return walk.leftOut.add(EXTERNALS, path);
  if (read.exact) walk.leftOut.add(EXACT, path);
  const problem = pathProblem(path);
  if (problem !== undefined || folder.depth >= DEEPEST)
    return walk.leftOut.addPath(problem ?? "outside", path);
  readFolder(walk, { source, path, depth: folder.depth + 1 });
}

function readFile(walk: Walk, name: string, folder: Folder): void {
  const { leftOut } = walk;
  const file = readFileName(name, walk.encryptedSuffix);
  const path = below(folder, file.name);
  if (file.kind === "script") return leftOut.add(SCRIPTS, below(folder, name));
  if (file.kind === "remove") return leftOut.add(REMOVALS, path);
  if (isIgnoredWithParents(walk.rules, path)) return undefined;
  if (file.kind === "modify") return leftOut.add(MODIFIED, path);
  // A link is kept as the link that it is now, whatever it was made of.
  if (file.template && file.kind !== "symlink") return leftOut.add(TEMPLATES, path);
  const problem = pathProblem(path);
  if (problem !== undefined) return leftOut.addPath(problem, path);
  walk.targets.push({ path, encrypted: file.encrypted });
}

type Special = { readonly name: string; readonly kind: string; readonly source: string };

/** Files and folders that tell chezmoi something. */
function readSpecial(walk: Walk, { name, kind, source }: Special, folder: Folder): void {
  const { means, leftOut } = walk;
  const text = (): string => readable(leftOut, () => means.files.text(source)) ?? "";
  if (/^\.chezmoiignore(?:\.tmpl)?$/.test(name)) {
    const rules = readIgnoreRules(text(), folder.path);
    if (rules.hasConditions) leftOut.add(CONDITIONS);
    walk.rules.push(rules);
  } else if (/^\.chezmoiremove(?:\.tmpl)?$/.test(name)) {
    const lines = text().split(/\r?\n/);
    for (const line of lines.filter((one) => !/^\s*(?:#|$)/.test(one))) leftOut.add(REMOVALS, line.trim());
  } else if (name === ".chezmoiscripts" && kind === "folder") {
    for (const script of filesBelow(walk, source, 0)) leftOut.add(SCRIPTS, script);
  } else if (name === ".chezmoitemplates" && kind === "folder") {
    leftOut.add(TEMPLATES, below(folder, name));
  } else if (name === ".chezmoiexternals" && kind === "folder") {
    for (const file of readable(leftOut, () => means.files.list(source)) ?? [])
      readExternals(walk, join(source, file.name), folder);
  } else if (name.startsWith(".chezmoiexternal.")) {
    readExternals(walk, source, folder);
  }
}

function readExternals(walk: Walk, source: string, folder: Folder): void {
  const { means, leftOut } = walk;
  const ending = /\.(toml|ya?ml|jsonc?)$/.exec(source)?.[1] ?? "";
  const format = ending === "toml" ? "toml" : ending.startsWith("y") ? "yaml" : "jsonc";
  const text = ending === "" ? "" : (readable(leftOut, () => means.files.text(source)) ?? "");
  const values = text === "" ? undefined : means.parse(format, text);
  const names = typeof values === "object" && values !== null ? Object.keys(values) : [];
  // One that is a template, or has a mistake, is named as a whole.
  if (names.length === 0) leftOut.add(EXTERNALS, source.slice(source.lastIndexOf("/") + 1));
  for (const name of names) leftOut.add(EXTERNALS, below(folder, name));
}

function filesBelow(walk: Walk, folder: string, depth: number): readonly string[] {
  const entries = readable(walk.leftOut, () => walk.means.files.list(folder)) ?? [];
  return entries.flatMap(({ name, kind }) =>
    kind === "folder" && depth < DEEPEST ? filesBelow(walk, join(folder, name), depth + 1) : [name],
  );
}

function below({ path }: Folder, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

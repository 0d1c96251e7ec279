/**
 * The rules of the house as pure functions: a list of files in, a list of sentences out, one for each breach,
 * naming the file and what it may do instead. `architecture.test.ts` holds the tables and runs them over the tree.
 */
import { dirname, posix } from "node:path";

/** A file of the project; the path is relative to the root and `/`-separated. */
export type ProjectFile = { readonly path: string; readonly text: string };

/**
 * Layer → what it may import besides itself and `base`. A key is a top folder or file of `src` without `.ts`, or
 * a longer prefix (`cli/commands/daemon`) that then counts instead. A value is a layer (`app`), a layer's types only
 * (`store type`) or a single file (`git/paths.ts`).
 */
export type AllowedImports = Readonly<Record<string, readonly string[]>>;

export type Import = { readonly specifier: string; readonly typeOnly: boolean };

// Regular expressions instead of `Bun.Transpiler.scanImports`, which does not see type imports. The formatter puts
// every static import at the start of a line.
const STATIC_IMPORT = /^(?:import|export)\b([^"';]*?)\bfrom\s*["']([^"']+)["']/gm;
const SIDE_EFFECT_IMPORT = /^import\s*["']([^"']+)["']/gm;
const DYNAMIC_IMPORT = /\b(?:import|require)\(\s*["']([^"']+)["']/g;

export function importsOf(text: string): readonly Import[] {
  const found: Import[] = [];
  for (const [, clause = "", specifier = ""] of text.matchAll(STATIC_IMPORT)) {
    found.push({ specifier, typeOnly: isTypeClause(clause) });
  }
  for (const [, specifier = ""] of text.matchAll(SIDE_EFFECT_IMPORT))
    found.push({ specifier, typeOnly: false });
  for (const [, specifier = ""] of text.matchAll(DYNAMIC_IMPORT)) found.push({ specifier, typeOnly: false });
  return found;
}

/** True for `type { A }`, `type * as a` and `{ type A, type B }`. */
function isTypeClause(clause: string): boolean {
  if (/^\s*type\s+[^,]/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",") ?? [];
  const given = names.map((name) => name.trim()).filter((name) => name !== "");
  return given.length > 0 && given.every((name) => name.startsWith("type "));
}

/** Every import between layers must stand in the table. */
export function brokenEdges(files: readonly ProjectFile[], allowed: AllowedImports): readonly string[] {
  const broken: string[] = [];
  for (const file of files.filter(isSource)) {
    const inside = file.path.slice("src/".length);
    const key = rowOf(inside, allowed);
    if (key === undefined) {
      broken.push(`${file.path}: the layer "${layerOf(inside)}" has no row in ALLOWED`);
      continue;
    }
    for (const { specifier, typeOnly } of importsOf(file.text)) {
      if (!specifier.startsWith(".")) continue;
      const target = posix.normalize(posix.join(posix.dirname(inside), specifier));
      if (mayImport(layerOf(inside), target, { typeOnly, row: allowed[key] ?? [] })) continue;
      const kind = typeOnly ? "the type of " : "";
      broken.push(
        `${file.path} imports ${kind}${target}; ${key} may import: ${["base", ...(allowed[key] ?? [])].join(", ")}`,
      );
    }
  }
  return broken;
}

function mayImport(
  from: string,
  target: string,
  rule: { typeOnly: boolean; row: readonly string[] },
): boolean {
  const to = layerOf(target);
  // The version stands in package.json alone; a JSON import is embedded by the bundler.
  if (target === "../package.json") return true;
  if (to === from || to === "base") return true;
  return rule.row.some(
    (entry) => entry === to || entry === target || (rule.typeOnly && entry === `${to} type`),
  );
}

function layerOf(inside: string): string {
  return (inside.split("/")[0] ?? "").replace(/\.ts$/, "");
}

/** The longest key that is the file itself or a folder above it. */
function rowOf(inside: string, allowed: AllowedImports): string | undefined {
  const path = inside.replace(/\.ts$/, "");
  return Object.keys(allowed)
    .filter((key) => path === key || path.startsWith(`${key}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Each package and each delicate module of the runtime has named owners; one without a row is refused too. */
export function strayPackages(
  files: readonly ProjectFile[],
  owners: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const stray: string[] = [];
  for (const file of files.filter(isSource)) {
    for (const { specifier } of importsOf(file.text)) {
      if (specifier.startsWith(".")) continue;
      const name = packageOf(specifier);
      const folders = owners[name];
      if (folders === undefined && (name === "bun" || name.startsWith("node:"))) continue;
      if (folders === undefined) stray.push(`${file.path} imports ${name}, which has no owner in OWNERS`);
      else if (!folders.some((folder) => isWithin(file.path, folder))) {
        stray.push(
          `${file.path} imports ${name}; ${folders.length === 0 ? "no file may" : `only ${folders.join(", ")} may`}`,
        );
      }
    }
  }
  return stray;
}

function packageOf(specifier: string): string {
  if (specifier.includes(":")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

export type OwnedWord = {
  readonly name: string;
  readonly pattern: RegExp;
  readonly owners: readonly string[];
  readonly instead: string;
};

/** Words of the language or runtime that only their owners may use; comments do not count. */
export function strayWords(files: readonly ProjectFile[], words: readonly OwnedWord[]): readonly string[] {
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  return files.filter(isSource).flatMap((file) => {
    const code = transpiler.transformSync(file.text);
    return words
      .filter((word) => word.pattern.test(code) && !word.owners.some((owner) => isWithin(file.path, owner)))
      .map((word) => `${file.path} uses ${word.name}; ${word.instead}`);
  });
}

function isWithin(path: string, owner: string): boolean {
  return path === `src/${owner}` || path.startsWith(`src/${owner}/`);
}

/** Relative imports carry the file's real extension. */
export function bareImportPaths(files: readonly ProjectFile[]): readonly string[] {
  return files.filter(isTypeScript).flatMap((file) =>
    importsOf(file.text)
      .filter(
        ({ specifier }) =>
          specifier.startsWith(".") && !/\.(?:ts|tsx|mjs|json|sql|html|css|txt)$/.test(specifier),
      )
      .map(({ specifier }) => `${file.path} imports "${specifier}"; write the file's own extension, ".ts"`),
  );
}

export function longFiles(files: readonly ProjectFile[], limit: number): readonly string[] {
  return files
    .filter((file) => isTypeScript(file) && !file.path.endsWith(".test.ts"))
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path} has ${lines} lines; the limit is ${limit}: split it by concern`);
}

/** Some file of each folder opens with a paragraph that says what the folder owns. */
export function foldersWithoutHead(files: readonly ProjectFile[]): readonly string[] {
  return sourceFolders(files)
    .filter(
      ({ own }) => !own.some((file) => (/^\/\*\*([\s\S]*?)\*\//.exec(file.text)?.[1] ?? "").length >= 60),
    )
    .map(
      ({ path }) =>
        `${path}/ has no file that opens with a paragraph (/** … */): what it owns, what it must not know`,
    );
}

/** Each folder of `src` has a test file in the same folder of `test`, or below it. */
export function untestedFolders(files: readonly ProjectFile[]): readonly string[] {
  return sourceFolders(files)
    .map(({ path }) => ({ path, mirror: path.replace(/^src/, "test") }))
    .filter(
      ({ mirror }) => !files.some(({ path }) => path.startsWith(`${mirror}/`) && path.endsWith(".test.ts")),
    )
    .map(({ path, mirror }) => `${path}/ has no test; put one into ${mirror}/`);
}

/** Folders below `src` that hold TypeScript files themselves. */
function sourceFolders(
  files: readonly ProjectFile[],
): readonly { readonly path: string; readonly own: readonly ProjectFile[] }[] {
  const sources = files.filter(isSource);
  const paths = [...new Set(sources.map((file) => dirname(file.path)))]
    .filter((path) => path !== "src")
    .sort();
  return paths.map((path) => ({ path, own: sources.filter((file) => dirname(file.path) === path) }));
}

const EMPTY_WORDS = new Set([
  "util",
  "utils",
  "helper",
  "helpers",
  "common",
  "manager",
  "managers",
  "misc",
  "shared",
  "lib",
]);

/** Folder and file names must name a concern. */
export function emptyNames(files: readonly ProjectFile[]): readonly string[] {
  return files.filter(isSource).flatMap((file) =>
    file.path
      .replace(/\.ts$/, "")
      .split("/")
      .filter((part) => EMPTY_WORDS.has(part))
      .map((part) => `${file.path}: "${part}" names no concern; call it after what it holds`),
  );
}

/** Folders of the machine that a file was written on mean nothing elsewhere. */
export function machinePaths(files: readonly ProjectFile[], folders: readonly string[]): readonly string[] {
  return files.flatMap((file) =>
    folders
      .filter((folder) => new RegExp(`(?<![\\w$.~/-])${RegExp.escape(folder)}/`).test(file.text))
      .map((folder) => `${file.path} names ${folder}/, a folder of the machine it was written on`),
  );
}

/** Calls of isomorphic-git that lose data (measured): moved branches, overwritten edits, deleted repositories. */
export function dangerousGitCalls(files: readonly ProjectFile[]): readonly string[] {
  return files.filter(isTypeScript).flatMap((file) => {
    if (!importsOf(file.text).some(({ specifier }) => packageOf(specifier) === "isomorphic-git")) return [];
    const calls = file.text.matchAll(/\.(pull|clone|checkout|merge|abortMerge|stash|fastForward)\(/g);
    return [...calls].map(
      ([, name = ""]) => `${file.path} calls isomorphic-git's ${name}, which can lose data`,
    );
  });
}

/** `expect(…).rejects` gives a promise that its type hides from the linter; without `await` it can not fail. */
export function unawaitedExpectations(files: readonly ProjectFile[]): readonly string[] {
  return files
    .filter((file) => file.path.endsWith(".test.ts"))
    .filter((file) => /^[ \t]*expect\((?:[^;]*?)\)\s*\.(?:rejects|resolves)\b/m.test(file.text))
    .map((file) => `${file.path} has an expect(…).rejects or .resolves without await`);
}

export function leftovers(files: readonly ProjectFile[]): readonly string[] {
  return files
    .filter((file) => isSource(file) && /\b(?:TODO|FIXME|XXX)\b/.test(file.text))
    .map((file) => `${file.path} carries a note of unfinished work; finish it or write it down elsewhere`);
}

function isSource(file: ProjectFile): boolean {
  return file.path.startsWith("src/") && isTypeScript(file);
}

function isTypeScript(file: ProjectFile): boolean {
  return /\.(?:ts|tsx)$/.test(file.path) && !file.path.endsWith(".d.ts");
}

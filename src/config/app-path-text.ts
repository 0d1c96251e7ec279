/** The paths of an app definition, as texts: roots that exist on every machine, and what lies below them. Pure. */
import { nearestWord } from "../base/nearest-word.ts";
import type { AppSystem } from "./app-definition.ts";

/** What a place may begin with, and the systems that have it. */
const ROOTS: Readonly<Record<string, readonly AppSystem[]>> = {
  "~": ["linux", "macos", "windows"],
  $XDG_CONFIG_HOME: ["linux", "macos", "windows"],
  $XDG_DATA_HOME: ["linux", "macos", "windows"],
  $XDG_STATE_HOME: ["linux", "macos", "windows"],
  $APPDATA: ["windows"],
  $LOCALAPPDATA: ["windows"],
  $USERPROFILE: ["linux", "macos", "windows"],
};

/** What is wrong with where a place is; undefined when nothing is. */
export function placeProblem(at: string, systems: readonly AppSystem[]): string | undefined {
  const [root = "", ...below] = at.split("/");
  const known = Object.hasOwn(ROOTS, root) ? ROOTS[root] : undefined;
  if (known === undefined) return rootProblem(at, root);
  const without = systems.filter((system) => !known.includes(system));
  if (without.length > 0) return `"${root}" exists only on Windows; write \`{ windows: ${at} }\``;
  if (below.length === 0) return undefined;
  if (/[*?[\]{}]/.test(at)) return `"${at}" is a glob; a place is one folder, globs belong into \`files\``;
  return partsProblem(at, below);
}

function rootProblem(at: string, root: string): string {
  if (at.includes("\\")) return `"${at}" has backslashes; write \`/\`, also for Windows`;
  const nearest = nearestWord(root, Object.keys(ROOTS));
  const hint = nearest === undefined ? "" : `; did you mean \`${nearest}\`?`;
  return `"${at}" must begin with one of ${Object.keys(ROOTS).join(", ")}${hint}`;
}

/** What is wrong with a path or glob below a place; undefined when nothing is. */
export function belowProblem(path: string): string | undefined {
  if (path.startsWith("~") || path.startsWith("$"))
    return `"${path}" must be relative to \`at\`, without \`~\` and variables`;
  if (path.startsWith("!")) return `"${path}" begins with \`!\`; name what is left out in \`exclude\``;
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return `"${path}" must be relative to \`at\``;
  return partsProblem(path, path.replace(/\/$/, "").split("/"));
}

function partsProblem(path: string, parts: readonly string[]): string | undefined {
  if (path.includes("\\")) return `"${path}" has a backslash; write \`/\`, also for Windows`;
  if (parts.includes("..")) return `"${path}" leads out of its folder by \`..\``;
  if (parts.includes("") || parts.includes("."))
    return `"${path}" has an empty part or \`.\`; write it without`;
  if (parts.some((part) => part.toLowerCase() === ".git"))
    return `"${path}" names a \`.git\`, which git keeps in no repository`;
  return undefined;
}

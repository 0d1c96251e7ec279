/**
 * Preferences that macOS keeps for its apps. Their files are not to be touched: the system's daemon has them in memory, so
 * each domain goes through `defaults`. This folder owns a copy of each as a file (staged), which is gathered, compared and
 * restored like every other, and what of it goes back to the system; it must not know sources nor repositories.
 */
import { readFileSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../../base/atomic-file.ts";
import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import type { RunProgram } from "../../base/program.ts";
import type { AppDefinition } from "../../config/app-definition.ts";
import type { Selection } from "../selection.ts";
import { exportDomain, importDomain } from "./defaults-program.ts";
import { type Entries, listText, readEntries } from "./property-list.ts";
import { isVolatile } from "./volatile-keys.ts";

export type PreferencesMeans = {
  /** Where the staged files lie, a folder an app. */
  readonly folder: string;
  /** Absolute path of `defaults`. */
  readonly program: string;
  readonly runProgram: RunProgram;
};

/** Below an app's folder in the repository. */
const COPIES = "macos-preferences";
const ENDING = ".plist";

type App = Pick<AppDefinition, "id" | "preferences">;

/** The staged files of an app; their copies lie in `apps/<id>/macos-preferences`. */
export function preferencesSelection(
  { id, preferences }: App,
  { folder, encrypt }: { readonly folder: string; readonly encrypt: boolean },
): Selection {
  const files = preferences.map((domain) => domain + ENDING);
  return {
    app: id,
    root: `${folder}/${id}`,
    folder: `apps/${id}/${COPIES}`,
    files,
    exclude: [],
    encrypt: encrypt ? files : [],
    staged: true,
  };
}

/** Whether a copy, by its name in the repository, is of preferences: nothing of it belongs into a home. */
export function isPreferencesCopy(copy: string): boolean {
  return /^apps\/[^/]+\/macos-preferences\//.test(copy);
}

export type StagedDomain = {
  /** Absolute path of the staged file. */
  readonly path: string;
  readonly app: string;
  readonly domain: string;
};

export function stagedDomains({ folder }: PreferencesMeans, apps: readonly App[]): readonly StagedDomain[] {
  return apps.flatMap(({ id, preferences }) =>
    preferences.map((domain) => ({ path: `${folder}/${id}/${domain}${ENDING}`, app: id, domain })),
  );
}

/** A program at a time would make one wait; all at once would take a small machine's breath. */
const AT_ONCE = 4;

export type Unstaged = {
  readonly app: string;
  readonly path: string;
  readonly reason: string;
  /** A file from before stands there. */
  readonly isThere: boolean;
};

/**
 * Exports domains into their staged files. One that did not change is not written; one that could not be exported stays
 * as it was last; of one that is empty there is no file.
 */
export async function stagePreferences(
  means: PreferencesMeans,
  domains: readonly StagedDomain[],
  signal: AbortSignal,
): Promise<readonly Unstaged[]> {
  const unstaged: Unstaged[] = [];
  for (let from = 0; from < domains.length; from += AT_ONCE) {
    const some = domains.slice(from, from + AT_ONCE).map(async (staged) => {
      try {
        stage(staged.path, lasting(await exported(means, staged.domain, signal)));
      } catch (error) {
        const { kind, message } = fromSystem(error, `export the preferences of ${staged.domain}`);
        if (kind === "interrupted") throw error;
        const isThere = readStaged(staged.path) !== undefined;
        unstaged.push({ app: staged.app, path: staged.path, reason: message, isThere });
      }
    });
    await Promise.all(some);
  }
  return unstaged;
}

export type Handed = {
  /** A staged file. */
  readonly path: string;
  /** What it said before it was written, as the system had it by then; undefined: there was none. */
  readonly expected: string | undefined;
};

/**
 * Gives the system what a staged file says. What changes by itself stays as the system has it.
 * @returns false when the system has something else by now; it stays, and is what the file says again
 * @throws LullError `NO_PROPERTY_LIST`, `DEFAULTS_FAILED`; then the file says what the system has, if that is known
 */
export async function importPreferences(
  means: PreferencesMeans,
  { path, expected }: Handed,
  signal: AbortSignal,
): Promise<boolean> {
  const domain = domainOf(path);
  const text = readStaged(path) ?? "";
  const now = await exported(means, domain, signal);
  const standing = lasting(now);
  if ((standing.size === 0 ? undefined : listText(standing)) !== expected) {
    stage(path, standing);
    return false;
  }
  const temporary = `${dirname(path)}/.import-${process.pid}-${domain}`;
  try {
    const volatile = [...now].filter(([key]) => isVolatile(key));
    const merged = new Map([...lasting(readEntries(text, domain)), ...volatile]);
    writeFileAtomic(temporary, listText(merged), { mode: 0o600 });
    await importDomain(means, { domain, file: temporary }, signal);
    return true;
  } catch (error) {
    stage(path, standing);
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Whether a path is that of a staged file. */
export function isStaged({ folder }: PreferencesMeans, path: string): boolean {
  return path.startsWith(`${folder}/`) && path.endsWith(ENDING);
}

function domainOf(path: string): string {
  return basename(path).slice(0, -ENDING.length);
}

async function exported(means: PreferencesMeans, domain: string, signal: AbortSignal): Promise<Entries> {
  return readEntries(await exportDomain(means, domain, signal), domain);
}

function lasting(entries: Entries): Entries {
  return new Map([...entries].filter(([key]) => !isVolatile(key)));
}

function stage(path: string, entries: Entries): void {
  if (entries.size === 0) return unstage(path);
  const text = listText(entries);
  if (readStaged(path) === text) return;
  makePrivateDirectory(dirname(path));
  writeFileAtomic(path, text, { mode: 0o600 });
}

/** With the app's last one its folder goes: an app that was removed is no wish to remove its copies. */
function unstage(path: string): void {
  rmSync(path, { force: true });
  try {
    rmdirSync(dirname(path));
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  }
}

function readStaged(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error instanceof LullError ? error : fromSystem(error, `read ${path}`);
  }
}

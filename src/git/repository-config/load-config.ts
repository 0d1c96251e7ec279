/** Gathers the configuration of a repository from git's files, in git's order: system, global, local; includes in place. */
import { dirname, join } from "node:path";

import { commonDirectory } from "../refs/common-directory.ts";
import { LullError } from "../../base/errors.ts";
import { branchOf } from "../model.ts";
import { readConfigFile } from "./config-file.ts";
import type { ConfigScope, GitConfig, ScopedEntry } from "./git-config.ts";
import { createGitConfig, expandHome, parseBoolean } from "./git-config.ts";
import type { ConditionFacts } from "./include-condition.ts";
import { conditionHolds } from "./include-condition.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type LoadOptions = {
  /** Absolute; undefined: no repository, system and global only. */
  readonly gitDirectory: string | undefined;
  /** Tells the full name of the checked-out branch, for `onbranch:`. */
  readonly branch?: (() => string | undefined) | undefined;
  readonly environment: Environment;
};

/** As MAX_INCLUDE_DEPTH in git. */
const MAXIMUM_DEPTH = 10;

/**
 * Files that do not exist are left out, and so is anything that is no regular file (`/dev/null`, a FIFO).
 * @throws LullError `GIT_CONFIG_INVALID` (kind `config`), or the system's code when a file cannot be read
 */
export function loadConfig(options: LoadOptions): GitConfig {
  const home = options.environment["HOME"];
  const facts: ConditionFacts = {
    gitDirectory: options.gitDirectory,
    branch() {
      const ref = options.branch?.();
      return ref === undefined ? undefined : branchOf(ref);
    },
    home,
  };
  const entries: ScopedEntry[] = [];
  for (const [scope, file] of filesOf(options)) readInto(entries, { scope, file, facts, depth: 0 });
  return createGitConfig(entries, home);
}

/** Reads the local file alone, without includes: what git itself does to learn the repository's format. */
export function loadLocalConfig(gitDirectory: string): GitConfig {
  const file = join(commonDirectory(gitDirectory), "config");
  return createGitConfig(
    (readConfigFile(file) ?? []).map((entry) => ({ ...entry, scope: "local" as const, file })),
    undefined,
  );
}

function filesOf({ environment, gitDirectory }: LoadOptions): (readonly [ConfigScope, string])[] {
  const files: (readonly [ConfigScope, string])[] = [];
  if (parseBoolean(environment["GIT_CONFIG_NOSYSTEM"] ?? "") !== true) {
    files.push(["system", environment["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig"]);
  }
  const chosen = environment["GIT_CONFIG_GLOBAL"];
  const home = environment["HOME"];
  if (chosen !== undefined) files.push(["global", chosen]);
  else {
    const xdg = environment["XDG_CONFIG_HOME"];
    if (xdg !== undefined && xdg !== "") files.push(["global", join(xdg, "git/config")]);
    else if (home !== undefined) files.push(["global", join(home, ".config/git/config")]);
    if (home !== undefined) files.push(["global", join(home, ".gitconfig")]);
  }
  if (gitDirectory !== undefined) files.push(["local", join(commonDirectory(gitDirectory), "config")]);
  return files;
}

type Source = {
  readonly scope: ConfigScope;
  readonly file: string;
  readonly facts: ConditionFacts;
  readonly depth: number;
};

function readInto(entries: ScopedEntry[], source: Source): void {
  const parsed = readConfigFile(source.file);
  if (parsed === undefined) return;
  if (source.depth > MAXIMUM_DEPTH) throw tooDeep(source.file);
  for (const entry of parsed) {
    entries.push({ ...entry, scope: source.scope, file: source.file });
    if (entry.name !== "path" || entry.value === undefined) continue;
    const included =
      (entry.section === "include" && entry.subsection === undefined) ||
      (entry.section === "includeif" && conditionHolds(entry.subsection ?? "", source.file, source.facts));
    if (!included) continue;
    const path = expandHome(entry.value, source.facts.home);
    const file = path.startsWith("/") ? path : join(dirname(source.file), path);
    readInto(entries, { ...source, file, depth: source.depth + 1 });
  }
}

function tooDeep(file: string): LullError {
  return new LullError({
    kind: "config",
    code: "GIT_CONFIG_INVALID",
    message: `git config files include each other more than ${MAXIMUM_DEPTH} deep, last ${file}`,
    hint: "look for an [include] that leads back to its own file",
    data: { file },
  });
}

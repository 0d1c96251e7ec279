/**
 * Git's ignore rules for whoever watches a work tree: asked about one path at a time, without the index and without
 * anything else of the engine. What is tracked although a rule excludes it counts as ignored here; a scan finds it.
 */
import { requireGitDirectory } from "../refs/find-repository.ts";
import { loadConfig, type Environment } from "../repository-config/load-config.ts";
import { parentPath, toFsPath } from "../paths.ts";
import { workTreeSettings } from "../work-tree-settings.ts";
import {
  ignoreScope,
  type IgnoreScope,
  isIgnored,
  outerIgnoreScope,
  outerRuleTexts,
} from "./ignore-rules.ts";
import { readRuleFile } from "./rule-file.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import type { RepoPath } from "../model.ts";

export type WatchedIgnoreInput = {
  /** Absolute. */
  readonly directory: string;
  readonly environment: Environment;
};

/** Nothing is ignored before the first `reset`. */
export class WatchedIgnore {
  readonly #input: WatchedIgnoreInput;
  #outer: IgnoreScope | undefined;
  #ignoreCase = DEFAULT_SETTINGS.ignoreCase;
  /** Of the folders that have rules of their own. */
  readonly #scopes = new Map<RepoPath, IgnoreScope>();

  constructor(input: WatchedIgnoreInput) {
    this.#input = input;
  }

  /** Reads the rules from outside the work tree again and forgets those inside. */
  reset(): void {
    this.#scopes.clear();
    const gitDirectory = gitDirectoryOf(this.#input.directory);
    const { excludesFile, ignoreCase } = this.#settings(gitDirectory);
    this.#ignoreCase = ignoreCase;
    const texts = gitDirectory === undefined ? [] : outerRuleTexts({ gitDirectory, excludesFile });
    this.#outer = outerIgnoreScope(texts, ignoreCase);
  }

  /** Reads the folder's `.gitignore`; those of the folders above it come first. */
  enter(folder: RepoPath): void {
    this.#scopes.delete(folder);
    const outer = this.#scopeOf(folder);
    const text = readRuleFile(
      toFsPath(this.#input.directory, folder === "" ? RULES : `${folder}/${RULES}`),
      "refuse",
    );
    const scope = ignoreScope(outer, { directory: folder, ignoreCase: this.#ignoreCase }, text);
    if (scope !== undefined && scope !== outer) this.#scopes.set(folder, scope);
  }

  /** Whether a path is excluded whose parent folder was entered. */
  isIgnored(path: RepoPath, isFolder: boolean): boolean {
    return isIgnored(this.#scopeOf(parentPath(path)), path, isFolder);
  }

  #scopeOf(folder: RepoPath): IgnoreScope | undefined {
    if (this.#scopes.size === 0) return this.#outer;
    for (let at = folder; ; at = parentPath(at)) {
      const scope = this.#scopes.get(at);
      if (scope !== undefined) return scope;
      if (at === "") return this.#outer;
    }
  }

  #settings(gitDirectory: string | undefined) {
    const { environment } = this.#input;
    try {
      return workTreeSettings(loadConfig({ gitDirectory, environment }), environment, "lf");
    } catch {
      // What is wrong with the config is said by the sync.
      return DEFAULT_SETTINGS;
    }
  }
}

const RULES = ".gitignore";

/** Undefined also where it can not be told: a sync says why. */
function gitDirectoryOf(directory: string): string | undefined {
  try {
    return requireGitDirectory(directory);
  } catch {
    return undefined;
  }
}

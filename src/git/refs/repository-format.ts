/** Kinds of repositories that the engine does not work in, each with its reason in words for the user. */
import { lstatSync, readdirSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";

import { fromSystem, systemCode } from "../../base/errors.ts";
import type { GitConfig } from "../repository-config/git-config.ts";
import { loadLocalConfig } from "../repository-config/load-config.ts";
import { commonDirectory } from "./common-directory.ts";
import type { GitDirectoryListing } from "./git-directory-listing.ts";
import { hasRefBelow } from "./ref-store.ts";
import type { RepositoryState } from "./repository-state.ts";

type Unsupported = Extract<RepositoryState, { readonly kind: "unsupported" }>;

/** Extensions that change nothing for the engine, with the only value that they may have. */
const HARMLESS_EXTENSIONS: Readonly<Record<string, string | undefined>> = {
  noop: undefined,
  "noop-v1": undefined,
  relativeworktrees: undefined,
  objectformat: "sha1",
  refstorage: "files",
};
/** Git obeys these in format version 0 as well; any other extension has no meaning there. */
const EXTENSIONS_OF_VERSION_0 = new Set([
  "partialclone",
  "worktreeconfig",
  "preciousobjects",
  "objectformat",
  "refstorage",
]);

/**
 * Whoever can write into `.git` can choose what is pushed where. Git refuses repositories of other users
 * (safe.directory, CVE-2022-24765); lull, which runs unattended, knows no exceptions, not even for root.
 */
export function unsafeOwnership(directory: string, gitDirectory: string): Unsupported | undefined {
  const user = process.getuid?.();
  // Windows has no user ids; its permissions are not in the mode bits either.
  if (user === undefined) return undefined;
  const common = commonDirectory(gitDirectory);
  for (const path of new Set([directory, gitDirectory, common, join(common, "config")])) {
    const stat = look(path, statSync);
    if (stat === undefined) continue;
    if (stat.uid !== user) {
      return unsupported(
        `unsafe ownership: ${path} belongs to user ${stat.uid}, and lull runs as user ${user}`,
        "run lull as the owner of the repository, or hand it over with `chown -R`",
      );
    }
    if (path !== directory && (stat.mode & 0o002) !== 0) {
      return unsupported(
        `unsafe permissions: every user of this machine may write to ${path}`,
        `take that right away: chmod -R o-w ${gitDirectory}`,
      );
    }
  }
  return undefined;
}

/** New files are made whole in the git directory and renamed into the work tree, which no rename from elsewhere can do. */
export function otherFileSystem(directory: string, gitDirectory: string): Unsupported | undefined {
  if (look(directory, statSync)?.dev === look(gitDirectory)?.dev) return undefined;
  return unsupported(
    `it is a linked work tree, and its repository, ${commonDirectory(gitDirectory)}, is on another file system`,
    "clone the repository on its own",
  );
}

/**
 * @param shared of the common directory
 * @throws LullError `GIT_CONFIG_INVALID`
 */
export function unsupportedFormat(
  gitDirectory: string,
  shared: GitDirectoryListing,
): Unsupported | undefined {
  const config = loadLocalConfig(gitDirectory);
  const common = commonDirectory(gitDirectory);
  return (
    unsupportedVersion(config) ??
    // Both are about the main work tree; git does not heed them in a linked one either.
    (common === gitDirectory ? filesElsewhere(config) : undefined) ??
    unsupportedConfig(config) ??
    unsupportedFiles(common, shared) ??
    changedHistory(common, config)
  );
}

/** What the engine can not even read: another format, or an extension that it does not know. */
export function unsupportedVersion(config: GitConfig): Unsupported | undefined {
  const version = config.integer("core.repositoryformatversion") ?? 0;
  if (version > 1 || version < 0) {
    return unsupported(
      `its repository format version is ${version}; lull knows 0 and 1`,
      "a newer git made it; see `git config core.repositoryFormatVersion`",
    );
  }
  for (const { section, subsection, name } of config.entries) {
    if (section !== "extensions" || subsection !== undefined) continue;
    if (version === 0 && !EXTENSIONS_OF_VERSION_0.has(name)) continue;
    const value = config.get(`extensions.${name}`) ?? "";
    const harmless =
      name in HARMLESS_EXTENSIONS && (HARMLESS_EXTENSIONS[name] ?? value) === value.toLowerCase();
    const off =
      (name === "worktreeconfig" || name === "preciousobjects") &&
      config.boolean(`extensions.${name}`) === false;
    if (!harmless && !off) return unsupportedExtension(name, value);
  }
  return undefined;
}

function unsupportedExtension(name: string, value: string): Unsupported {
  if (name === "objectformat") {
    return unsupported(
      `it names objects by ${value}; lull knows sha1 only`,
      "clone it into a repository with `--object-format=sha1`",
    );
  }
  if (name === "refstorage") {
    return unsupported(
      `it keeps its refs as ${value}; lull knows files only`,
      "convert it with `git refs migrate --ref-format=files`",
    );
  }
  if (name === "partialclone") return partialClone();
  if (name === "worktreeconfig") {
    return unsupported(
      "it has a config of its own for each worktree (extensions.worktreeConfig)",
      "move what is in .git/config.worktree to .git/config, then `git config --unset extensions.worktreeConfig`",
    );
  }
  return unsupported(
    `it uses the git extension ${name}, which lull does not know`,
    "see `git config --get-regexp extensions`",
  );
}

function filesElsewhere(config: GitConfig): Unsupported | undefined {
  if (config.boolean("core.bare") === true) {
    return unsupported(
      "it is marked as bare, without files to sync",
      "if that is a mistake: git config core.bare false",
    );
  }
  const workTree = config.get("core.worktree");
  if (workTree !== undefined) {
    return unsupported(
      `its files lie elsewhere (core.worktree is ${workTree})`,
      "if that is a mistake: git config --unset core.worktree",
    );
  }
  return undefined;
}

function unsupportedConfig(config: GitConfig): Unsupported | undefined {
  if (config.boolean("core.sparsecheckout") === true) {
    return unsupported(
      "only a part of its files is checked out (sparse checkout)",
      "check out all of them: git sparse-checkout disable",
    );
  }
  if (config.boolean("core.splitindex") === true) return splitIndex();
  const promisor = config
    .subsections("remote")
    .some((name) => config.boolean(`remote.${name}.promisor`) === true);
  return promisor ? partialClone() : undefined;
}

function unsupportedFiles(gitDirectory: string, listing: GitDirectoryListing): Unsupported | undefined {
  for (const name of ["objects", "refs", "logs", "packed-refs", "index"]) {
    // As `git-new-workdir` makes them: they share state with another work tree.
    if (!listing.isLink(name)) continue;
    return unsupported(`its .git/${name} is a symbolic link`, "clone the repository on its own");
  }
  if (listing.has("shallow") && (look(join(gitDirectory, "shallow"))?.size ?? 0) > 0) {
    return unsupported("its history is cut off (a shallow clone)", "fetch the rest: git fetch --unshallow");
  }
  return hasPromisorPack(gitDirectory) ? partialClone() : undefined;
}

/**
 * Git shows other content in the place of a replaced object, in the work tree too: lull, which reads what is really
 * stored, would take that for the person's edits and commit them.
 */
function changedHistory(gitDirectory: string, config: GitConfig): Unsupported | undefined {
  if ((look(join(gitDirectory, "info/grafts"))?.size ?? 0) > 0) {
    return unsupported(
      "git sees another history than the stored one (.git/info/grafts)",
      "remove that file, or make its history real with `git filter-repo --force`",
    );
  }
  if (config.boolean("core.usereplacerefs") === false || !hasRefBelow(gitDirectory, "refs/replace/")) {
    return undefined;
  }
  return unsupported(
    "git sees other objects in the place of stored ones (git replace)",
    "`git replace --list` shows them, `git replace --delete` ends it",
  );
}

function hasPromisorPack(gitDirectory: string): boolean {
  const directory = join(gitDirectory, "objects/pack");
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  return readdirSync(directory).some((name) => name.endsWith(".promisor"));
}

/** An index whose other half lies in `sharedindex.<checksum>`; to a reader that does not know, it looks damaged. */
export function hasSharedIndex(gitDirectory: string): boolean {
  return readdirSync(gitDirectory).some((name) => name.startsWith("sharedindex."));
}

export function splitIndex(): Unsupported {
  return unsupported(
    "its index is split (core.splitIndex)",
    "join it: git config core.splitIndex false && git update-index --no-split-index",
  );
}

function partialClone(): Unsupported {
  return unsupported(
    "it is a partial clone, which lacks some objects",
    "clone the whole repository, without `--filter`",
  );
}

function unsupported(feature: string, hint: string): Unsupported {
  return { kind: "unsupported", feature, hint };
}

type Look = (path: string, options: { readonly throwIfNoEntry: false }) => Stats | undefined;

function look(path: string, ask: Look = lstatSync): Stats | undefined {
  try {
    return ask(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === "ENOTDIR") return undefined;
    throw fromSystem(error, `look at ${path}`);
  }
}

/** Opens a folder that others fetch from and push to; everything that can not be served is refused before any write. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import type { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { transportError } from "../../transport/transport-error.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { openObjectStore } from "../objects/object-store.ts";
import { findRepository } from "../refs/find-repository.ts";
import { readRef } from "../refs/ref-store.ts";
import type { ReflogPolicy } from "../refs/reflog.ts";
import type { GitConfig } from "../repository-config/git-config.ts";
import { loadLocalConfig } from "../repository-config/load-config.ts";

export type ServedRepository = {
  /** For messages. */
  readonly remote: string;
  readonly gitDirectory: string;
  readonly store: ObjectStore;
  /** The repository's own settings; those of the machine's users do not count for a remote. */
  readonly config: GitConfig;
  /** The branch that HEAD names, born or not; undefined when HEAD is detached. */
  readonly head: string | undefined;
  /** Branches that a work tree is on: pushing to them would make its files look changed. */
  readonly checkedOut: ReadonlySet<string>;
  readonly reflogPolicy: ReflogPolicy;
};

/** Extensions that change nothing for a reader and writer of objects and refs, with the only values they may have. */
const KNOWN_EXTENSIONS: Readonly<Record<string, readonly string[] | undefined>> = {
  objectformat: ["sha1"],
  refstorage: ["files"],
  noop: undefined,
  "noop-v1": undefined,
  preciousobjects: undefined,
  relativeworktrees: undefined,
  worktreeconfig: undefined,
};

/**
 * @param directory a bare repository, or a work tree with its `.git` folder
 * @throws LullError `REPO_NOT_FOUND`, `UNSUPPORTED`
 */
export function openServedRepository(directory: string): ServedRepository {
  const remote = safeText(directory);
  const gitDirectory = servedGitDirectory(directory, remote);
  const config = loadLocalConfig(gitDirectory);
  refuseForeignFormat(gitDirectory, config, remote);
  const isBare = config.boolean("core.bare") ?? gitDirectory === directory;
  const target = readRef(gitDirectory, "HEAD");
  const head = target?.kind === "symbolic" ? target.target : undefined;
  return {
    remote,
    gitDirectory,
    store: openObjectStore(gitDirectory),
    config,
    head,
    checkedOut: new Set([
      ...(isBare || head === undefined ? [] : [head]),
      ...branchesOfWorkTrees(gitDirectory),
    ]),
    reflogPolicy: reflogPolicy(config, isBare),
  };
}

/** @throws LullError `REPO_NOT_FOUND`, `UNSUPPORTED` */
export function servedGitDirectory(directory: string, remote = safeText(directory)): string {
  const found = findRepository(directory);
  switch (found.kind) {
    case "bare":
    case "work-tree":
      return found.gitDirectory;
    case "missing":
    case "none":
      throw transportError({
        code: "REPO_NOT_FOUND",
        message: `${remote} is no git repository`,
        causes: ["the path has a typing mistake", "the repository was not created yet"],
        hint: `create it with \`git init --bare ${remote}\`, or correct the remote`,
      });
    case "linked-work-tree":
      throw unsupported(remote, "it is a linked work tree; name its main repository");
    case "linked":
      throw unsupported(remote, `its .git is a file that points to ${safeText(found.target)}`);
    case "symlinked":
      throw unsupported(remote, "its .git is a symbolic link");
  }
}

function refuseForeignFormat(gitDirectory: string, config: GitConfig, remote: string): void {
  const version = config.integer("core.repositoryformatversion") ?? 0;
  if (version > 1) throw unsupported(remote, `its repository format version is ${version}`);
  for (const { section, subsection, name } of config.entries) {
    if (section !== "extensions" || subsection !== undefined) continue;
    const value = config.get(`extensions.${name}`) ?? "";
    const allowed = KNOWN_EXTENSIONS[name];
    const known =
      name in KNOWN_EXTENSIONS && (allowed === undefined || allowed.includes(value.toLowerCase()));
    if (!known) throw unsupported(remote, `it uses the git extension ${safeText(`${name}=${value}`)}`);
  }
  if (sizeOf(join(gitDirectory, "objects/info/alternates")) > 0) {
    throw unsupported(remote, "it borrows objects from another repository (objects/info/alternates)");
  }
  if (sizeOf(join(gitDirectory, "shallow")) > 0) {
    throw unsupported(remote, "its history is cut off (a shallow clone)");
  }
}

/** Linked work trees have their own HEAD below `worktrees/`. */
function branchesOfWorkTrees(gitDirectory: string): readonly string[] {
  const parent = join(gitDirectory, "worktrees");
  if (statSync(parent, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(parent).flatMap((name) => {
    const file = join(parent, name, "HEAD");
    if (sizeOf(file) === 0) return [];
    return /^ref: (refs\/heads\/.+)\n$/.exec(readFileSync(file, "utf8"))?.[1] ?? [];
  });
}

function reflogPolicy(config: GitConfig, isBare: boolean): ReflogPolicy {
  if (config.get("core.logallrefupdates")?.toLowerCase() === "always") return "always";
  return (config.boolean("core.logallrefupdates") ?? !isBare) ? "usual" : "existing";
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function unsupported(remote: string, why: string): LullError {
  return transportError({
    code: "UNSUPPORTED",
    message: `${remote} can not be used as a remote: ${why}`,
    hint: "use another repository as the remote, for example a new one made by `git init --bare`",
  });
}

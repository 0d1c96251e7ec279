/** Makes an empty repository with the layout of `git init`, without hooks. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";

import { syncDirectory, writeFileAtomic } from "../../base/atomic-file.ts";
import { fromSystem, LullError } from "../../base/errors.ts";
import { findRepository } from "./find-repository.ts";
import { isBranchName } from "./ref-name.ts";

export type InitOptions = {
  readonly bare: boolean;
  /** The branch that the first commit will be on, `main`. */
  readonly branch: string;
  /**
   * Files are kept byte by byte, whatever the person's git says of line ends or of names to leave out, and whatever
   * attributes come with them. A `.gitignore` in it still counts.
   */
  readonly isVerbatim?: boolean;
};

/** Stronger than every `.gitattributes`. */
const VERBATIM_ATTRIBUTES = "* -text -eol -filter -ident -working-tree-encoding\n";
/** Instead of those of the person and of the system. */
const VERBATIM_CONFIG = ["autocrlf = false", "excludesfile =", "attributesfile ="];

const DESCRIPTION = "Unnamed repository; edit this file 'description' to name the repository.\n";
const EXCLUDE = `# git ls-files --others --exclude-from=.git/info/exclude
# Lines that start with '#' are comments.
# For a project mostly in C, the following would be a good set of
# exclude patterns (uncomment them if you want to use them):
# *.[oa]
# *~
`;

/** All that an unfinished call can have left behind; anything else in there belongs to somebody. */
const OWN_FILES =
  /^(?:config|description|info(?:\/(?:exclude|attributes))?|objects(?:\/(?:info|pack))?|refs(?:\/(?:heads|tags))?|.*\.tmp)$/;

/**
 * The folder is made if missing. HEAD comes last, so that an interrupted call leaves no repository, and a second call
 * finishes it. Returns the git directory.
 * @throws LullError `ALREADY_A_REPOSITORY` (kind `usage`), `NOT_EMPTY` (kind `unsafe`), `REF_NAME_INVALID`
 */
export function initRepository(directory: string, options: InitOptions): string {
  if (!isBranchName(options.branch)) throw invalidBranch(options.branch);
  const gitDirectory = options.bare ? directory : join(directory, ".git");
  refuseOccupied(directory, gitDirectory);
  try {
    for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"]) {
      mkdirSync(join(gitDirectory, folder), { recursive: true });
    }
    writeFileAtomic(join(gitDirectory, "description"), DESCRIPTION);
    writeFileAtomic(join(gitDirectory, "info/exclude"), EXCLUDE);
    if (options.isVerbatim === true)
      writeFileAtomic(join(gitDirectory, "info/attributes"), VERBATIM_ATTRIBUTES);
    writeFileAtomic(join(gitDirectory, "config"), configText(gitDirectory, options));
    for (const folder of ["objects", "refs", "info", "."]) syncDirectory(join(gitDirectory, folder));
    writeFileAtomic(join(gitDirectory, "HEAD"), `ref: refs/heads/${options.branch}\n`);
    syncDirectory(directory);
  } catch (error) {
    throw fromSystem(error, `create a repository in ${directory}`);
  }
  return gitDirectory;
}

/** What the file system can do is tried out, not guessed from the system: a FAT stick on Linux cannot do it either. */
function configText(gitDirectory: string, { bare, isVerbatim }: InitOptions): string {
  const probe = join(gitDirectory, "Probe.tmp");
  try {
    writeFileAtomic(probe, "");
    const lines = ["repositoryformatversion = 0", `filemode = ${keepsModes(probe)}`, `bare = ${bare}`];
    if (!bare) lines.push("logallrefupdates = true");
    if (isVerbatim === true) lines.push(...VERBATIM_CONFIG);
    if (!makesSymlinks(gitDirectory)) lines.push("symlinks = false");
    if (existsSync(join(gitDirectory, "pROBE.tmp"))) lines.push("ignorecase = true");
    if (decomposesNames(gitDirectory)) lines.push("precomposeunicode = true");
    return `[core]\n${lines.map((line) => `\t${line}\n`).join("")}`;
  } finally {
    rmSync(probe, { force: true });
  }
}

function keepsModes(probe: string): boolean {
  const before = statSync(probe).mode;
  chmodSync(probe, (before & 0o777) ^ 0o100);
  return statSync(probe).mode === (before ^ 0o100);
}

function makesSymlinks(gitDirectory: string): boolean {
  const link = join(gitDirectory, "link.tmp");
  try {
    rmSync(link, { force: true });
    symlinkSync("testing", link);
    return lstatSync(link).isSymbolicLink();
  } catch {
    return false;
  } finally {
    rmSync(link, { force: true });
  }
}

/** macOS finds a file by either spelling of an accented letter. */
function decomposesNames(gitDirectory: string): boolean {
  const composed = join(gitDirectory, "\u00e4.tmp");
  try {
    writeFileAtomic(composed, "");
    return existsSync(join(gitDirectory, "a\u0308.tmp"));
  } finally {
    rmSync(composed, { force: true });
  }
}

function refuseOccupied(directory: string, gitDirectory: string): void {
  const found = findRepository(directory);
  if (found.kind !== "missing" && found.kind !== "none") {
    throw new LullError({
      kind: "usage",
      code: "ALREADY_A_REPOSITORY",
      message: `${directory} is a repository already`,
      hint: "use it as it is",
      data: { path: directory },
    });
  }
  // A folder that is missing, or below a file, is for mkdir to judge.
  if (found.kind === "missing" || !existsSync(gitDirectory)) return;
  const foreign = firstForeign(gitDirectory, "");
  if (foreign === undefined) return;
  throw new LullError({
    kind: "unsafe",
    code: "NOT_EMPTY",
    message: `${gitDirectory} is no complete repository, but is not empty either (${foreign})`,
    hint: "it may hold lost commits: look at it with `git fsck`, or move it away",
    data: { path: gitDirectory },
  });
}

/** Returns the first path below that `initRepository` cannot have made. */
function firstForeign(gitDirectory: string, below: string): string | undefined {
  for (const entry of readdirSync(join(gitDirectory, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (!OWN_FILES.test(path)) return path;
    const deeper = entry.isDirectory() ? firstForeign(gitDirectory, path) : undefined;
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function invalidBranch(branch: string): LullError {
  return new LullError({
    kind: "usage",
    code: "REF_NAME_INVALID",
    message: `${JSON.stringify(branch)} is not a valid name for a branch`,
    hint: "see `git help check-ref-format` for the rules",
  });
}

import { beforeEach, describe, expect, test } from "bun:test";
import {
  cpSync,
  appendFileSync,
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { requireGitDirectory } from "../../../src/git/refs/find-repository.ts";
import { inspectRepository } from "../../../src/git/refs/inspect-repository.ts";
import type { RepositoryState } from "../../../src/git/refs/repository-state.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";
import { cannotRun } from "../../helpers/skip.ts";

let root: string;
let dotGit: string;
const clock = { now: () => Date.now(), monotonic: () => 0, utcOffset: () => 0 };

beforeEach(() => {
  root = temporaryDirectory();
  dotGit = join(root, ".git");
  git(root, "init", "-q");
  writeFileSync(join(root, "a"), "1\n");
  git(root, "add", "a");
  git(root, "commit", "-q", "-m", "one");
});

/** Everything below a folder that a write would change: names, kinds, modes, times and content. */
function picture(path: string): string[] {
  const stat = lstatSync(path);
  const self = `${path} ${stat.mode} ${stat.ino} ${stat.mtimeMs} ${stat.ctimeMs}`;
  if (stat.isSymbolicLink()) return [`${self} ${readlinkSync(path)}`];
  if (!stat.isDirectory()) return [`${self} ${stat.isFile() ? Bun.hash(readFileSync(path)) : ""}`];
  return [
    self,
    ...readdirSync(path)
      .sort()
      .flatMap((name) => picture(join(path, name))),
  ];
}

/** Inspects and makes sure that not one byte has changed. */
function inspect(directory = root): RepositoryState {
  const before = picture(directory);
  const state = inspectRepository(directory, clock);
  expect(picture(directory)).toEqual(before);
  return state;
}

function expectUnsupported(feature: RegExp, directory = root): void {
  const state = inspect(directory);
  expect(state.kind).toBe("unsupported");
  if (state.kind !== "unsupported") return;
  expect(state.feature).toMatch(feature);
  expect(state.hint.length).toBeGreaterThan(5);
}

function expectBusy(reason: RegExp): void {
  const state = inspect();
  expect(state.kind).toBe("busy");
  if (state.kind !== "busy") return;
  expect(state.reason).toMatch(reason);
  expect(state.hint.length).toBeGreaterThan(5);
}

describe("inspecting a folder", () => {
  test("finds an ordinary repository ready, on its branch", () => {
    expect(inspect()).toEqual({
      kind: "ready",
      head: { branch: "refs/heads/main", commit: git(root, "rev-parse", "HEAD") },
    });
    expect(requireGitDirectory(root)).toBe(dotGit);
    git(root, "pack-refs", "--all");
    expect(inspect().kind).toBe("ready");
  });

  test("finds a new repository ready, without a commit", () => {
    const empty = temporaryDirectory();
    git(empty, "init", "-q");
    expect(inspect(empty)).toEqual({ kind: "ready", head: { branch: "refs/heads/main", commit: undefined } });
  });

  test("tells what is missing, a file, a plain folder, and a folder inside another repository", () => {
    expect(inspectRepository(join(root, "none"), clock)).toEqual({ kind: "missing" });
    expect(inspectRepository(join(root, "a", "b"), clock)).toEqual({ kind: "missing" });
    expect(inspect(join(root, "a"))).toEqual({
      kind: "not-a-repository",
      reason: `${root}/a is a file, not a folder`,
    });
    expect(inspect(temporaryDirectory())).toEqual({
      kind: "not-a-repository",
      reason: undefined,
      isEmpty: true,
    });
    mkdirSync(join(root, "x/y"), { recursive: true });
    const inner = inspect(join(root, "x/y"));
    expect(inner).toEqual({
      kind: "not-a-repository",
      reason: `${root}/x/y lies inside another repository, ${root}`,
      isEmpty: true,
    });
    expect(thrown(() => requireGitDirectory(join(root, "x"))).code).toBe("NOT_A_REPOSITORY");
    expect(thrown(() => requireGitDirectory(join(root, "none"))).message).toContain(
      "is not a git repository",
    );
  });

  test("does not take a .git without HEAD for a repository, nor for an empty place", () => {
    rmSync(join(dotGit, "HEAD"));
    // It lacks nothing else, and what it was can be found out.
    expectUnsupported(/has no HEAD/);
    rmSync(join(dotGit, "objects"), { recursive: true });
    const state = inspect();
    expect(state.kind === "not-a-repository" ? state.reason : "").toContain(
      "HEAD, objects or refs is missing",
    );
  });

  test("refuses bare repositories and the inside of a .git", () => {
    const bare = temporaryDirectory();
    git(bare, "init", "-q", "--bare");
    expectUnsupported(/bare repository/, bare);
    expectUnsupported(/bare repository/, dotGit);
    git(root, "config", "core.bare", "true");
    expectUnsupported(/marked as bare/);
  });

  test("tells of a branch that is checked out in another work tree as well", () => {
    const linked = join(temporaryDirectory(), "linked");
    git(root, "worktree", "add", "-q", "--force", linked, "main");
    expect(inspect()).toMatchObject({ kind: "busy", reason: expect.stringContaining(linked) });
    expect(inspect(linked)).toMatchObject({ kind: "busy", reason: expect.stringContaining(root) });
    git(linked, "switch", "-q", "-c", "other");
    expect([inspect().kind, inspect(linked).kind]).toEqual(["ready", "ready"]);
    git(linked, "switch", "-q", "--ignore-other-worktrees", "main");
    expect(inspect().kind).toBe("busy");
    // Nobody looks at what is gone, unless its drive is only put away.
    git(root, "worktree", "lock", linked);
    rmSync(linked, { recursive: true });
    expect(inspect().kind).toBe("busy");
    git(root, "worktree", "unlock", linked);
    expect(inspect().kind).toBe("ready");
  });

  test("refuses lost linked worktrees, submodules, separate and symlinked git directories", () => {
    const linked = join(temporaryDirectory(), "linked");
    git(root, "worktree", "add", "-q", linked);
    expect(inspect(linked).kind).toBe("ready");
    const copy = join(temporaryDirectory(), "copy");
    cpSync(linked, copy, { recursive: true });
    expectUnsupported(/a linked worktree/, copy);
    const other = temporaryDirectory();
    git(other, "init", "-q");
    git(other, "submodule", "--quiet", "add", root, "sub");
    expectUnsupported(/a submodule/, join(other, "sub"));
    const separate = join(temporaryDirectory(), "repo");
    git(root, "init", "-q", "--separate-git-dir", separate);
    expectUnsupported(/a separate git directory/);
    rmSync(dotGit);
    writeFileSync(dotGit, "nonsense");
    expectUnsupported(/an unreadable place/);
    writeFileSync(dotGit, "x".repeat(70_000));
    expectUnsupported(/an unreadable place/);
    rmSync(dotGit);
    symlinkSync(separate, dotGit);
    expectUnsupported(/symbolic link/);
  });

  test.each([
    ["repositoryformatversion = 2", /format version is 2/],
    ["repositoryformatversion = -1", /format version is -1/],
    ["repositoryformatversion = 1\n[extensions]\nobjectFormat = sha256", /names objects by sha256/],
    ["repositoryformatversion = 1\n[extensions]\nrefStorage = reftable", /refs as reftable/],
    ["repositoryformatversion = 1\n[extensions]\npartialClone = origin", /partial clone/],
    ["repositoryformatversion = 0\n[extensions]\npartialClone = origin", /partial clone/],
    ["repositoryformatversion = 1\n[extensions]\nworktreeConfig = true", /each worktree/],
    ["repositoryformatversion = 1\n[extensions]\nfuture = true", /extension future/],
    ["repositoryformatversion = 1\n[extensions]\npreciousObjects", /extension preciousobjects/],
    ["worktree = /elsewhere", /core\.worktree is \/elsewhere/],
    ["sparseCheckout = true", /sparse checkout/],
    ["splitIndex = true", /index is split/],
    ['x = y\n[remote "o"]\npromisor = true', /partial clone/],
    ["bare = perhaps", /core\.bare in .* is no boolean/],
    ["bare", /marked as bare/],
    ["broken", /bad git config line/],
  ])("refuses the config %j", (text, feature) => {
    appendFileSync(join(dotGit, "config"), text === "broken" ? "[x\n" : `[core]\n${text}\n`);
    expectUnsupported(feature);
  });

  test.each([
    "repositoryformatversion = 1\n[extensions]\nnoop\nobjectFormat = SHA1\nrefStorage = files\nrelativeWorktrees = true",
    "repositoryformatversion = 1\n[extensions]\nworktreeConfig = false",
    "repositoryformatversion = 0\n[extensions]\nfuture = true",
    '[extensions "x"]\nfuture = true',
  ])("is content with the config %j", (text) => {
    appendFileSync(join(dotGit, "config"), `[core]\n${text}\n`);
    expect(inspect().kind).toBe("ready");
  });

  test("refuses what system git makes: sha256, split and sparse index, shallow, partial clones", () => {
    const sha256 = temporaryDirectory();
    git(sha256, "init", "-q", "--object-format=sha256");
    expectUnsupported(/sha256/, sha256);

    const shallow = join(temporaryDirectory(), "clone");
    git(root, "commit", "-q", "--allow-empty", "-m", "two");
    git(root, "clone", "-q", "--depth=1", `file://${root}`, shallow);
    expectUnsupported(/shallow/, shallow);

    git(root, "config", "uploadpack.allowFilter", "true");
    const partial = join(temporaryDirectory(), "clone");
    git(root, "clone", "-q", "--filter=blob:none", `file://${root}`, partial);
    expectUnsupported(/partial clone/, partial);
    git(partial, "config", "--remove-section", "remote.origin");
    expect(readFileSync(join(partial, ".git/config"), "utf8")).not.toMatch(/promisor|partial/i);
    expectUnsupported(/partial clone/, partial);

    const sparse = join(temporaryDirectory(), "clone");
    git(root, "clone", "-q", root, sparse);
    git(sparse, "sparse-checkout", "set", "--no-cone", "/b");
    expectUnsupported(/each worktree|sparse/, sparse);

    git(root, "update-index", "--split-index");
    expectUnsupported(/split/);
  });

  test("is content with a repository that borrows objects from another", () => {
    const borrowing = join(temporaryDirectory(), "clone");
    git(root, "clone", "-q", "--shared", root, borrowing);
    expect(inspect(borrowing).kind).toBe("ready");
  });

  test("refuses a directory that shares its parts by symbolic links", () => {
    renameSync(join(dotGit, "refs"), join(root, "refs"));
    symlinkSync(join(root, "refs"), join(dotGit, "refs"));
    expectUnsupported(/\.git\/refs is a symbolic link/);
  });

  test("refuses a damaged HEAD, branch or index with the words of the damage", () => {
    writeFileSync(join(dotGit, "refs/heads/main"), "");
    expectUnsupported(/refs\/heads\/main appears to be broken/);
    writeFileSync(join(dotGit, "refs/heads/main"), "ref: refs/heads/other\n");
    expectUnsupported(/symbolic ref to refs\/heads\/other/);
    writeFileSync(join(dotGit, "HEAD"), "ref: refs/remotes/origin/main\n");
    expectUnsupported(/which is no branch/);
    writeFileSync(join(dotGit, "HEAD"), "");
    expectUnsupported(/HEAD appears to be broken/);
    writeFileSync(join(dotGit, "HEAD"), "ref: refs/heads/other\n");
    writeFileSync(join(dotGit, "index"), "garbage");
    expectUnsupported(/index/);
  });

  test.skipIf(cannotRun(process.getuid?.() !== 0, "only root can give a file to another user"))(
    "refuses what belongs to another user",
    () => {
      chownSync(dotGit, 12345, 12345);
      expectUnsupported(/unsafe ownership: .*\.git belongs to user 12345/);
      chownSync(dotGit, 0, 0);
      chownSync(root, 12345, 12345);
      expectUnsupported(/unsafe ownership/);
      chownSync(root, 0, 0);
    },
  );

  test("refuses a .git that every user may write to", () => {
    chmodSync(join(dotGit, "config"), 0o666);
    expectUnsupported(/unsafe permissions: .*config/);
    chmodSync(join(dotGit, "config"), 0o644);
    chmodSync(dotGit, 0o777);
    expectUnsupported(/unsafe permissions/);
    chmodSync(dotGit, 0o775);
    chmodSync(root, 0o777);
    expect(inspect().kind).toBe("ready");
  });

  test("reports what it cannot read instead of guessing", () => {
    rmSync(join(dotGit, "config"));
    symlinkSync(join(dotGit, "config"), join(dotGit, "config"));
    expect(thrown(() => inspectRepository(root, clock)).code).toBe("ELOOP");
  });
});

describe("a repository in which the user is at work", () => {
  test.each([
    ["index.lock", /another git command is at work here \(index\.lock, since/],
    ["HEAD.lock", /HEAD\.lock/],
    ["MERGE_HEAD", /a merge/],
    ["CHERRY_PICK_HEAD", /a cherry-pick/],
    ["REVERT_HEAD", /a revert/],
    ["rebase-merge/", /a rebase/],
    ["rebase-apply/", /a rebase/],
    ["sequencer/", /a series/],
    ["BISECT_LOG", /a bisect/],
    ["BISECT_START", /a bisect/],
  ])("is left alone when there is %s", (mark, reason) => {
    if (mark.endsWith("/")) mkdirSync(join(dotGit, mark));
    else writeFileSync(join(dotGit, mark), "");
    expectBusy(reason);
  });

  test("is left alone during git am", () => {
    mkdirSync(join(dotGit, "rebase-apply"));
    writeFileSync(join(dotGit, "rebase-apply/applying"), "");
    expectBusy(/git am/);
  });

  test("is left alone on a detached HEAD", () => {
    git(root, "checkout", "-q", "--detach");
    expectBusy(/HEAD is detached at [0-9a-f]{10}/);
  });

  test("is left alone in a real rebase that stopped, and while the index holds conflicts", () => {
    git(root, "checkout", "-q", "-b", "side");
    writeFileSync(join(root, "a"), "side\n");
    git(root, "commit", "-q", "-am", "side");
    git(root, "checkout", "-q", "main");
    writeFileSync(join(root, "a"), "main\n");
    git(root, "commit", "-q", "-am", "main");
    expect(() => git(root, "rebase", "side")).toThrow();
    expectBusy(/a rebase/);
    git(root, "rebase", "--abort");
    expect(inspect().kind).toBe("ready");
    expect(() => git(root, "merge", "--squash", "side")).toThrow();
    expectBusy(/conflicts that are not resolved/);
  });
});

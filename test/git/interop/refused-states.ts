/** States in which lull must not work at all: another half of the truth lies where it does not look. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import type { Place, Refused } from "./strange-place.ts";

const config = (text: string) => (place: Place) =>
  appendFileSync(join(place.dotGit, "config"), `\n${text}\n`);

function cloned(...args: readonly string[]): (place: Place) => void {
  return (place) =>
    place.replace((root, old) => {
      git(old, "config", "uploadpack.allowFilter", "true");
      git(old, "clone", "-q", ...args, `file://${old}`, root);
    });
}

function aside(place: Place, name: string): void {
  const elsewhere = join(temporaryDirectory(), "aside");
  renameSync(join(place.dotGit, name), elsewhere);
  symlinkSync(elsewhere, join(place.dotGit, name));
}

/** The bytes of the index changed, with a checksum that fits. */
function indexWith(change: (bytes: Buffer) => Buffer): (place: Place) => void {
  return (place) => {
    const file = join(place.dotGit, "index");
    const body = change(readFileSync(file).subarray(0, -20));
    writeFileSync(file, Buffer.concat([body, new Bun.CryptoHasher("sha1").update(body).digest()]));
  };
}

/** A change in a file that a program would convert. */
function behind(place: Place, attribute: string): void {
  place.device.write(".gitattributes", `*.md ${attribute}\n`);
  place.device.write("b.md", "changed\n");
}

const extension = (name: string) => (bytes: Buffer) =>
  Buffer.concat([bytes, Buffer.from(`${name}\0\0\0\x01x`)]);

export const REFUSED: readonly Refused[] = [
  {
    name: "a split index",
    make: (p) => p.git("update-index", "--split-index"),
    says: /index is split|split index/,
  },
  {
    name: "core.splitIndex without a split index yet",
    make: config("[core]\nsplitIndex = true"),
    says: /index is split|split index/,
  },
  {
    name: "a sparse checkout in cone mode",
    make: (p) => p.git("sparse-checkout", "set", "--cone", "folder"),
    says: /sparse|each worktree/,
  },
  {
    name: "a sparse checkout by patterns",
    make: (p) => p.git("sparse-checkout", "set", "--no-cone", "/a.md"),
    says: /sparse|each worktree/,
  },
  {
    name: "a sparse index",
    make: (p) => p.git("sparse-checkout", "init", "--cone", "--sparse-index"),
    says: /sparse|each worktree/,
  },
  {
    name: "core.sparseCheckout alone",
    make: config("[core]\nsparseCheckout = true"),
    says: /sparse checkout/,
  },
  { name: "a partial clone", make: cloned("--filter=blob:none"), says: /partial clone/ },
  {
    name: "a partial clone whose config was removed",
    make: (p) => {
      cloned("--filter=blob:none")(p);
      p.git("config", "--remove-section", "remote.origin");
    },
    says: /partial clone/,
  },
  { name: "a shallow clone", make: cloned("--depth=1"), says: /shallow/ },
  {
    name: "names by sha256",
    make: (p) => p.replace((root) => git("/", "init", "-q", "--object-format=sha256", root)),
    says: /sha256/,
  },
  {
    name: "refs as reftable",
    make: config("[core]\nrepositoryformatversion = 1\n[extensions]\nrefStorage = reftable"),
    says: /reftable/,
  },
  {
    name: "an extension of the future",
    make: config("[core]\nrepositoryformatversion = 1\n[extensions]\nfuture = x"),
    says: /extension future/,
  },
  {
    name: "precious objects",
    make: config("[core]\nrepositoryformatversion = 1\n[extensions]\npreciousObjects = true"),
    says: /preciousobjects/,
  },
  {
    name: "a config for each worktree",
    make: config("[core]\nrepositoryformatversion = 1\n[extensions]\nworktreeConfig = true"),
    says: /each worktree/,
  },
  {
    name: "a repository format of the future",
    make: config("[core]\nrepositoryformatversion = 2"),
    says: /format version is 2/,
  },
  {
    name: "a format version that is no number",
    make: config("[core]\nrepositoryformatversion = x"),
    says: /no number/,
  },
  {
    name: "a linked worktree that was moved",
    make: (p) =>
      p.replace((root, old) => {
        git(old, "worktree", "add", "-q", join(old, "before"), "main");
        renameSync(join(old, "before"), root);
      }),
    says: /a linked worktree/,
  },
  {
    name: "a separate git directory",
    make: (p) => p.git("init", "-q", "--separate-git-dir", join(temporaryDirectory(), "git")),
    says: /a separate git directory/,
  },
  {
    name: "a submodule as the folder itself",
    make: (p) =>
      p.replace((root, old) => {
        git("/", "init", "-q", root);
        git(root, "submodule", "--quiet", "add", old, "sub");
        const inner = join(temporaryDirectory(), "inner");
        renameSync(join(root, "sub"), inner);
        writeFileSync(join(inner, ".git"), `gitdir: ${join(root, ".git/modules/sub")}\n`);
        renameSync(root, join(root, "../outer"));
        renameSync(inner, root);
        writeFileSync(join(root, ".git"), `gitdir: ${join(root, "../outer/.git/modules/sub")}\n`);
      }),
    says: /a submodule/,
  },
  {
    name: "a bare repository",
    make: (p) => p.replace((root, old) => git("/", "clone", "-q", "--bare", old, root)),
    says: /bare repository/,
  },
  { name: "core.bare in a folder with files", make: config("[core]\nbare = true"), says: /marked as bare/ },
  { name: "a core.bare that is no boolean", make: config("[core]\nbare = perhaps"), says: /no boolean/ },
  { name: "core.worktree", make: config("[core]\nworktree = /elsewhere"), says: /core\.worktree/ },
  {
    name: ".git as a symbolic link",
    make: (p) => {
      const elsewhere = join(temporaryDirectory(), "git");
      renameSync(p.dotGit, elsewhere);
      symlinkSync(elsewhere, p.dotGit);
    },
    says: /\.git is a symbolic link/,
  },
  {
    name: ".git as a file that names itself",
    make: (p) => {
      rmSync(p.dotGit, { recursive: true });
      writeFileSync(p.dotGit, "gitdir: .git\n");
    },
    says: /\.git is a file/,
  },
  {
    name: ".git as a file of nonsense",
    make: (p) => {
      rmSync(p.dotGit, { recursive: true });
      writeFileSync(p.dotGit, "nonsense");
    },
    says: /unreadable place/,
  },
  {
    name: "refs behind a symbolic link",
    make: (p) => aside(p, "refs"),
    says: /\.git\/refs is a symbolic link/,
  },
  {
    name: "objects behind a symbolic link",
    make: (p) => aside(p, "objects"),
    says: /\.git\/objects is a symbolic link/,
  },
  {
    name: "the index behind a symbolic link",
    make: (p) => aside(p, "index"),
    says: /\.git\/index is a symbolic link/,
  },
  {
    name: "another owner",
    make: (p) => chownSync(p.dotGit, 12345, 12345),
    says: /unsafe ownership/,
  },
  {
    name: "a .git that everybody may write to",
    make: (p) => chmodSync(p.dotGit, 0o777),
    says: /unsafe permissions/,
  },
  { name: "a config with a syntax error", make: config("[core"), says: /bad git config line/ },
  { name: "no HEAD", make: (p) => rmSync(join(p.dotGit, "HEAD")), says: /has no HEAD/ },
  { name: "an empty HEAD", make: (p) => p.inGit("HEAD", ""), says: /HEAD appears to be broken/ },
  {
    name: "garbage in HEAD",
    make: (p) => p.inGit("HEAD", "\0\xff garbage"),
    says: /HEAD appears to be broken/,
  },
  {
    name: "a HEAD that names no valid ref",
    make: (p) => p.inGit("HEAD", "ref: ../../etc/passwd\n"),
    says: /HEAD appears to be broken/,
  },
  {
    name: "a HEAD on a remote's branch",
    make: (p) => p.inGit("HEAD", "ref: refs/remotes/origin/main\n"),
    says: /which is no branch/,
  },
  {
    name: "a HEAD that is a folder",
    make: (p) => (rmSync(join(p.dotGit, "HEAD")), mkdirSync(join(p.dotGit, "HEAD"))),
    says: /HEAD/,
  },
  {
    name: "a branch that is symbolic",
    make: (p) => p.inGit("refs/heads/main", "ref: refs/heads/side\n"),
    says: /symbolic ref to refs\/heads\/side/,
  },
  {
    name: "a branch that names itself",
    make: (p) => p.inGit("refs/heads/main", "ref: refs/heads/main\n"),
    says: /symbolic ref/,
  },
  { name: "an empty branch file", make: (p) => p.inGit("refs/heads/main", ""), says: /its file is empty/ },
  {
    name: "a torn branch file",
    make: (p) => p.inGit("refs/heads/main", "0123456789"),
    says: /its file holds no commit/,
  },
  {
    name: "a branch of zeros",
    make: (p) => p.inGit("refs/heads/main", `${"0".repeat(40)}\n`),
    says: /points to nothing/,
  },
  {
    name: "a branch whose commit is missing",
    make: (p) => p.inGit("refs/heads/main", `${"1".repeat(40)}\n`),
    says: /1111111111/,
  },
  {
    name: "a branch on a tag object",
    make: (p) => {
      p.git("tag", "-a", "v1", "-m", "v1");
      p.inGit("refs/heads/main", `${p.git("rev-parse", "refs/tags/v1")}\n`);
    },
    says: /tag|commit/,
  },
  {
    name: "damaged packed refs",
    make: (p) => {
      p.git("pack-refs", "--all");
      appendFileSync(join(p.dotGit, "packed-refs"), "cut");
    },
    says: /packed-refs is damaged/,
  },
  { name: "a damaged index", make: (p) => p.inGit("index", "DIRC damaged"), says: /index .* is damaged/ },
  {
    name: "a FIFO as the index",
    make: (p) => (rmSync(join(p.dotGit, "index")), Bun.spawnSync(["mkfifo", join(p.dotGit, "index")])),
    says: /no regular file/,
  },
  {
    name: "an index version of the future",
    make: indexWith((bytes) => (bytes.writeUInt32BE(5, 4), bytes)),
    says: /index version 5/,
  },
  {
    name: "an index extension that must be known",
    make: indexWith(extension("zzzz")),
    says: /index extension "zzzz"/,
  },
  { name: "an index with the link extension", make: indexWith(extension("link")), says: /split/ },
  { name: "an index with the sdir extension", make: indexWith(extension("sdir")), says: /sparse index/ },
  {
    name: "replaced objects (git replace)",
    make: (p) => p.git("replace", "HEAD", "HEAD~1"),
    says: /replace/,
  },
  {
    name: "replaced objects in packed refs",
    make: (p) => {
      p.git("replace", "HEAD", "HEAD~1");
      gitRaw(p.root, ["pack-refs", "--all"]);
    },
    says: /replace/,
  },
  { name: "grafts", make: (p) => p.inGit("info/grafts", `${p.git("rev-parse", "HEAD")}\n`), says: /graft/ },
];

/** Refused as a whole by a sync, as part of them cannot be carried; the engine itself leaves out such paths only. */
export const REFUSED_BY_SYNC: readonly Refused[] = [
  {
    name: "files behind a filter (LFS)",
    make: (p) => behind(p, "filter=lfs"),
    says: /needs a program that lull does not run/,
  },
  {
    name: "an encoding of the work tree",
    make: (p) => behind(p, "working-tree-encoding=UTF-16"),
    says: /needs a program that lull does not run/,
  },
];

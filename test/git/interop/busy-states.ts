/** States that the person's own git is in the middle of: lull leaves the folder alone until they are done. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import type { Place, Refused } from "./strange-place.ts";

function lock(name: string, ageSeconds: number, text = ""): (place: Place) => void {
  return ({ dotGit }) => {
    const file = join(dotGit, name);
    writeFileSync(file, text);
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(file, time, time);
  };
}

/** A patch of what `side` changed, in a file outside the folder. */
function patch(place: Place): string {
  const file = join(place.device.outside, "side.patch");
  writeFileSync(file, gitRaw(place.root, ["format-patch", "-1", "--stdout", "side"]));
  return file;
}

export const BUSY: readonly Refused[] = [
  { name: "an index.lock of this moment", make: lock("index.lock", 0), says: /index\.lock/ },
  {
    name: "an index.lock of last week",
    make: lock("index.lock", 7 * 86_400),
    says: /index\.lock, since 7 d/,
  },
  {
    name: "an index.lock with content of another program",
    make: lock("index.lock", 60, "pid 1\n"),
    says: /index\.lock/,
  },
  {
    name: "a branch that another worktree has checked out as well",
    make: (p) => p.git("worktree", "add", "-q", "--force", join(temporaryDirectory(), "twice"), "main"),
    says: /checked out in another work tree as well/,
  },
  { name: "a HEAD.lock", make: lock("HEAD.lock", 0), says: /HEAD\.lock/ },
  { name: "a lock on the branch", make: lock("refs/heads/main.lock", 3600), says: /main\.lock/ },
  { name: "a merge with conflicts", make: (p) => p.gitStops("merge", "side"), says: /a merge/ },
  {
    name: "a merge that waits for its commit",
    make: (p) => p.git("merge", "-q", "--no-commit", "-s", "ours", "side"),
    says: /a merge/,
  },
  {
    name: "a squash merge with conflicts",
    make: (p) => p.gitStops("merge", "--squash", "side"),
    says: /conflicts/,
  },
  {
    name: "a rebase (merge backend)",
    make: (p) => p.gitStops("rebase", "--merge", "side"),
    says: /a rebase/,
  },
  {
    name: "a rebase (apply backend)",
    make: (p) => p.gitStops("rebase", "--apply", "side"),
    says: /a rebase/,
  },
  {
    name: "an interactive rebase that stopped to edit",
    make: (p) =>
      gitRaw(p.root, ["rebase", "-i", "HEAD~1"], { env: { GIT_SEQUENCE_EDITOR: "sed -i s/^pick/edit/" } }),
    says: /a rebase/,
  },
  { name: "git am", make: (p) => p.gitStops("am", "-3", patch(p)), says: /`git am`/ },
  { name: "a cherry-pick", make: (p) => p.gitStops("cherry-pick", "side"), says: /a cherry-pick/ },
  {
    name: "a series of cherry-picks",
    make: (p) => p.gitStops("cherry-pick", "HEAD~1..side", "HEAD"),
    says: /cherry-pick/,
  },
  { name: "a revert", make: (p) => p.gitStops("revert", "--no-edit", "HEAD~1"), says: /a revert/ },
  { name: "a bisect", make: (p) => p.git("bisect", "start"), says: /a bisect/ },
  {
    name: "a bisect with a commit to test",
    make: (p) => p.git("bisect", "start", "HEAD", "HEAD~1"),
    says: /a bisect/,
  },
  { name: "a detached HEAD", make: (p) => p.git("checkout", "-q", "--detach"), says: /HEAD is detached/ },
  {
    name: "a stash that did not fit",
    make: (p) => {
      p.device.write("a.md", "stashed\n");
      p.git("stash", "-q");
      p.device.write("a.md", "committed\n");
      p.git("commit", "-q", "-am", "in the way");
      p.gitStops("stash", "pop", "-q");
    },
    says: /conflicts/,
  },
  {
    name: "conflict stages in the index alone",
    make: (p) => {
      const oid = p.git("rev-parse", "HEAD:a.md");
      const input = [1, 2, 3].map((stage) => `100644 ${oid} ${stage}\tx.md\n`).join("");
      gitRaw(p.root, ["update-index", "--index-info"], { input });
    },
    says: /conflicts/,
  },
  {
    name: "an operation of a git to come, in the place of a rebase",
    make: (p) => mkdirSync(join(p.dotGit, "rebase-merge")),
    says: /a rebase/,
  },
];

/** Indexes and configs that lull works with. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "bun:test";

import { git, gitRaw } from "../../helpers/system-git.ts";
import { type Handled, listed, type Place, set } from "./strange-place.ts";

/** A program that leaves a trace when anybody runs it. */
function trap(place: Place, file: string): string {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `#!/bin/sh\ntouch ${join(place.device.outside, "was-run")}\n`);
  chmodSync(file, 0o755);
  return file;
}

const wasNotRun = (place: Place): void =>
  expect(existsSync(join(place.device.outside, "was-run"))).toBe(false);

function untrackedCache(place: Place): void {
  place.git("config", "core.untrackedCache", "true");
  place.git("update-index", "--untracked-cache");
  place.git("status");
  expect(readFileSync(join(place.dotGit, "index")).includes("UNTR")).toBe(true);
}

function fileSystemMonitor(place: Place): void {
  const hook = join(place.device.outside, "monitor");
  writeFileSync(hook, "#!/bin/sh\nprintf 'token\\0/\\0'\n");
  chmodSync(hook, 0o755);
  place.git("config", "core.fsmonitor", hook);
  place.git("update-index", "--fsmonitor");
  expect(readFileSync(join(place.dotGit, "index")).includes("FSMN")).toBe(true);
}

export const HANDLED_INDEXES: readonly Handled[] = [
  { name: "an index of version 4", make: (p) => p.git("update-index", "--index-version=4") },
  {
    name: "feature.manyFiles (version 4, untracked cache)",
    make: (p) => {
      p.git("config", "feature.manyFiles", "true");
      p.git("update-index", "--index-version=4", "--untracked-cache");
    },
  },
  {
    name: "an index without a checksum (index.skipHash)",
    make: (p) => {
      const bytes = readFileSync(join(p.dotGit, "index"));
      writeFileSync(join(p.dotGit, "index"), bytes.fill(0, bytes.length - 20));
    },
  },
  { name: "an untracked cache (UNTR)", make: untrackedCache },
  { name: "a file system monitor (FSMN)", make: fileSystemMonitor },
  {
    name: "resolved conflicts remembered (REUC)",
    make: (p) => {
      p.gitStops("merge", "-q", "side");
      p.device.write("a.md", "resolved\n");
      p.git("add", "a.md");
      expect(readFileSync(join(p.dotGit, "index")).includes("REUC")).toBe(true);
      p.git("commit", "-q", "-m", "merged");
    },
  },
  {
    name: "offsets of entries (EOIE, IEOT)",
    make: (p) => {
      p.git("-c", "index.threads=2", "update-index", "--force-write-index");
      expect(readFileSync(join(p.dotGit, "index")).includes("EOIE")).toBe(true);
    },
  },
  {
    name: "intent-to-add",
    make: (p) => {
      p.device.write("meant.md", "meant\n");
      p.git("add", "-N", "meant.md");
    },
    check: (p) => expect(listed(p)).toContain("meant.md"),
  },
  {
    name: "intent-to-add of a file that is gone",
    make: (p) => {
      p.device.write("meant.md", "meant\n");
      p.git("add", "-N", "meant.md");
      p.device.remove("meant.md");
    },
    check: (p) => expect(listed(p)).not.toContain("meant.md"),
  },
  {
    name: "skip-worktree",
    make: (p) => {
      p.git("update-index", "--skip-worktree", "a.md");
      p.device.remove("a.md");
    },
    check: (p) =>
      expect([git(p.remote, "show", "main:a.md"), p.git("ls-files", "-v", "a.md")]).toEqual([
        "two",
        "S a.md",
      ]),
  },
  {
    name: "assume-unchanged",
    make: (p) => {
      p.git("update-index", "--assume-unchanged", "a.md");
      p.device.write("a.md", "kept to oneself\n");
    },
    check: (p) =>
      expect([git(p.remote, "show", "main:a.md"), p.git("ls-files", "-v", "a.md")]).toEqual([
        "two",
        "h a.md",
      ]),
  },
  { name: "no index at all", make: (p) => rmSync(join(p.dotGit, "index")) },
];

export const HANDLED_CONFIGS: readonly Handled[] = [
  {
    name: "core.fileMode=false",
    make: (p) => (set("core.fileMode", "false")(p), chmodSync(join(p.root, "a.md"), 0o755)),
    check: (p) => expect(git(p.remote, "ls-tree", "main", "a.md")).toStartWith("100644"),
  },
  {
    name: "core.symlinks=false",
    make: (p) => {
      symlinkSync("a.md", join(p.root, "link"));
      p.git("add", "link");
      p.git("commit", "-q", "-m", "link");
      set("core.symlinks", "false")(p);
      rmSync(join(p.root, "link"));
      p.device.write("link", "a.md");
    },
    check: (p) => expect(git(p.remote, "ls-tree", "main", "link")).toStartWith("120000"),
  },
  { name: "core.ignoreCase=true", make: set("core.ignoreCase", "true") },
  { name: "core.precomposeUnicode=true", make: set("core.precomposeUnicode", "true") },
  {
    name: "core.autocrlf=true on Linux",
    make: (p) => (set("core.autocrlf", "true")(p), p.device.write("crlf.md", "one\r\ntwo\r\n")),
    check: (p) => expect(git(p.remote, "show", "main:crlf.md")).toBe("one\ntwo"),
  },
  {
    name: "core.autocrlf=input",
    make: (p) => (set("core.autocrlf", "input")(p), p.device.write("crlf.md", "one\r\n")),
    check: (p) => expect(git(p.remote, "show", "main:crlf.md")).toBe("one"),
  },
  {
    name: "core.eol=crlf with text=auto",
    make: (p) => (
      set("core.eol", "crlf")(p),
      p.device.write(".gitattributes", "* text=auto\n"),
      p.device.write("crlf.md", "one\r\n")
    ),
    check: (p) => expect(git(p.remote, "show", "main:crlf.md")).toBe("one"),
  },
  {
    name: "eol attributes",
    make: (p) => (
      p.device.write(".gitattributes", "*.txt text eol=crlf\n*.bin -text\n"),
      p.device.write("a.txt", "one\r\n"),
      p.device.write("a.bin", "one\r\n")
    ),
    check: (p) =>
      expect([
        gitRaw(p.remote, ["show", "main:a.txt"]).toString(),
        gitRaw(p.remote, ["show", "main:a.bin"]).toString(),
      ]).toEqual(["one\n", "one\r\n"]),
  },
  {
    name: "hooks in .git/hooks",
    make: (p) =>
      ["pre-commit", "post-commit", "pre-push", "reference-transaction", "post-checkout"].forEach((hook) =>
        trap(p, join(p.dotGit, "hooks", hook)),
      ),
    check: wasNotRun,
  },
  {
    name: "core.hooksPath inside the folder",
    make: (p) => (trap(p, join(p.root, "hooks/reference-transaction")), set("core.hooksPath", "hooks")(p)),
    check: (p) => (wasNotRun(p), p.git("config", "--unset", "core.hooksPath")),
  },
  {
    name: "programs in the config",
    make: (p) =>
      [
        "core.sshCommand",
        "core.editor",
        "core.pager",
        "credential.helper",
        "diff.external",
        "gpg.program",
        "core.askPass",
      ].forEach((key) => set(key, trap(p, join(p.device.outside, "program")))(p)),
    check: wasNotRun,
  },
  { name: "a filter that no file uses", make: set("filter.lfs.clean", "false") },
  {
    name: "no log of refs",
    make: (p) => (
      set("core.logAllRefUpdates", "false")(p),
      rmSync(join(p.dotGit, "logs"), { recursive: true })
    ),
  },
  { name: "format version 1 without extensions", make: set("core.repositoryFormatVersion", "1") },
  {
    name: "a config that includes another",
    make: (p) => (
      writeFileSync(join(p.dotGit, "more"), "[user]\n\tname = Included\n\temail = i@example.com\n"),
      set("include.path", "more")(p)
    ),
    check: (p) => expect(git(p.remote, "log", "-1", "--format=%an", "main")).toBe("Included"),
  },
  {
    name: "push rules that lull does not follow (push.default, insteadOf)",
    make: (p) => (
      set("push.default", "nothing")(p),
      set("url./nowhere/.insteadOf", p.remote)(p),
      set("remote.origin.pushurl", "/nowhere")(p)
    ),
  },
];

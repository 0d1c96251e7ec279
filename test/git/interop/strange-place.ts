/** A folder that lull keeps in sync and that system git then brings into a strange state. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { makeDevice, type Device } from "../../helpers/device.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";

export type Place = {
  readonly device: Device;
  /** The folder itself, and its git directory. */
  readonly root: string;
  readonly dotGit: string;
  readonly remote: string;
  git(...args: readonly string[]): string;
  /** Runs a git command that stops in the middle, as a merge with conflicts does. */
  gitStops(...args: readonly string[]): void;
  /** Writes a file of the git directory. */
  inGit(name: string, text: string): void;
  /** Puts another repository in the folder's place: `make` gets the path and the old repository, moved aside. */
  replace(make: (root: string, old: string) => void): void;
};

/** Two commits on main, a branch `side` that conflicts with it in `a.md`, all known to lull and pushed. */
export async function strangePlace(environment: Readonly<Record<string, string>> = {}): Promise<Place> {
  const top = temporaryDirectory();
  const remote = join(top, "remote.git");
  const device = makeDevice("laptop", environment);
  const root = device.notes;
  template ??= makeTemplate();
  cpSync(join(template, "remote.git"), remote, { recursive: true });
  cpSync(join(template, "notes"), root, { recursive: true });
  const run = (...args: readonly string[]): string => git(root, ...args);
  await device.lull(["add", "notes", "--remote", remote]);
  await device.lull(["sync"]);
  return {
    device,
    root,
    dotGit: join(root, ".git"),
    remote,
    git: run,
    gitStops: (...args) => {
      try {
        run(...args);
      } catch {
        return;
      }
      throw new Error(`git ${args.join(" ")} was to stop in the middle`);
    },
    inGit: (name, text) => writeFileSync(join(root, ".git", name), text),
    replace: (make) => {
      const old = join(top, "old");
      git(top, "clone", "-q", "--mirror", root, old);
      rmSync(root, { recursive: true });
      make(root, old);
    },
  };
}

/** Copied for each place: nine commands of git for each of 150 took half of the time. */
let template: string | undefined;

function makeTemplate(): string {
  const top = temporaryDirectory();
  const root = join(top, "notes");
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  git(top, "init", "-q", "--bare", "remote.git");
  git(top, "init", "-q", "notes");
  for (const name of ["a.md", "b.md", "folder/c.md"]) write(name, "one\n");
  git(root, "add", ".");
  git(root, "commit", "-q", "-m", "one");
  git(root, "checkout", "-q", "-b", "side");
  write("a.md", "side\n");
  git(root, "commit", "-q", "-am", "side");
  git(root, "checkout", "-q", "main");
  write("a.md", "two\n");
  git(root, "commit", "-q", "-am", "two");
  return top;
}

/** What lull must say, and that not one byte changes. */
export type Refused = { readonly name: string; readonly make: (place: Place) => void; readonly says: RegExp };

/** Lull works there: afterwards git finds the folder whole and clean, and the remote holds the edit. */
export type Handled = {
  readonly name: string;
  readonly make: (place: Place) => void;
  /** Beyond what holds for all of them. */
  readonly check?: (place: Place) => void;
  /** What `git status` may still show: what git keeps to itself. Default: nothing. */
  readonly status?: string;
  readonly environment?: Readonly<Record<string, string>>;
};

export const set = (key: string, value: string) => (place: Place) => void place.git("config", key, value);

/** Every path of the remote's main branch. */
export const listed = (place: Place): string => git(place.remote, "ls-tree", "-r", "--name-only", "main");

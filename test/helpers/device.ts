/** One simulated machine in an e2e test: a home of its own, a device name, and lull run in it. */
import { afterEach, expect } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { cli, type CliResult, type CliRunner, runJson } from "./cli-runner.ts";
import { fsck, git } from "./system-git.ts";
import { tempHome, type TempHome } from "./temp-home.ts";
import { treeSnapshot, type TreeSnapshot } from "./tree-snapshot.ts";

export type Device = TempHome & {
  readonly name: string;
  /** The folder that is kept in sync: `~/notes`. */
  readonly notes: string;
  /** Runs lull; throws with its output unless it ends with the expected code (default 0). */
  lull(args: readonly string[], expectedCode?: number): Promise<CliResult>;
  json(args: readonly string[]): Promise<{ readonly code: number; readonly json: unknown }>;
  write(path: string, content: string | Uint8Array, mode?: number): void;
  link(path: string, target: string): void;
  read(path: string): string;
  remove(path: string): void;
  snapshot(): TreeSnapshot;
};

const made: TempHome[] = [];

/** Whatever a case did, every repository that it leaves is whole: the folders, and the remotes that lull made. */
afterEach(() => {
  for (const place of made.splice(0)) {
    const notes = join(place.home, "notes");
    if (existsSync(join(notes, ".git"))) fsck(notes);
    const remotes = join(place.dataDirectory, "remotes");
    for (const name of existsSync(remotes) ? readdirSync(remotes) : []) fsck(join(remotes, name));
  }
});

export function makeDevice(
  name: string,
  extra: Readonly<Record<string, string>> = {},
  runner: CliRunner = cli,
): Device {
  const place = tempHome({ LULL_DEVICE: name, ...extra });
  made.push(place);
  const notes = join(place.home, "notes");
  const inside = (path: string): string => join(notes, path);
  return {
    ...place,
    name,
    notes,
    lull: async (args, expectedCode = 0) => {
      const result = await runner.run(args, { cwd: place.home, env: place.env });
      if (result.code !== expectedCode) {
        throw new Error(
          `${name}: lull ${args.join(" ")} ended with ${result.code}, not ${expectedCode}\n${result.stdout}${result.stderr}`,
        );
      }
      return result;
    },
    json: (args) => runJson(args, { cwd: place.home, env: place.env }, runner),
    write: (path, content, mode) => {
      mkdirSync(dirname(inside(path)), { recursive: true });
      writeFileSync(inside(path), content);
      if (mode !== undefined) chmodSync(inside(path), mode);
    },
    link: (path, target) => symlinkSync(target, inside(path)),
    read: (path) => readFileSync(inside(path), "utf8"),
    remove: (path) => rmSync(inside(path), { recursive: true }),
    snapshot: () => treeSnapshot(notes),
  };
}

/** Every repository is whole, and every device holds the same bytes and modes. */
export function expectConverged(devices: readonly Device[], remotes: readonly string[] = []): void {
  const [first, ...others] = devices;
  if (first === undefined) return;
  const commits = devices.map((device) => {
    fsck(device.notes);
    const [commit, ...changes] = git(device.notes, "status", "--porcelain=v2", "--branch")
      .split("\n")
      .filter((line) => !/^# branch\.(?!oid )/.test(line));
    expect(changes).toEqual([]);
    return commit?.replace("# branch.oid ", "");
  });
  for (const commit of commits) expect(commit).toBe(commits[0]);
  const snapshot = first.snapshot();
  for (const other of others) expect(other.snapshot()).toEqual(snapshot);
  for (const remote of remotes) {
    fsck(remote);
    expect(git(remote, "rev-parse", "HEAD")).toBe(commits[0] ?? "");
  }
}

/** Devices for tests of the sync itself: the real engine and the real local transport, without command line or config. */
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Clock } from "../../src/base/clock.ts";
import type { RepoSource } from "../../src/config/config.ts";
import { createGit } from "../../src/git/create-git.ts";
import type { Connection } from "../../src/git/git.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import type { SyncEvent, SyncRun } from "../../src/sync/outcome.ts";
import type { SyncDeps } from "../../src/sync/run-context.ts";
import { syncRepo } from "../../src/sync/sync-repo.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import { fakeClock } from "./fake-clock.ts";
import { git, temporaryDirectory } from "./system-git.ts";

export type BenchDevice = {
  readonly name: string;
  readonly directory: string;
  readonly deps: SyncDeps;
  readonly source: RepoSource;
  sync(options?: SyncOnce): Promise<SyncRun>;
  write(path: string, content: string | Uint8Array): void;
  read(path: string): string;
  remove(path: string): void;
};

export type SyncOnce = {
  readonly dryRun?: boolean;
  readonly onEvent?: (event: SyncEvent) => void;
  readonly signal?: AbortSignal;
};

export type BenchOptions = {
  readonly clock?: Clock;
  /** Left out: the device does not register itself. */
  readonly registration?: SyncDeps["registration"];
  /** Settings of the source other than the defaults. */
  readonly settings?: Partial<RepoSource>;
  readonly remotes?: readonly { readonly name: string; readonly url: string }[];
  readonly patienceMs?: number;
  readonly guards?: Partial<RepoSource["guards"]>;
  /** Wraps what the device connects with, to break it. */
  readonly connect?: (open: SyncDeps["connect"]) => SyncDeps["connect"];
};

/** Seconds since 1970 of what was written first; each file is a second younger. */
const OLDEST = 1_700_000_000;
let written = 0;

/** Makes a device with an empty repository of its own. */
export function benchDevice(name: string, remote: string, options: BenchOptions = {}): BenchDevice {
  const directory = join(temporaryDirectory(), name);
  mkdirSync(directory);
  const clock = options.clock ?? fakeClock(1_800_000_000_000);
  const engine = createGit({
    clock,
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  });
  engine.init(directory, { bare: false, branch: "main" });
  const transport = createTransport({ credentials: async () => undefined, createResponder, clock });
  const open = async (url: string, signal: AbortSignal): Promise<Connection> =>
    transport.open(url, { signal });
  const deps: SyncDeps = {
    git: engine,
    connect: options.connect?.(open) ?? open,
    clock,
    device: name,
    userName: "ada",
    registration: options.registration,
    random: () => 0,
    patienceMs: options.patienceMs,
  };
  const source = {
    ...benchSource(directory, options.remotes ?? [{ name: "origin", url: remote }], options.guards),
    ...options.settings,
  };
  const inside = (path: string): string => join(directory, path);
  return {
    name,
    directory,
    deps,
    source,
    sync: (once = {}) =>
      syncRepo(deps, source, {
        dryRun: once.dryRun ?? false,
        signal: once.signal ?? new AbortController().signal,
        onEvent: once.onEvent,
      }),
    write: (path, content) => {
      mkdirSync(dirname(inside(path)), { recursive: true });
      writeFileSync(inside(path), content);
      // As old as the index that a sync writes in the same tick, it would be looked at anew by the next one.
      const seconds = OLDEST + ++written;
      utimesSync(inside(path), seconds, seconds);
    },
    read: (path) => readFileSync(inside(path), "utf8"),
    remove: (path) => rmSync(inside(path), { recursive: true }),
  };
}

export function benchRemote(): string {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", "-b", "main", remote);
  return remote;
}

function benchSource(
  directory: string,
  remotes: RepoSource["remotes"],
  guards: Partial<RepoSource["guards"]> = {},
): RepoSource {
  return {
    kind: "repo",
    name: "notes",
    enabled: true,
    directory,
    branches: [],
    schedules: [],
    watch: undefined,
    when: {
      network: undefined,
      idleMs: undefined,
      power: undefined,
      load: undefined,
      quietHours: [],
      diskBytes: undefined,
      minGapMs: undefined,
      maxDeferMs: undefined,
      unknown: "go",
    },
    direction: "both",
    autoCommit: true,
    syncDeletions: true,
    squash: false,
    hooks: false,
    conflicts: [{ glob: "**", strategy: "keep-both" }],
    guards: {
      deletions: { percent: 30, files: 50 },
      changes: { percent: 80, files: 20 },
      fileSize: 95_000_000,
      secrets: true,
      names: "warn",
      ...guards,
    },
    credential: undefined,
    remotes,
    bandwidth: { upload: undefined, download: undefined },
    transport: { ssh: "auto", proxy: { kind: "auto" }, ca: undefined },
    message: "{summary}",
    sign: "auto",
  };
}

/** A daemon in a test's hands: its clock, its machine, its workers and its watches are the test's own. */
import type { Config, RepoSource } from "../../src/config/config.ts";
import type { LullError } from "../../src/base/errors.ts";
import { createLog } from "../../src/base/log.ts";
import { emptyRun, noteSyncRun } from "../../src/app/history.ts";
import type { StoryEvent } from "../../src/app/story.ts";
import type { WorkerOrder } from "../../src/app/worker-messages.ts";
import { Daemon } from "../../src/daemon/daemon.ts";
import type { DaemonEvent, RunReport } from "../../src/notify/notify.ts";
import { known, type Readings } from "../../src/platform/readings/readings.ts";
import { createJobQueue } from "../../src/queue/sqlite-queue.ts";
import type { ChangedPaths, WatchEvent } from "../../src/schedule/watch/watch.ts";
import { createStore, type StoreLook } from "../../src/store/database.ts";
import { createAuditStore } from "../../src/store/sqlite-audit-store.ts";
import { createPauseStore } from "../../src/store/sqlite-pause-store.ts";
import { createRunStore } from "../../src/store/sqlite-run-store.ts";
import { createScheduleStore } from "../../src/store/sqlite-schedule-store.ts";
import type { SyncRun } from "../../src/sync/outcome.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { type FakeChild, fakeChildren } from "./fake-child.ts";

export type SourceWish = Partial<Pick<RepoSource, "enabled" | "remotes" | "watch">> & {
  readonly schedule?: string;
  readonly when?: Partial<RepoSource["when"]>;
  readonly bandwidth?: Partial<RepoSource["bandwidth"]>;
};

const ANY_TIME: RepoSource["when"] = {
  network: undefined,
  idleMs: undefined,
  power: undefined,
  load: undefined,
  quietHours: [],
  diskBytes: undefined,
  minGapMs: undefined,
  maxDeferMs: undefined,
  unknown: "go",
};

export const REMOTE = { name: "origin", url: "https://git.example.org/notes.git" };

function repoSource(name: string, wish: SourceWish): RepoSource {
  return {
    kind: "repo",
    name,
    directory: `/home/me/${name}`,
    enabled: wish.enabled ?? true,
    schedules: [{ expression: wish.schedule ?? "manual", timezone: "UTC", jitterMs: 0, catchUp: true }],
    watch: wish.watch,
    when: { ...ANY_TIME, ...wish.when },
    conflicts: [],
    guards: {
      deletions: undefined,
      changes: undefined,
      fileSize: undefined,
      secrets: false,
      names: "ignore",
    },
    credential: undefined,
    remotes: wish.remotes ?? [],
    message: "{summary}",
    sign: "auto",
    bandwidth: { upload: undefined, download: undefined, ...wish.bandwidth },
    transport: { ssh: "auto", proxy: { kind: "auto" }, ca: undefined },
    direction: "both",
    autoCommit: true,
    syncDeletions: true,
    squash: false,
    hooks: false,
    branches: [],
  };
}

export function testConfig(
  sources: Readonly<Record<string, SourceWish>>,
  daemon: Partial<Config["daemon"]> = {},
): Config {
  return {
    version: 1,
    device: "laptop",
    sources: Object.entries(sources).map(([name, wish]) => repoSource(name, wish)),
    notify: { level: "problems", desktop: false, email: undefined, webhooks: [], heartbeat: undefined },
    daemon: {
      concurrency: 2,
      perHost: 2,
      deadlineMs: 3_600_000,
      memory: 1e9,
      logLevel: "info",
      api: { enabled: false, port: 0 },
      bandwidth: { upload: undefined, download: undefined },
      retention: { historyMs: 90 * 86_400_000, savepointsMs: 30 * 86_400_000 },
      ...daemon,
    },
    transport: { ssh: "auto", proxy: { kind: "auto" }, ca: undefined },
    logins: [],
  };
}

export const NOON = "2026-03-02T12:00:00Z";

/** The same, but each call fails as long as `check` throws. */
function breakable<T extends object>(store: T, check: () => void): T {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...input: unknown[]) => {
        check();
        return value.apply(target, input);
      };
    },
  });
}

/** What a worker says to the order of a sync; undefined: nothing yet. */
/** Of a process that dies. */
const LAST_WORDS = "panic: token=canary-of-the-worker";

type Result = Partial<SyncRun> | "dies" | undefined;

export type Rig = ReturnType<typeof makeRig>;

/** @param state folder of the database; that of another rig: a restart */
export function makeRig(config: Config, state = temporaryDirectory()) {
  const clock = fakeClock(NOON);
  /** Folders that are there, with something in them. */
  const filled = new Set<string>();
  const timers = fakeTimers(clock);
  const store = createStore(`${state}/lull.db`);
  const runs = createRunStore(store);
  const isWhole = (): void => {
    if (controls.storeError !== undefined) throw controls.storeError;
  };
  const queue = breakable(createJobQueue(store), isWhole);
  const schedules = createScheduleStore(store);
  const pauses = breakable(createPauseStore(store), isWhole);
  const log = createLog("quiet", () => {});
  const events: StoryEvent[] = [];
  const told: (DaemonEvent | { readonly kind: "run"; readonly run: RunReport })[] = [];
  const machine: { -readonly [Name in keyof Readings]: Readings[Name] } = {
    network: known({ online: true, behindSignIn: false, metered: false, wifi: true, ssid: "home" }, "test"),
    idle: known({ kind: "used", idleMs: 0 }, "test"),
    power: known({ onMains: true, batteryPercent: 100, powerSaver: false }, "test"),
    load: known(0.1, "test"),
    disk: known(1e12, "test"),
  };
  const watches = new Map<
    string,
    { readonly emit: (event: WatchEvent) => void; readonly runs: string[]; changed: ChangedPaths }
  >();
  const controls = {
    config,
    configError: undefined as LullError | undefined,
    /** What the queue and the pauses answer with instead of doing anything. */
    storeError: undefined as LullError | undefined,
    storeLook: { kind: "same" } as StoreLook,
    /** Why no process can be started. */
    startError: undefined as Error | undefined,
    /** What each sync comes to; default: up to date. */
    result: (_sync: { readonly source: string; readonly cause: string }): Result => ({
      outcome: "up-to-date",
    }),
  };
  const syncs: { readonly source: string; readonly cause: string; readonly hints: unknown }[] = [];
  const answer = (child: FakeChild, order: WorkerOrder): void => {
    if (order.kind === "sync") {
      syncs.push({ source: order.source.name, cause: order.cause, hints: order.hints });
      const result = controls.result({ source: order.source.name, cause: order.cause });
      if (result !== undefined) finish(child, order, result);
    } else if (order.kind === "check-config" && controls.configError !== undefined) {
      const { kind, code, message, hint, causes, data } = controls.configError;
      child.say({ kind: "refused", error: { kind, code, message, hint, causes, data, retry: false } });
    } else if (order.kind !== "bandwidth") child.say({ kind: "done" });
  };
  const finish = (
    child: FakeChild,
    order: Extract<WorkerOrder, { kind: "sync" }>,
    result: Exclude<Result, undefined>,
  ): void => {
    if (result === "dies") {
      child.exit({ how: "signal SIGKILL", stderr: LAST_WORDS });
      return;
    }
    const run: SyncRun = {
      ...emptyRun({ source: order.source.name, startedAt: clock.now(), dryRun: false }),
      outcome: "synced",
      ...result,
    };
    noteSyncRun({ runs, log }, run, order.cause);
    child.say({ kind: "synced", run });
  };
  const { start: startChild, children } = fakeChildren(answer);
  const start: typeof startChild = (onLine) => {
    if (controls.startError !== undefined) throw controls.startError;
    return startChild(onLine);
  };
  const daemon = new Daemon({
    clock,
    timers,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    version: "0.0.0",
    pid: 77,
    owner: `77.${state}.${Math.random()}`,
    config: {
      file: "/home/me/.config/lull/config.yaml",
      load: async () => {
        if (controls.configError !== undefined) throw controls.configError;
        return { config: controls.config, warnings: [] };
      },
    },
    queue,
    schedules,
    pauses,
    history: { runs, log },
    audit: createAuditStore(store),
    readers: {
      network: async () => machine.network,
      idle: async () => machine.idle,
      power: async () => machine.power,
      load: async () => machine.load,
      disk: async () => machine.disk,
    },
    startWatch: ({ directory }, emit) => {
      const watch = { emit, runs: [] as string[], changed: undefined as ChangedPaths };
      watches.set(directory.replace("/home/me/", ""), watch);
      return {
        state: { kind: "events", folders: 1 },
        ready: Promise.resolve(),
        dueAt: undefined,
        startRun: () => {
          watch.runs.push("start");
          return watch.changed;
        },
        endRun: ({ complete }) => void watch.runs.push(complete ? "complete" : "incomplete"),
        [Symbol.dispose]: () => void watches.delete(directory.replace("/home/me/", "")),
      };
    },
    createNotifier: async () => ({
      afterRun: (run) => void told.push({ kind: "run", run }),
      event: (event) => void told.push(event),
      configure: () => {},
      [Symbol.asyncDispose]: async () => {},
    }),
    look: () => {},
    lookAtStore: () => {
      const look = controls.storeLook;
      // As the real one: what was found once is in use from then on.
      controls.storeLook = { kind: "same" };
      return look;
    },
    beat: () => {},
    trimMemory: () => {},
    isFolderBack: (directory) => filled.has(directory),
    service: {
      isManaged: false,
      ready: () => {},
      status: () => {},
      reloading: () => {},
      stopping: () => {},
      watchdogIntervalMs: undefined,
      alive: () => {},
    },
    worker: { startChild: start, residentBytes: () => undefined },
    adjust: (loaded) => loaded,
  });
  return {
    daemon,
    clock,
    timers,
    events,
    told,
    machine,
    watches,
    controls,
    syncs,
    children,
    queue,
    schedules,
    pauses,
    filled,
    runs,
    state,
    /** Ends a sync that got no result yet. */
    finish(source: string, result: Exclude<Result, undefined>): void {
      for (const child of children) {
        const order = child.orders.findLast((one) => one.kind !== "bandwidth");
        if (order?.kind === "sync" && order.source.name === source) return finish(child, order, result);
      }
    },
    kinds: (): readonly string[] => events.map(({ kind }) => kind),
    last: <Kind extends StoryEvent["kind"]>(kind: Kind) =>
      events.findLast((event): event is Extract<StoryEvent, { kind: Kind }> => event.kind === kind),
    async stop(): Promise<void> {
      const stopping = daemon.stop("the test ends", new AbortController().signal);
      await timers.pass(0);
      await stopping;
      store[Symbol.dispose]();
    },
    /** As kill -9: nothing is told to anybody. */
    abandon(): void {
      store[Symbol.dispose]();
    },
  };
}

/** The daemon's life from start to end: one instance, its log, its socket, its signals, its config file in view. */
import type { DaemonSituation } from "../app/control-messages.ts";
import type { ListeningSocket, LocalHandler } from "../platform/local-socket.ts";
import type { HeldLock } from "../platform/lock.ts";
import type { FileWatch } from "../platform/watch-file.ts";
import { Control, situationOf } from "./control.ts";
import { Daemon } from "./daemon.ts";
import type { DaemonDeps } from "./daemon-deps.ts";
import { Footing } from "./footing.ts";
import type { StoryEvent } from "../app/story.ts";
import { StoryLog } from "./story-log.ts";

export type RunDaemonDeps = Omit<DaemonDeps, "onEvent" | "look"> & {
  /** @throws LullError `DAEMON_RUNNING` (kind `locked`) */
  readonly lockInstance: () => HeldLock;
  readonly listen: (handler: LocalHandler) => ListeningSocket;
  /** Tells of changes of the config file, also when an editor replaces it; a burst as one. */
  readonly watchConfig: (onChange: () => void) => FileWatch;
  readonly logFile: string;
  /** From now on the handler is told what parts have to say. */
  readonly hearRemarks: (handler: (remark: Pick<Remark, "level" | "message">) => void) => void;
};

type Remark = Extract<StoryEvent, { readonly kind: "remark" }>;

export type RunDaemonInput = {
  /** Shows the story to who watches. */
  readonly onEvent: (event: StoryEvent) => void;
  /** The first request to end: what runs is waited for. */
  readonly signal: AbortSignal;
  /** The second one: at once. */
  readonly urgent: AbortSignal;
  /** Calls back on SIGHUP. */
  readonly onHangUp: (reload: () => void) => Disposable;
};

/** Runs until it is asked to end. @throws LullError when it can not begin */
export async function runDaemon(deps: RunDaemonDeps, input: RunDaemonInput): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const asked = new AbortController();
  const footing = stack.use(
    new Footing({
      lock: deps.lockInstance,
      listen: deps.listen,
      tell: (message) => daemon.tell({ kind: "trouble", message, hint: undefined }),
      onOther: () => asked.abort("another daemon has taken over its state folder"),
    }),
  );
  const listeners: ((event: StoryEvent) => void)[] = [];
  const show = (event: StoryEvent): void => {
    log.write(event);
    input.onEvent(event);
    for (const listen of listeners) listen(event);
  };
  const log: StoryLog = stack.use(
    new StoryLog(deps.logFile, (message) => {
      input.onEvent({ at: deps.clock.now(), kind: "trouble", message, hint: undefined });
    }),
  );
  const look = (): void => {
    log.look();
    config.look();
    footing.look();
  };
  const daemon = new Daemon({ ...deps, onEvent: show, look });
  deps.hearRemarks((remark) => daemon.tell({ kind: "remark", ...remark }));
  const followConfig = (): void => {
    log.level = daemon.config.daemon.logLevel;
  };
  const reload = async (): Promise<void> => {
    await daemon.reload();
    followConfig();
  };
  // From before the first look at the file: a change while everything begins must not go unnoticed.
  const config = stack.use(deps.watchConfig(() => void reload()));
  const control = new Control({
    daemon,
    situation: () => situation(deps, daemon),
    setLogLevel: (level) => {
      log.level = level;
    },
    stop: (why) => asked.abort(why),
  });
  await daemon.start(() => {
    followConfig();
    listeners.push((event) => control.pass(event));
    footing.listen(control);
  });
  stack.use(input.onHangUp(() => void reload()));
  await firstOf(input.signal, asked.signal);
  const why = asked.signal.aborted ? String(asked.signal.reason) : "asked to by Ctrl-C or SIGTERM";
  await daemon.stop(why, input.urgent);
}

function situation(deps: RunDaemonDeps, daemon: Daemon): DaemonSituation {
  const now = deps.clock.now();
  return {
    pid: deps.pid,
    version: deps.version,
    startedAt: daemon.startedAt,
    configFile: deps.config.file,
    memory: deps.worker.residentBytes(deps.pid),
    isManaged: deps.service.isManaged,
    sources: [...daemon.sources.keys()].map((name) =>
      situationOf(name, {
        job: deps.queue.get(name),
        nextAt: daemon.nextAt(name),
        watch: daemon.watching.stateOf(name)?.kind,
        isPaused: deps.pauses.find(name, now) !== undefined,
      }),
    ),
  };
}

async function firstOf(...signals: readonly AbortSignal[]): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}

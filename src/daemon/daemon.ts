/**
 * The long-running process. It keeps config, schedules, conditions, queue and watches in view, decides what is to be
 * synced now, and lets workers do it; it never loads the git engine. One `turn` is one look at everything; between two
 * turns it sleeps until the earliest time at which something can change, or until something wakes it.
 */
import type { Config } from "../config/config.ts";
import type { JobCause, JobRequest } from "../queue/job.ts";
import type { Notifier, NotifierSettings } from "../notify/notify.ts";
import { Calendar } from "./calendar.ts";
import type { DaemonDeps } from "./daemon-deps.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Gate } from "./gate.ts";
import { GuardWatch } from "./guard-watch.ts";
import { Housekeeping } from "./housekeeping.ts";
import { JobRunner } from "./job-runner.ts";
import { forgetUnknownJobs, type KnownSource, knownSources } from "./known-source.ts";
import { ENDING, type ReloadResult, reloadConfig } from "./reload.ts";
import { mailByWorker } from "./mail-by-worker.ts";
import { ManagerVoice } from "./manager-voice.ts";
import { MemoryTrim } from "./memory-trim.ts";
import { PauseWatch } from "./pause-watch.ts";
import { QueueWriter } from "./queue-writer.ts";
import { Recovery } from "./recovery.ts";
import { Requests } from "./requests.ts";
import { watchStore } from "./store-watch.ts";
import type { StoryEvent, Tell } from "../app/story.ts";
import { redactIn } from "../base/redact.ts";
import { TimeWatch } from "./time-watch.ts";
import { Trouble } from "./trouble.ts";
import { Turns } from "./turns.ts";
import { Watching } from "./watching.ts";
import { WorkerPool } from "./worker-pool.ts";

/** However quiet it is: the clock is looked at so often, so that sleep and a set clock are noticed. */
const LONGEST_SLEEP_MS = 60_000;
/** A sync that runs is waited for so long when the daemon is to end. */
export const STOP_GRACE_MS = 30_000;
/** Then it is asked to stop, and ended after so long: before those lose patience who asked the daemon to end. */
const LAST_GRACE_MS = 5000;

export class Daemon {
  readonly #deps: DaemonDeps;
  readonly #gate: Gate;
  readonly #calendar: Calendar;
  readonly #watching: Watching;
  readonly #pool: WorkerPool;
  readonly #runner: JobRunner;
  readonly #dispatcher: Dispatcher;
  readonly #housekeeping: Housekeeping;
  readonly #pauses: PauseWatch;
  readonly #guards: GuardWatch;
  readonly #time: TimeWatch;
  readonly #memory: MemoryTrim;
  readonly #writer: QueueWriter;
  readonly #recovery: Recovery;
  readonly #requests: Requests;
  readonly #trouble: Trouble;
  readonly #manager: ManagerVoice;
  readonly #abort = new AbortController();
  readonly tell: Tell;
  #config!: Config;
  #sources: ReadonlyMap<string, KnownSource> = new Map();
  #notifier!: Notifier;
  readonly #turns: Turns;
  /** What changes the config takes turns here. */
  #lane: Promise<unknown> = Promise.resolve();
  #isStopping = false;
  readonly startedAt: number;

  constructor(deps: DaemonDeps) {
    this.#deps = deps;
    const { clock, timers, queue, owner, history, random } = deps;
    this.startedAt = clock.now();
    this.tell = (event) => deps.onEvent(redactIn({ at: clock.now(), ...event } as StoryEvent));
    const tell = this.tell;
    const notifier = (): Notifier => this.#notifier;
    const wake = (): void => {
      this.#memory.worked();
      this.wake();
    };
    this.#turns = new Turns({ timers, turn: () => this.#turn(), rest: () => this.#rest() });
    this.#time = new TimeWatch(clock);
    this.#manager = new ManagerVoice(deps.service, timers);
    this.#memory = new MemoryTrim(timers, deps.trimMemory);
    this.#pauses = new PauseWatch({ clock, pauses: deps.pauses, tell });
    this.#guards = new GuardWatch({ clock, pauses: deps.pauses, isFolderBack: deps.isFolderBack });
    this.#writer = new QueueWriter({ clock, queue, owner });
    this.#recovery = new Recovery({ clock, queue, owner, tell, notifier });
    this.#trouble = new Trouble({ clock, tell, notifier });
    this.#calendar = new Calendar({ clock, schedules: deps.schedules, runs: history.runs, tell });
    this.#requests = new Requests({
      clock,
      calendar: this.#calendar,
      writer: this.#writer,
      trouble: this.#trouble,
      sources: () => this.#sources,
    });
    this.#gate = new Gate({
      clock,
      readers: deps.readers,
      pauseOf: (source, now) => deps.pauses.find(source, now),
      lastRunAt: (source) => this.#calendar.lastRunAt(source),
      onNetwork: (online) => {
        // Hosts that could not be reached without it need not wait for their back-off.
        if (online) queue.retryUnreachable(clock.now());
        tell({ kind: "network", online });
        this.#notifier.event({ kind: "network", online });
      },
    });
    this.#pool = new WorkerPool({ ...deps.worker, clock, timers });
    this.#watching = new Watching({
      startWatch: deps.startWatch,
      tell,
      notifier,
      // The watch itself keeps the paths until the run asks for them.
      changed: (source, since) => this.#request([source], "change", { dueSince: since }),
    });
    this.#runner = new JobRunner({
      clock,
      timers,
      random,
      tell,
      queue,
      writer: this.#writer,
      trouble: this.#trouble,
      pool: this.#pool,
      config: () => this.#config,
      watching: this.#watching,
      notifier,
      history,
      owner,
      ended: (source) => {
        this.#calendar.forgetRuns(source);
        wake();
      },
    });
    this.#dispatcher = new Dispatcher({
      clock,
      queue,
      writer: this.#writer,
      owner,
      gate: this.#gate,
      runner: this.#runner,
      history,
      tell,
      signal: this.#abort.signal,
    });
    this.#housekeeping = new Housekeeping({
      clock,
      history,
      audit: deps.audit,
      pool: this.#pool,
      tell,
      signal: this.#abort.signal,
    });
  }

  get config(): Config {
    return this.#config;
  }

  get sources(): ReadonlyMap<string, KnownSource> {
    return this.#sources;
  }

  get running(): readonly string[] {
    return this.#runner.sources;
  }

  get watching(): Pick<Watching, "stateOf" | "restsAt"> {
    return this.#watching;
  }

  nextAt(source: string): number | undefined {
    return this.#calendar.nextAt(source);
  }

  /**
   * @param listen called before anything is planned or begun: from then on commands are answered
   * @throws LullError of the config or the store; nothing was begun then
   */
  async start(listen: () => void = () => {}): Promise<void> {
    const started = this.#startNow(listen);
    this.#lane = started.catch(() => undefined);
    await started;
  }

  async #startNow(listen: () => void): Promise<void> {
    const { config: loaded, warnings } = await this.#deps.config.load();
    this.#config = this.#deps.adjust(loaded);
    this.#sources = knownSources(this.#config);
    this.#notifier = await this.#deps.createNotifier(this.#notifierSettings(), mailByWorker(this.#pool));
    try {
      await this.#begin(warnings, listen);
    } catch (error) {
      // What was begun would keep the process alive.
      this.#isStopping = true;
      this.#watching[Symbol.dispose]();
      await this.#notifier[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #begin(warnings: readonly string[], listen: () => void): Promise<void> {
    const { config: access, queue, clock, version, pid } = this.#deps;
    this.#lookAtStore();
    queue.wake(clock.now());
    const { file } = access;
    this.tell({
      kind: "started",
      program: version,
      pid,
      configFile: file,
      sources: this.#sources.size,
      warnings,
    });
    this.#recovery.start();
    forgetUnknownJobs(queue, this.#sources);
    this.#pauses.look();
    const watched = this.#watching.follow(this.#sources);
    this.#calendar.start(this.#sources, this.#config.device);
    await this.#watching.ready();
    listen();
    // What changed while no daemon watched.
    this.#request(watched, "start");
    await this.#turns.run();
    this.#manager.ready();
    this.#memory.started();
  }

  /** Something changed: looks at everything as soon as possible. Also what others wrote into the database. */
  wake(): void {
    this.#turns.wake();
  }

  /** It was busy for a moment; what that took of memory goes back later. */
  worked(): void {
    this.#memory.worked();
  }

  /** A person or the API wants these now. */
  request(sources: readonly string[]): void {
    this.#request(sources, "person");
  }

  /** What was paused or resumed by another process counts from now on. */
  reconsider(): void {
    this.#trouble.guard(() => void this.#pauses.look());
    this.#gate.recheckAll();
    this.wake();
  }

  /** Reads the config file anew; runs go on. A file with mistakes is refused and the old config stays. */
  async reload(): Promise<ReloadResult> {
    // One after the other, and after the start.
    const reloaded = this.#lane.then(() => this.#reloadNow());
    this.#lane = reloaded.catch(() => undefined);
    return reloaded;
  }

  async #reloadNow(): Promise<ReloadResult> {
    if (this.#isStopping) return ENDING;
    this.#manager.reloading();
    const result = await reloadConfig({
      access: this.#deps.config,
      pool: this.#pool,
      adjust: this.#deps.adjust,
      before: this.#sources,
    });
    // What it would begin now nobody would end any more.
    if (this.#isStopping) return ENDING;
    if (result.kind === "refused") {
      this.tell({ kind: "reload-refused", error: result.error });
      const { message, hint } = result.error;
      this.#notifier.event({ kind: "config-refused", message, hint });
    } else {
      this.#config = result.config;
      this.#sources = result.sources;
      this.#runner.followConfig();
      this.#notifier.configure(this.#notifierSettings());
      this.#notifier.event({ kind: "config-accepted" });
      this.#request(this.#watching.follow(this.#sources), "start");
      this.#calendar.follow(this.#sources, this.#config.device);
      forgetUnknownJobs(this.#deps.queue, this.#sources);
      this.#gate.recheckAll();
      const { added, removed, changed, warnings } = result;
      this.tell({ kind: "reloaded", added, removed, changed, warnings });
      await this.#turns.run();
      this.#calendar.tellPlan(this.#sources, new Set([...added, ...changed]));
    }
    this.#manager.ready();
    return result;
  }

  /**
   * Takes no new work, waits for what runs, at most `STOP_GRACE_MS`, then asks it to stop at a safe place. Firing `now`
   * ends everything at once.
   */
  async stop(why: string, now: AbortSignal): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#abort.abort();
    this.#manager.stopping();
    this.tell({ kind: "stopping", why, running: this.running });
    const lastTurn = this.#turns.end();
    this.#watching[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    using _grace = this.#deps.timers.after(STOP_GRACE_MS, () =>
      this.#pool.stop("the daemon was stopped", LAST_GRACE_MS),
    );
    const kill = (): void => this.#pool.kill("the daemon was stopped at once");
    now.addEventListener("abort", kill, { once: true });
    if (now.aborted) kill();
    await lastTurn;
    await this.#runner.idle();
    // Before the workers go: one of them may send the last mail.
    await this.#notifier[Symbol.asyncDispose]();
    await this.#pool.drain();
    await this.#lane;
    this.#trouble.guard(() => this.#writer.flush());
    this.#memory[Symbol.dispose]();
    now.removeEventListener("abort", kill);
    this.tell({ kind: "stopped" });
  }

  #notifierSettings(): NotifierSettings {
    return { notify: this.#config.notify, device: this.#config.device, sources: [...this.#sources.keys()] };
  }

  #request(names: readonly string[], cause: JobCause, more: Partial<JobRequest> = {}): void {
    if (this.#isStopping || names.length === 0) return;
    this.#requests.add(names, cause, more);
    this.wake();
  }

  /** One look at everything. */
  async #turn(): Promise<void> {
    this.#trouble.guard(this.#deps.look);
    try {
      this.#lookAtStore();
      this.#lookAtTime();
      this.#writer.flush();
      this.#recovery.look(this.running);
      this.#request(this.#guards.look(this.#sources), "start");
      // Of what another process resumed without a word.
      if (this.#pauses.look()) this.#gate.recheckAll();
      this.#gate.beginTurn();
      const { queue } = this.#deps;
      const told = this.#calendar.plan(this.#sources, (requests) => queue.request(requests));
      for (const event of told) this.tell(event);
      this.#runner.renewLeases();
      await this.#dispatcher.dispatch(this.#config, this.#sources);
      this.#housekeeping.look(this.#config, { isBusy: this.#runner.count > 0 });
      this.#deps.beat();
      this.#trouble.over();
    } catch (error) {
      this.#trouble.note(error);
    }
  }

  #lookAtStore(): void {
    const onNew = (): void => {
      this.#calendar.storeIsNew();
      // What was asked for a moment before went with the old one.
      this.#request(this.#watching.sources, "start");
    };
    const { lookAtStore } = this.#deps;
    watchStore({ lookAtStore, tell: this.tell, notifier: this.#notifier, onNew });
  }

  #lookAtTime(): void {
    const news = this.#time.look();
    if (news === undefined) return;
    this.tell(news);
    this.#gate.recheckAll();
    if (news.kind === "woke") {
      this.#gate.settle();
      this.#deps.queue.retryUnreachable(this.#deps.clock.now());
    } else {
      this.#notifier.event({ kind: "clock-jumped", byMs: news.byMs });
      this.#recovery.lookNow(this.running);
    }
  }

  /** For how long nothing is to be done. */
  #rest(): number {
    const { clock, queue } = this.#deps;
    this.#manager.status({ sources: this.#sources.size, running: this.running });
    const { pauseMs } = this.#trouble;
    if (pauseMs !== undefined) return pauseMs;
    const now = clock.now();
    let until = now + LONGEST_SLEEP_MS;
    this.#trouble.guard(() => {
      const { wakeAt } = this.#calendar;
      const times = [wakeAt, this.#gate.recheckAt, queue.nextWakeAt(now), this.#housekeeping.dueAt];
      until = Math.min(until, ...times.filter((time) => time !== undefined));
    });
    return until - now;
  }
}

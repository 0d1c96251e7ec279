import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Timers } from "../base/timers.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import type { Channel, SendResult } from "./channel.ts";
import { type Courier, createCourier } from "./courier.ts";
import { eventFact } from "./event-conditions.ts";
import { createMemory, type Memory } from "./memory.ts";
import {
  isForgotten,
  NETWORK_SUBJECT,
  networkCondition,
  type NetworkSighting,
  sighted,
  WHOLE_NETWORK,
} from "./network.ts";
import { hostOf, noticeText } from "./notice-text.ts";
import {
  type DaemonEvent,
  FAREWELL_MS,
  type Notice,
  type Notifier,
  type NotifierSettings,
  type RunReport,
} from "./notify.ts";
import { admit, summary } from "./rate-limit.ts";
import { admits, type Condition, isForgettable, judge, seen, sourceOf } from "./rules.ts";
import { type RunFacts, runFacts } from "./run-facts.ts";

export type NotifierDeps = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly store: NoticeStore;
  /** The channels of a config, see `open-channels.ts`. */
  readonly openChannels: (settings: NotifierSettings) => readonly Channel[];
  /** Calls a heartbeat URL once, see `heartbeat.ts`. */
  readonly beat: (url: string, signal: AbortSignal) => Promise<SendResult>;
};

export function createNotifier(deps: NotifierDeps, settings: NotifierSettings): Notifier {
  return new RunningNotifier(deps, settings);
}

/** A heartbeat more often than this says no more. */
const BEAT_GAP_MS = 60_000;
/** A timer that slept through a suspend is late; so none is set for longer. */
const LONGEST_WAIT_MS = 6 * 3_600_000;

class RunningNotifier implements Notifier {
  readonly #deps: NotifierDeps;
  readonly #disk: ReturnType<typeof createMemory>;
  readonly #memory: Memory;
  #settings: NotifierSettings;
  #couriers: readonly Courier<Notice>[] = [];
  #heart: Courier<string> | undefined;
  /** Closed ones that still send. */
  #leaving: readonly Courier<unknown>[] = [];
  #lastBeat = Number.NEGATIVE_INFINITY;
  #timer: Disposable | undefined;
  #hasFailed = false;
  #isDisposed = false;

  constructor(deps: NotifierDeps, settings: NotifierSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#disk = createMemory(deps.store, deps.log);
    this.#memory = this.#disk.load();
    this.#safely(() => {
      this.#open();
      this.#review();
    });
  }

  afterRun(run: RunReport): void {
    if (run.dryRun === true) return;
    this.#safely(() => {
      const now = this.#deps.clock.now();
      const facts = runFacts(run, now);
      this.#noteSource(run.source, facts, now);
      this.#noteNetwork(facts, now);
      const wasTold = this.#review();
      // That it works again is the better news.
      if (facts.moved !== undefined && !wasTold.has(facts.moved.subject)) this.#tellNews(facts.moved);
      if (facts.isGood) this.#beat();
    });
  }

  event(event: DaemonEvent): void {
    this.#safely(() => {
      const now = this.#deps.clock.now();
      const fact = eventFact(event, now);
      switch (fact.kind) {
        case "standing":
          this.#note(fact.subject, fact.condition, now);
          break;
        case "network": {
          const host = [WHOLE_NETWORK];
          this.#noteNetwork(
            fact.online ? { reached: host, unreached: [] } : { reached: [], unreached: host },
            now,
          );
          break;
        }
        case "news":
          this.#tellNews(fact.notice);
      }
      this.#review();
    });
  }

  configure(settings: NotifierSettings): void {
    this.#safely(() => {
      const isSame =
        JSON.stringify([settings.notify, settings.device]) ===
        JSON.stringify([this.#settings.notify, this.#settings.device]);
      this.#settings = settings;
      for (const subject of this.#memory.standings.keys()) {
        const source = sourceOf(subject);
        // Of a discovered repository the name begins with that of the source.
        const isKnown = (name: string): boolean => source === name || source?.startsWith(`${name}/`) === true;
        if (source !== undefined && !settings.sources.some(isKnown)) this.#memory.standings.delete(subject);
      }
      if (!isSame) this.#open();
      this.#review();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#timer?.[Symbol.dispose]();
    const couriers = [
      ...this.#couriers,
      ...(this.#heart === undefined ? [] : [this.#heart]),
      ...this.#leaving,
    ];
    const late = Promise.withResolvers<void>();
    using _ = this.#deps.timers.after(FAREWELL_MS, late.resolve);
    await Promise.race([Promise.all(couriers.map((courier) => courier.idle())), late.promise]);
    for (const courier of couriers) {
      courier.close();
      courier.abort();
    }
  }

  #noteSource(source: string, facts: RunFacts, now: number): void {
    const subject = `source:${source}`;
    const { source: fact, conflict, leftOut } = facts;
    if (fact.kind === "well") this.#note(subject, undefined, now);
    if (fact.kind === "bad") {
      const known = this.#memory.standings.get(subject)?.condition;
      const isWorse = known !== undefined && known.key !== fact.condition.key;
      if (!(fact.weak && isWorse)) this.#note(subject, fact.condition, now);
    }
    if (conflict !== undefined) this.#note(`conflict:${source}`, conflict.condition, now);
    if (leftOut !== undefined) this.#note(`left-out:${source}`, leftOut.condition, now);
  }

  #noteNetwork(sighting: NetworkSighting, now: number): void {
    const before = this.#memory.network;
    this.#memory.network = sighted(before, sighting, now);
    // What was only forgotten is not told to be back.
    if (isForgotten(before, this.#memory.network, sighting)) this.#memory.standings.delete(NETWORK_SUBJECT);
    this.#note(NETWORK_SUBJECT, networkCondition(this.#memory.network, now), now);
    if (this.#memory.network.away.length < before.away.length) {
      for (const courier of this.#couriers) courier.wake();
    }
  }

  #note(subject: string, condition: Condition | undefined, now: number): void {
    const before = this.#memory.standings.get(subject);
    if (before === undefined && condition === undefined) return;
    this.#memory.standings.set(subject, seen(before, subject, condition, now));
  }

  /** Tells what is due, remembers it, and sets the timer for what is due later. Returns the subjects it told of. */
  #review(): ReadonlySet<string> {
    const now = this.#deps.clock.now();
    const { standings } = this.#memory;
    const told = new Set<string>();
    const later: number[] = [];
    for (const [subject, standing] of standings) {
      let verdict = judge(standing, now, this.#settings.notify.level);
      if (verdict.kind === "tell") {
        told.add(subject);
        this.#tell(verdict.notice, "trouble");
        verdict = judge(verdict.standing, now, this.#settings.notify.level);
      }
      if (verdict.kind === "silent" && verdict.until !== undefined) later.push(verdict.until);
      if (isForgettable(verdict.standing, now)) standings.delete(subject);
      else standings.set(subject, verdict.standing);
    }
    for (const kind of ["trouble", "news"] as const) {
      const { state, notice, until } = summary(this.#memory.rates[kind], now);
      this.#memory.rates[kind] = state;
      if (notice !== undefined) this.#send(notice);
      if (until !== undefined) later.push(until);
    }
    this.#disk.save(this.#memory, now);
    this.#setTimer(later, now);
    return told;
  }

  #setTimer(times: readonly number[], now: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (times.length === 0 || this.#isDisposed) return;
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(1000, Math.min(...times) - now));
    this.#timer = this.#deps.timers.after(wait, () => this.#safely(() => this.#review()));
  }

  #tellNews(notice: Notice): void {
    if (admits(this.#settings.notify.level, notice.level)) this.#tell(notice, "news");
    this.#review();
  }

  #tell(notice: Notice, kind: "trouble" | "news"): void {
    const { state, now } = admit(this.#memory.rates[kind], notice);
    this.#memory.rates[kind] = state;
    if (now) this.#send(notice);
  }

  #send(notice: Notice): void {
    this.#deps.log.detail(`notice: ${notice.title}`);
    for (const courier of this.#couriers) courier.take(notice);
  }

  #beat(): void {
    const { heartbeat } = this.#settings.notify;
    const now = this.#deps.clock.monotonic();
    if (heartbeat === undefined || now - this.#lastBeat < BEAT_GAP_MS) return;
    this.#lastBeat = now;
    this.#heart?.take(heartbeat);
  }

  /** Makes the couriers of the config; what waits with an old one is handed to that of the same name. */
  #open(): void {
    const { notify } = this.#settings;
    const waiting = new Map(this.#couriers.map((courier) => [courier.name, courier.close()]));
    this.#heart?.close();
    this.#leaving = [...this.#couriers, ...(this.#heart === undefined ? [] : [this.#heart])];
    this.#couriers = this.#deps.openChannels(this.#settings).map((channel) =>
      createCourier<Notice>(
        {
          name: channel.name,
          send: (notice, signal) => channel.send(notice, signal),
          replaces,
          failing: `notices can not be sent (${channel.name})`,
          working: `notices are sent again (${channel.name})`,
        },
        this.#deps,
      ),
    );
    for (const courier of this.#couriers) {
      for (const notice of waiting.get(courier.name) ?? []) courier.take(notice);
    }
    this.#heart = notify.heartbeat === undefined ? undefined : this.#createHeart(notify.heartbeat);
  }

  #createHeart(url: string): Courier<string> {
    const name = `heartbeat ${noticeText(hostOf(url))}`;
    return createCourier<string>(
      {
        name,
        send: this.#deps.beat,
        replaces: () => true,
        failing: `the ${name} can not be called`,
        working: `the ${name} is called again`,
      },
      this.#deps,
    );
  }

  /** Whatever goes wrong with a notice, the daemon goes on; the first time it is logged. */
  #safely(work: () => void): void {
    if (this.#isDisposed) return;
    try {
      work();
    } catch (error) {
      if (!this.#hasFailed) this.#deps.log.warn(`a notice could not be made: ${messageOf(error)}`);
      this.#hasFailed = true;
    }
  }
}

/** A later word on a subject makes what still waits out of date; but each conflict has files of its own. */
function replaces(later: Notice, earlier: Notice): boolean {
  return later.subject === earlier.subject && !["conflict", "summary"].includes(earlier.kind);
}

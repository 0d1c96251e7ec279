/** A notifier with a clock that tests turn, a store in memory and a channel that keeps what it is given. */
import { createLog } from "../../src/base/log.ts";
import type { NotifyConfig } from "../../src/config/config.ts";
import type { Channel, SendResult } from "../../src/notify/channel.ts";
import { createNotifier } from "../../src/notify/create-notifier.ts";
import type { Notice, Notifier, NotifierSettings } from "../../src/notify/notify.ts";
import type { NoticeStore, StoredNotice } from "../../src/store/notice-store.ts";
import { fakeClock, type FakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers, type FakeTimers } from "../helpers/fake-timers.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export type Desk = {
  readonly clock: FakeClock;
  readonly timers: FakeTimers;
  readonly notifier: Notifier;
  readonly rows: Map<string, StoredNotice>;
  readonly sent: Notice[];
  readonly beats: string[];
  readonly logged: string[];
  /** Titles since the last call. */
  readonly told: () => Promise<readonly string[]>;
  /** The same memory in a new process. */
  readonly restart: (changes?: Partial<DeskChanges>) => Desk;
};

export type DeskChanges = {
  readonly notify: Partial<NotifyConfig>;
  readonly sources: readonly string[];
  readonly answer: (notice: Notice) => SendResult | Promise<SendResult>;
  readonly answerBeat: () => SendResult;
  readonly store: NoticeStore;
};

export function notifyConfig(changes: Partial<NotifyConfig> = {}): NotifyConfig {
  return {
    level: "problems",
    desktop: false,
    email: undefined,
    webhooks: [],
    heartbeat: undefined,
    ...changes,
  };
}

export function settingsOf(changes: Partial<DeskChanges> = {}): NotifierSettings {
  return {
    notify: notifyConfig(changes.notify),
    device: "laptop",
    sources: changes.sources ?? ["notes", "code", "work"],
  };
}

export function desk(
  changes: Partial<DeskChanges> = {},
  given: { clock: FakeClock; timers: FakeTimers; rows: Map<string, StoredNotice> } = withTime(),
): Desk {
  const { clock, timers, rows } = given;
  const sent: Notice[] = [];
  const beats: string[] = [];
  const logged: string[] = [];
  const channel: Channel = {
    kind: "desktop",
    name: "desktop",
    send: async (notice) => {
      const result = (await changes.answer?.(notice)) ?? { kind: "sent" };
      if (result.kind === "sent") sent.push(notice);
      return result;
    },
  };
  const notifier = createNotifier(
    {
      clock,
      timers,
      log: createLog("verbose", (line) => logged.push(line)),
      store: changes.store ?? memoryStore(rows),
      openChannels: () => [channel],
      beat: async (url) => {
        beats.push(url);
        return changes.answerBeat?.() ?? { kind: "sent" };
      },
    },
    settingsOf(changes),
  );
  let seen = 0;
  return {
    clock,
    timers,
    notifier,
    rows,
    sent,
    beats,
    logged,
    async told() {
      await timers.pass(0);
      const titles = sent.slice(seen).map(({ title }) => title);
      seen = sent.length;
      return titles;
    },
    restart: (more) => desk({ ...changes, ...more }, { clock, timers: fakeTimers(clock), rows }),
  };
}

function withTime() {
  const clock = fakeClock("2026-03-02T12:00:00Z");
  return { clock, timers: fakeTimers(clock), rows: new Map<string, StoredNotice>() };
}

export function memoryStore(rows: Map<string, StoredNotice>): NoticeStore {
  return {
    load: () => [...rows.values()],
    save: (notice) => void rows.set(notice.subject, notice),
    remove: (subject) => void rows.delete(subject),
  };
}

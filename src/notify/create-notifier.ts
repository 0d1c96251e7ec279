import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Timers } from "../base/timers.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import type { Channel } from "./channel.ts";
import type { Notifier, NotifierSettings } from "./notify.ts";

export type NotifierDeps = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly store: NoticeStore;
  /** The channels of a config; `open-channels.ts` makes them. */
  readonly openChannels: (settings: NotifierSettings) => readonly Channel[];
  /** Calls the heartbeat URL once. */
  readonly beat: (url: string, signal: AbortSignal) => Promise<import("./channel.ts").SendResult>;
};

export declare function createNotifier(deps: NotifierDeps, settings: NotifierSettings): Notifier;

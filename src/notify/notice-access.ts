import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { NoticeStore } from "../store/notice-store.ts";
import type { Channel, SendResult } from "./channel.ts";
import { createNotifier } from "./create-notifier.ts";
import { beat } from "./heartbeat.ts";
import { hostOf } from "./notice-text.ts";
import type { Notice, Notifier, NotifierSettings } from "./notify.ts";
import { type ChannelDeps, openChannels } from "./open-channels.ts";

/** A channel, or the heartbeat, which any notice makes beat. */
export type Way = {
  readonly kind: Channel["kind"] | "heartbeat";
  readonly name: string;
  readonly send: (notice: Notice, signal: AbortSignal) => Promise<SendResult>;
};

export function openWays(
  settings: Pick<NotifierSettings, "notify" | "device">,
  deps: ChannelDeps,
): readonly Way[] {
  const { notify, device } = settings;
  const channels = openChannels(notify, device, deps).map((channel): Way => ({
    kind: channel.kind,
    name: channel.name,
    send: (notice, signal) => channel.send(notice, signal),
  }));
  const { heartbeat } = notify;
  if (heartbeat === undefined) return channels;
  const send: Way["send"] = (_, signal) => beat(heartbeat, deps, signal);
  return [...channels, { kind: "heartbeat", name: `heartbeat ${hostOf(heartbeat)}`, send }];
}

export type NotifierParts = ChannelDeps & {
  readonly log: Log;
  readonly store: NoticeStore;
  readonly clock: Clock;
};

/** The notifier as the daemon uses it, with every real part. */
export function openNotifier(settings: NotifierSettings, parts: NotifierParts): Notifier {
  return createNotifier(
    {
      ...parts,
      openChannels: ({ notify, device }) => openChannels(notify, device, parts),
      beat: (url, signal) => beat(url, parts, signal),
    },
    settings,
  );
}

import type { RunProgram } from "../base/program.ts";
import type { EmailConfig, NotifyConfig } from "../config/config.ts";
import type { System } from "../platform/system.ts";
import type { Channel, SendResult } from "./channel.ts";
import { createDesktopChannel } from "./desktop.ts";
import { createEmailChannel } from "./email.ts";
import type { HttpDeps } from "./http-call.ts";
import type { Notice } from "./notify.ts";
import { createWebhookChannel } from "./webhook.ts";

export type ChannelDeps = HttpDeps & {
  readonly system: System;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined on Windows. */
  readonly userId: number | undefined;
  readonly runProgram: RunProgram;
  /** Throws a `LullError` without the secret, see `platform/secret-file.ts`. */
  readonly readSecret: (path: string, what: string) => string;
  /** Sends a mail in another process, as `carry-out-order.ts` does; default: in this one, which grows by 15 MB. */
  readonly sendMail?: SendMail | undefined;
};

export type SendMail = (
  mail: { readonly notify: NotifyConfig; readonly device: string; readonly notice: Notice },
  signal: AbortSignal,
) => Promise<SendResult>;

/** The channels that the config asks for, whatever its level; each has a name of its own. */
export function openChannels(notify: NotifyConfig, device: string, deps: ChannelDeps): readonly Channel[] {
  const inner = { ...deps, device };
  return withOwnNames([
    ...(notify.desktop ? [createDesktopChannel(deps)] : []),
    ...(notify.email === undefined ? [] : [mailChannel(notify, notify.email, inner)]),
    ...notify.webhooks.map((webhook) => createWebhookChannel(webhook, inner)),
  ]);
}

function mailChannel(
  notify: NotifyConfig,
  email: EmailConfig,
  deps: ChannelDeps & { readonly device: string },
): Channel {
  const channel = createEmailChannel(email, deps);
  const { sendMail, device } = deps;
  if (sendMail === undefined) return channel;
  return { ...channel, send: (notice, signal) => sendMail({ notify, device, notice }, signal) };
}

/** Two webhooks of one host: what names them apart is their secret. */
function withOwnNames(channels: readonly Channel[]): readonly Channel[] {
  const seen = new Map<string, number>();
  return channels.map((channel) => {
    const number = (seen.get(channel.name) ?? 0) + 1;
    seen.set(channel.name, number);
    return number === 1 ? channel : { ...channel, name: `${channel.name} (${number})` };
  });
}

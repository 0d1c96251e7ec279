import type { WebhookConfig } from "../config/config.ts";
import { LullError } from "../base/errors.ts";
import type { Channel, SendResult } from "./channel.ts";
import { type HttpDeps, httpCall } from "./http-call.ts";
import { hostOf } from "./notice-text.ts";
import type { Notice } from "./notify.ts";
import { webhookRequest } from "./webhook-formats.ts";

export type WebhookDeps = HttpDeps & {
  readonly device: string;
  /** Throws a `LullError` without the secret, see `platform/secret-file.ts`. */
  readonly readSecret: (path: string, what: string) => string;
};

export function createWebhookChannel(config: WebhookConfig, deps: WebhookDeps): Channel {
  const host = hostOf(config.url);
  const name = `webhook ${host}`;
  return {
    kind: "webhook",
    name,
    async send(notice, signal): Promise<SendResult> {
      try {
        return await send(config, notice, deps, signal);
      } catch (error) {
        // The file with the secret: it may be put right meanwhile.
        if (error instanceof LullError) return { kind: "failed", error, again: "later" };
        throw error;
      }
    },
  };
}

async function send(
  config: WebhookConfig,
  notice: Notice,
  deps: WebhookDeps,
  signal: AbortSignal,
): Promise<SendResult> {
  const host = hostOf(config.url);
  const name = `the webhook ${host}`;
  const secret =
    config.secretFile === undefined ? undefined : deps.readSecret(config.secretFile, `the secret of ${name}`);
  if (secret !== undefined && config.format === "ntfy" && !isSafeForToken(config.url)) throw unsafe(name);
  const request = webhookRequest(config.format, {
    notice,
    device: deps.device,
    secret,
    now: deps.clock.now(),
  });
  const call = { name, setting: "notify.webhooks", url: config.url, method: "POST", ...request } as const;
  return httpCall(call, deps, signal);
}

/** A token in plain text may stay inside this machine. */
function isSafeForToken(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i.test(url?.hostname ?? "");
}

function unsafe(name: string): LullError {
  return new LullError({
    kind: "config",
    code: "NOTICE_UNSAFE",
    message: `${name} would get its token over plain http, where anybody can read it`,
    hint: "write https:// in `notify.webhooks`, or take `secret_file` out",
  });
}

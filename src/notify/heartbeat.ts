import type { SendResult } from "./channel.ts";
import { type HttpDeps, httpCall } from "./http-call.ts";
import { hostOf } from "./notice-text.ts";

/**
 * Calls the URL of a dead man's switch once: a plain GET, as healthchecks.io, Uptime Kuma and others take it. Its path is
 * the secret.
 */
export function beat(url: string, deps: HttpDeps, signal: AbortSignal): Promise<SendResult> {
  const call = {
    name: `the heartbeat ${hostOf(url)}`,
    setting: "notify.heartbeat",
    url,
    method: "GET",
    headers: {},
    body: undefined,
  } as const;
  return httpCall(call, deps, signal);
}

import type { Clock } from "../base/clock.ts";
import { LullError, messageOf } from "../base/errors.ts";
import { retryAfterMs } from "../base/retry-after.ts";
import type { SendRequest } from "../base/send-request.ts";
import type { Timers } from "../base/timers.ts";
import type { SendResult } from "./channel.ts";
import { hostOf, noticeText } from "./notice-text.ts";

export type HttpDeps = {
  readonly clock: Clock;
  readonly timers: Timers;
  /** The way that the config names; default: as the runtime goes. */
  readonly send?: SendRequest | undefined;
};

export type HttpCall = {
  /** For messages: `the webhook ntfy.sh`. */
  readonly name: string;
  /** Where it stands in the config: `notify.webhooks`. */
  readonly setting: string;
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

/** From the first look-up of the name to the head of the answer. */
const DEADLINE_MS = 10_000;

/**
 * One request whose address is a secret itself: no message, log or error names more of it than the host. The answer's
 * text is not read, as a server may quote the address in it. A redirection is not followed: it would carry the secret on.
 * Never throws.
 */
export async function httpCall(call: HttpCall, deps: HttpDeps, signal: AbortSignal): Promise<SendResult> {
  const late = new AbortController();
  using _ = deps.timers.after(DEADLINE_MS, () => late.abort());
  const { url, authorization } = withoutUser(call.url);
  try {
    const response = await (deps.send ?? fetch)(url, {
      method: call.method,
      headers: { "User-Agent": "lull", ...authorization, ...call.headers },
      ...(call.body === undefined ? {} : { body: call.body }),
      redirect: "manual",
      signal: AbortSignal.any([signal, late.signal]),
    });
    // Nobody reads it, but the connection is to be free.
    await response.body?.cancel();
    return answered(call, response, deps.clock);
  } catch (error) {
    const why = late.signal.aborted
      ? `did not answer within ${DEADLINE_MS / 1000} s`
      : signal.aborted
        ? "was not waited for"
        : `can not be reached: ${reason(error, call.url)}`;
    return failed(call, {
      why,
      code: "UNREACHED",
      hint: "check the connection and the address",
      again: "later",
    });
  }
}

function answered(call: HttpCall, response: Response, clock: Clock): SendResult {
  const { status } = response;
  if (response.ok) return { kind: "sent" };
  const why = `answered with status ${status}`;
  if (status >= 300 && status < 400) {
    const target = response.headers.get("location");
    const place = target !== null && /^https?:/i.test(target) ? ` to ${hostOf(target)}` : "";
    return failed(call, {
      why: `redirects${place} (status ${status}), which lull does not follow`,
      code: "REDIRECTED",
      hint: `put the new address into \`${call.setting}\``,
      again: "never",
    });
  }
  if (status === 429 || status === 503) {
    const again = retryAfterMs(response.headers, clock);
    return failed(call, { why, code: "BUSY", hint: "it is tried again when the server asks", again });
  }
  if (status >= 500 || status === 408 || status === 425) {
    return failed(call, { why, code: "SERVER_ERROR", hint: "it is tried again later", again: "later" });
  }
  return failed(call, { why, code: "REFUSED", hint: refusalHint(status, call.setting), again: "never" });
}

function refusalHint(status: number, setting: string): string {
  if (status === 401 || status === 403) return `check the address and the secret in \`${setting}\``;
  if (status === 404 || status === 410) return `it is gone or never was: check the address in \`${setting}\``;
  return `check the address and the format in \`${setting}\``;
}

type Failure = {
  readonly why: string;
  readonly code: string;
  readonly hint: string;
  readonly again: "never" | "later" | number;
};

function failed(call: HttpCall, { why, code, hint, again }: Failure): SendResult {
  const kind = code === "UNREACHED" || code === "BUSY" ? "unreachable" : "failed";
  const error = new LullError({ kind, code: `NOTICE_${code}`, message: `${call.name} ${why}`, hint });
  return { kind: "failed", error, again };
}

/** Some messages of the runtime quote the address. */
function reason(error: unknown, url: string): string {
  const text = messageOf(error).replaceAll(url, "its address");
  return noticeText(text.replaceAll(/https?:\/\/\S+/gi, "its address"), 200);
}

/** User and password in an address are for the header; `fetch` refuses or forgets them. */
function withoutUser(text: string): {
  readonly url: string;
  readonly authorization: Readonly<Record<string, string>>;
} {
  const url = URL.parse(text);
  if (url === null || (url.username === "" && url.password === "")) return { url: text, authorization: {} };
  const pair = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = "";
  url.password = "";
  return {
    url: url.href,
    authorization: { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

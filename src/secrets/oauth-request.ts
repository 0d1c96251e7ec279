/** One question to an OAuth server: a form goes out, a JSON document comes back (RFC 6749, RFC 8628). */
import { throwIfAborted } from "../base/abort.ts";
import { LullError, messageOf, systemCode } from "../base/errors.ts";
import { registerSecret } from "../base/redact.ts";
import { safeText } from "../base/safe-text.ts";
import type { SendRequest } from "../base/send-request.ts";

export type OAuthAnswer = {
  /** The server's `error`, e.g. `authorization_pending`; undefined: it did what was asked. */
  readonly error: string | undefined;
  /** Its own words for people. */
  readonly description: string | undefined;
  text(name: string): string | undefined;
  /** Whole seconds as milliseconds. */
  seconds(name: string): number | undefined;
};

export type AskOAuth = (
  url: string,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<OAuthAnswer>;

const DEADLINE_MS = 30_000;
const LARGEST = 64 * 1024;

/**
 * What it returns follows no redirect, and speaks plain http with this machine only: both would carry tokens elsewhere.
 * It throws LullError `OAUTH_UNREACHABLE` (kind `unreachable`), `OAUTH_FAILED` (kind `auth`), `BAD_LOGIN_URL` (kind
 * `usage`), or as `send` does.
 */
export function createAskOAuth(send: SendRequest): AskOAuth {
  return async (url, form, signal) => {
    assertSafe(url);
    throwIfAborted(signal);
    const { status, body } = await post(send, { url, form, signal });
    return readAnswer(url, status, body);
  };
}

type Question = {
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

async function post(
  send: SendRequest,
  { url, form, signal }: Question,
): Promise<{ readonly status: number; readonly body: string }> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    const response = await send(url, {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
      redirect: "manual",
      signal: AbortSignal.any([signal, deadline]),
    });
    return { status: response.status, body: await firstBytes(response) };
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof LullError) throw error;
    throw unreachable(
      url,
      deadline.aborted ? `no answer within ${DEADLINE_MS / 1000} s` : reasonOf(error),
      error,
    );
  }
}

function readAnswer(url: string, status: number, body: string): OAuthAnswer {
  if (status >= 500 || status === 429) throw unreachable(url, `status ${status}`, undefined);
  const fields = parsed(body);
  if (fields === undefined || (status >= 300 && typeof fields["error"] !== "string")) {
    throw new LullError({
      kind: "auth",
      code: "OAUTH_FAILED",
      message: `${url} answered with status ${status} and nothing that lull understands`,
      causes: ["this server has no login by a device code", "the address of the login is wrong"],
      hint: "use an access token instead: `lull auth login --with-token`",
      data: { status },
    });
  }
  return answerOf(fields);
}

function answerOf(fields: Readonly<Record<string, unknown>>): OAuthAnswer {
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  for (const name of ["access_token", "refresh_token", "device_code"]) registerSecret(text(name) ?? "");
  return {
    error: text("error"),
    description: text("error_description"),
    text,
    seconds(name) {
      const value = Number(fields[name]);
      return Number.isFinite(value) && value > 0 ? Math.round(value * 1000) : undefined;
    },
  };
}

async function firstBytes(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body = response.body as ReadableStream<Uint8Array> | null;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function assertSafe(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname))) return;
  throw new LullError({
    kind: "usage",
    code: "BAD_LOGIN_URL",
    message: `${safeText(url)} is no https:// address; a login would travel in plain text`,
    hint: "give the https:// address of the server in --login-url",
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  return systemCode(error) ?? messageOf(error);
}

function unreachable(url: string, why: string, cause: unknown): LullError {
  return new LullError({
    kind: "unreachable",
    code: "OAUTH_UNREACHABLE",
    message: `cannot ask ${new URL(url).host} for a token: ${why}`,
    causes: [
      "this machine is offline",
      "the server is down",
      "it is reached through a proxy only, or has an authority of your own (`transport.proxy`, `transport.ca`)",
    ],
    hint: "run the command again later",
    cause,
  });
}

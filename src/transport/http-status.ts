/** What an HTTP status means for a git remote. */
import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { LullError } from "../base/errors.ts";
import { redact } from "../base/redact.ts";
import { safeText } from "../base/safe-text.ts";
import { retryAfterMs } from "../base/retry-after.ts";
import { type Proxy, proxyFailure } from "./http-proxy.ts";
import { transportError } from "./transport-error.ts";
import type { TransportCode } from "./transport-error.ts";

export type StatusContext = {
  /** E.g. `read the refs of https://example.com/me/notes`. */
  readonly doing: string;
  readonly clock: Clock;
  /** Whether the request carried an `Authorization` header. */
  readonly authorised: boolean;
  /** Host and port, and what stands in between, if anything. */
  readonly host: string;
  readonly proxy: Proxy | undefined;
  /** The beginning of a plain-text body, or "". */
  readonly body: string;
};

/** Enough for a server's sentence; the rest may be a whole page. */
export const BODY_EXCERPT = 200;

/** Returns the error for a status that is no 2xx and no redirect. */
export function statusError(response: Response, context: StatusContext): LullError {
  const { status } = response;
  const limited = status === 429 || status === 503 || (status === 403 && isRateLimit(response.headers));
  if (limited) return rateLimited(response, context);
  const said = excerpt(context.body);
  const common = { data: { status } };
  if (status === 401) return authError(context, said);
  if (status === 407) return proxyFailure(context, status);
  const [code, meaning] = meaningOf(status);
  return transportError({ code, message: `cannot ${context.doing}: ${meaning}${said}`, ...common });
}

function meaningOf(status: number): readonly [TransportCode, string] {
  switch (status) {
    case 403:
      return ["FORBIDDEN", "the server refuses access (403)"];
    case 404:
    case 410:
      return ["REPO_NOT_FOUND", `there is no such repository (${status})`];
    case 408:
    case 504:
      return ["TIMEOUT", `the server gave up waiting (${status})`];
    case 413:
      return ["REMOTE_ERROR", "the server takes no request of this size (413)"];
    default:
      return ["REMOTE_ERROR", `the server answered with status ${status}`];
  }
}

function authError(context: StatusContext, said: string): LullError {
  return context.authorised
    ? transportError({
        code: "AUTH",
        message: `cannot ${context.doing}: the server refused the token or password (401)${said}`,
        causes: ["the token or password is wrong, expired or revoked"],
        data: { status: 401, credential: "refused" },
      })
    : transportError({
        code: "AUTH",
        message: `cannot ${context.doing}: the server asks who you are (401) and no token was given${said}`,
        causes: [
          "the repository is private, or does not exist: many servers ask for a token then",
          "no token is set",
        ],
        data: { status: 401, credential: "missing" },
      });
}

function rateLimited(response: Response, context: StatusContext): LullError {
  const wait = retryAfterMs(response.headers, context.clock);
  return transportError({
    code: "RATE_LIMITED",
    message: `cannot ${context.doing}: the server asks to wait ${formatDuration(wait)} (${response.status})${excerpt(context.body)}`,
    data: { status: response.status, retryAfterMs: wait },
  });
}

/** GitHub and GitLab answer 403 to a client that asks too often; only these headers tell it from a refusal. */
function isRateLimit(headers: Headers): boolean {
  return (
    headers.has("retry-after") ||
    headers.get("x-ratelimit-remaining") === "0" ||
    headers.get("ratelimit-remaining") === "0"
  );
}

/** Redacted first: of a secret that is cut in two the rest has no known shape. */
function excerpt(body: string): string {
  const text = safeText(redact(body.trim()).replaceAll(/\s+/g, " ").slice(0, BODY_EXCERPT));
  return text === "" ? "" : `: ${text}`;
}

/** Where a repository moved to, as long as that is the same server. */
import type { LullError } from "../base/errors.ts";
import { redactUrl } from "../base/redact-url.ts";
import { transportError } from "./transport-error.ts";

export type Redirect = {
  /** What was asked, without `suffix`. */
  readonly base: string;
  /** `/info/refs?service=…`, which the new address must keep. */
  readonly suffix: string;
  readonly location: string | null;
  readonly remote: string;
};

/**
 * Returns the new base address. Only the same origin is followed, or the step from http to https on the same host:
 * anywhere else the credential and the content would go to somebody the person did not name.
 * @throws LullError `REPO_NOT_FOUND` that names the new address without credentials
 */
export function redirectedBase(redirect: Redirect): string {
  const target = parse(redirect);
  const from = new URL(redirect.base);
  const upgraded =
    from.protocol === "http:" &&
    target.protocol === "https:" &&
    target.hostname === from.hostname &&
    target.port === "";
  if (target.origin !== from.origin && !upgraded) {
    throw moved(redirect, target, "which is another server; lull does not follow it on its own");
  }
  const path = `${target.pathname}${target.search}`;
  if (!path.endsWith(redirect.suffix)) throw moved(redirect, target, "which is no git repository");
  return `${target.origin}${path.slice(0, -redirect.suffix.length)}`;
}

function parse({ location, base, suffix, remote }: Redirect): URL {
  try {
    const target = new URL(location ?? "", base + suffix);
    if (location !== null && (target.protocol === "http:" || target.protocol === "https:")) return target;
  } catch {
    // Not an address at all; the message below says so.
  }
  throw transportError({
    code: "REMOTE_ERROR",
    message: `${remote} redirects to an address that makes no sense`,
  });
}

function moved({ remote, suffix }: Redirect, target: URL, why: string): LullError {
  const address = redactUrl(target.href.replace(suffix, "")).replace(/\/info\/refs$/, "");
  return transportError({
    code: "REPO_NOT_FOUND",
    message: `${remote} redirects to ${address}, ${why}`,
    causes: ["the repository moved", "a log-in page: the server wants a token first"],
    hint: `if ${address} is right, make it the remote with \`lull config set sources.<name>.remote <url>\``,
  });
}

import { redactUrl } from "../base/redact-url.ts";
import type { RemoteConfig } from "../config/config.ts";

/**
 * Returns the name below `refs/remotes/` under which a remote's branches are kept. Where the person's git knows
 * another address by this name, that name is theirs: fetching into it would prune what they fetched.
 * @param known the remotes in the repository's own config
 */
export function trackingName(
  remote: RemoteConfig,
  known: readonly { readonly name: string; readonly url: string }[],
): string {
  const theirs = known.find((candidate) => candidate.name === remote.name);
  return theirs === undefined || sameAddress(theirs.url, remote.url) ? remote.name : `lull-${remote.name}`;
}

function sameAddress(a: string, b: string): boolean {
  return a === b || plain(a) === plain(b);
}

function plain(url: string): string {
  return redactUrl(url)
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
}

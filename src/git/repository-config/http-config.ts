/** What git's config says of http for an address: `http.<name>`, or the `http.<url>.<name>` that fits it best. Pure. */
import type { ScopedEntry } from "./git-config.ts";

/**
 * @param entries of the system and the person; what a repository says is not obeyed
 * @param name in lower case: `proxy`
 * @returns the value as it is written; undefined: git says nothing
 */
export function httpConfig(
  entries: readonly Pick<ScopedEntry, "section" | "subsection" | "name" | "value">[],
  name: string,
  url: string,
): string | undefined {
  let best: { readonly fit: number; readonly value: string } | undefined;
  for (const { section, subsection, name: given, value } of entries) {
    if (section !== "http" || given !== name) continue;
    const fit = subsection === undefined ? 0 : fitOf(subsection, new URL(url));
    // Of two that fit alike the later one counts.
    if (fit !== undefined && fit >= (best?.fit ?? 0)) best = { fit, value: value ?? "" };
  }
  return best?.value;
}

/** As git-config(1) ranks them: the host first, then the longest path; undefined: it is for other addresses. */
function fitOf(pattern: string, url: URL): number | undefined {
  const wanted = URL.parse(pattern.replaceAll("*", "wildcard"));
  if (wanted === null || wanted.protocol !== url.protocol || portOf(wanted) !== portOf(url)) return undefined;
  const labels = wanted.hostname.split(".");
  const given = url.hostname.split(".");
  const isSame = labels.every((label, index) => label === "wildcard" || label === given[index]);
  if (!isSame || labels.length !== given.length) return undefined;
  const path = wanted.pathname.replace(/\/$/, "");
  if (url.pathname !== path && !url.pathname.startsWith(`${path}/`)) return undefined;
  const exact = labels.filter((label) => label !== "wildcard").length;
  return 1 + exact * LONGEST_PATH + Math.min(path.length, LONGEST_PATH - 1);
}

const LONGEST_PATH = 10_000;

function portOf({ port, protocol }: URL): string {
  return port === "" ? (protocol === "https:" ? "443" : "80") : port;
}

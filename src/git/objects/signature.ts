import type { Signature } from "../model.ts";

/**
 * Reads what follows `author `, `committer ` or `tagger `. Never fails: old tools wrote lines without a date, without
 * brackets or with brackets in the name, and such history must stay readable. As git's `split_ident_line`.
 */
export function parseSignature(line: string): Signature {
  const open = line.indexOf("<");
  const close = open < 0 ? -1 : line.indexOf(">", open);
  if (close < 0) return { name: line.trim(), email: "", seconds: 0, offsetMinutes: 0 };
  const name = line.slice(0, open).trim();
  const email = line.slice(open + 1, close);
  const date = /^\s*(\d+)(?:\s+([+-])(\d+))?/.exec(line.slice(line.lastIndexOf(">") + 1));
  const seconds = Number(date?.[1] ?? 0);
  if (date === null || !Number.isSafeInteger(seconds)) return { name, email, seconds: 0, offsetMinutes: 0 };
  return { name, email, seconds, offsetMinutes: parseOffset(date[2], date[3]) };
}

/** Returns `Name <email> 1700000000 +0100`; what would break the line is left out, as git does. */
export function formatSignature(signature: Signature): string {
  const { seconds, offsetMinutes } = signature;
  const ahead = Math.abs(Math.trunc(offsetMinutes));
  const zone = `${Math.floor(ahead / 60)}`.padStart(2, "0") + `${ahead % 60}`.padStart(2, "0");
  const date = `${Math.max(0, Math.floor(seconds))} ${offsetMinutes < 0 ? "-" : "+"}${zone}`;
  return `${clean(signature.name)} <${clean(signature.email)}> ${date}`;
}

/** Returns the minutes that `+0130` or the like is ahead of UTC. */
export function parseOffset(sign: string | undefined, digits: string | undefined): number {
  const value = Number(digits ?? 0);
  const minutes = Math.floor(value / 100) * 60 + (value % 100);
  // More than a day cannot be meant; git shows such dates in UTC.
  if (minutes > 24 * 60) return 0;
  return sign === "-" && minutes > 0 ? -minutes : minutes;
}

function clean(text: string): string {
  return text.replaceAll(/[<>\n\0]/g, "").replaceAll(/^[\s.,:;"\\']+|[\s.,:;"\\']+$/g, "");
}

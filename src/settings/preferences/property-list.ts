import { LullError } from "../../base/errors.ts";

/**
 * The top keys of a property list in XML with their values, both as the text has them: a library's numbers and dates would
 * come out as others (`<real>1</real>` as an integer).
 */
export type Entries = ReadonlyMap<string, string>;

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`;

/** In the order of the keys, so that the same entries are the same text. */
export function listText(entries: Entries): string {
  const lines = [...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `\t<key>${key}</key>\n\t${value}\n`);
  return `${HEAD}<dict>\n${lines.join("")}</dict>\n</plist>\n`;
}

/** What stands before the list; entities of its own (`<!DOCTYPE plist [`) are not for us to read. */
const PROLOGUE = /^\uFEFF?\s*(?:<\?xml[^<>]*\?>\s*)?(?:<!DOCTYPE plist[^<>[\]]*>\s*)?<plist[^<>]*>\s*/;
const TAG = /<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/y;
const KEY = /<key>([^<]*)<\/key>\s*/y;
const TEXT = /[^<]*/y;
const END = /^<\/dict>\s*<\/plist>\s*$/;

/**
 * @param domain whose it is, for errors
 * @throws LullError `NO_PROPERTY_LIST` (kind `failed`) for everything but a dictionary as macOS writes it
 */
export function readEntries(text: string, domain: string): Entries {
  const start = PROLOGUE.exec(text)?.[0].length;
  const rest = text.slice(start);
  if (start === undefined) throw noList(domain, "it begins as none");
  if (/^<dict\/>\s*<\/plist>\s*$/.test(rest)) return new Map();
  const opening = /^<dict>\s*/.exec(rest)?.[0].length;
  if (opening === undefined) throw noList(domain, "it holds no dictionary");
  const entries = new Map<string, string>();
  let at = opening;
  while (!END.test(rest.slice(at, at + LONGEST_END)) || rest.length > at + LONGEST_END) {
    const key = matchAt(KEY, rest, at);
    const [, name] = key ?? [];
    if (key === undefined || name === undefined || entries.has(name))
      throw noList(domain, "a key is missing or twice");
    const from = at + key[0].length;
    const to = valueEnd(rest, from, domain);
    entries.set(name, rest.slice(from, to));
    at = to + (/^\s*/.exec(rest.slice(to, to + LONGEST_END))?.[0].length ?? 0);
  }
  return entries;
}

/** White space and the two closing tags. */
const LONGEST_END = 64;

/** Behind the element that begins there, with all that is in it. */
function valueEnd(text: string, from: number, domain: string): number {
  const open: string[] = [];
  let at = from;
  do {
    const tag = matchAt(TAG, text, at);
    if (tag === undefined) throw noList(domain, "a value is cut off");
    const [whole, closing, name = "", single] = tag;
    if (closing === "/" && open.pop() !== name) throw noList(domain, `</${name}> closes nothing`);
    if (closing !== "/" && single !== "/") open.push(name);
    at += whole.length;
    if (open.length > 0) at += matchAt(TEXT, text, at)?.[0].length ?? 0;
  } while (open.length > 0);
  return at;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function noList(domain: string, why: string): LullError {
  return new LullError({
    kind: "failed",
    code: "NO_PROPERTY_LIST",
    message: `the preferences of ${domain} are no property list in XML: ${why}`,
    hint: "`defaults export` writes one; was the copy edited by hand?",
  });
}

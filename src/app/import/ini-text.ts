/** INI files as Python's configparser reads them, as far as mackup uses it: keys may stand without a value. Pure. */

export type IniEntry = { readonly key: string; readonly value: string | undefined };

export type IniText =
  | { readonly kind: "sections"; readonly sections: ReadonlyMap<string, readonly IniEntry[]> }
  /** The number of the first line that belongs nowhere, from 1. */
  | { readonly kind: "broken"; readonly line: number };

/**
 * @param options.inlineComments whether `#` and `;` behind a space begin a comment, too
 */
export function readIni(text: string, options: { readonly inlineComments: boolean }): IniText {
  const sections = new Map<string, IniEntry[]>();
  let entries: IniEntry[] | undefined;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = (options.inlineComments ? raw.replace(/(^|\s)[#;].*$/, "") : raw).trim();
    if (line === "" || /^[#;]/.test(line)) continue;
    const section = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (section !== undefined) {
      entries = sections.get(section) ?? [];
      sections.set(section, entries);
    } else {
      const entry = entryOf(line);
      if (entries === undefined || entry === undefined) return { kind: "broken", line: index + 1 };
      entries.push(entry);
    }
  }
  return { kind: "sections", sections };
}

function entryOf(line: string): IniEntry | undefined {
  const [, key = "", value] = /^([^=:]*?)\s*(?:[=:]\s*(.*))?$/.exec(line) ?? [];
  return key === "" ? undefined : { key, value };
}

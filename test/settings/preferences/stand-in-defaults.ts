/** A program in place of `defaults` of macOS, with a folder in place of its daemon's memory. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { PreferencesMeans } from "../../../src/settings/preferences/preferences.ts";
import { runProgram } from "../../../src/platform/run-program.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

export type StandInDefaults = {
  readonly means: PreferencesMeans;
  /** Entries as lines of XML without their tabs, e.g. `<key>a</key>`, `<true/>`. */
  readonly set: (domain: string, ...lines: readonly string[]) => void;
  /** The lines between the tags of the dictionary; undefined: the domain is not known. */
  readonly get: (domain: string) => readonly string[] | undefined;
  /** From now on it fails for this domain. */
  readonly breakFor: (domain: string) => void;
  /** How often it was called with this. */
  readonly calls: (verb: "export" | "import") => number;
};

/** As macOS writes it. */
export function plist(...lines: readonly string[]): string {
  const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`;
  if (lines.length === 0) return `${head}<dict/>\n</plist>\n`;
  return `${head}<dict>\n${lines.map((line) => `\t${line}\n`).join("")}</dict>\n</plist>\n`;
}

/** @param folder where files are staged */
export function standInDefaults(folder: string): StandInDefaults {
  const top = temporaryDirectory();
  const memory = join(top, "memory");
  mkdirSync(memory);
  const program = join(top, "defaults");
  writeFileSync(join(top, "empty"), plist());
  const script = `#!/bin/sh
echo "$1 $2" >> '${top}/calls'
test -e '${top}/broken-'"$2" && { echo "secret value" >&2; exit 1; }
case "$1 $3" in
  "export -") cat '${memory}/'"$2" 2>/dev/null || cat '${top}/empty' ;;
  import*) cp "$3" '${memory}/'"$2" ;;
  *) exit 64 ;;
esac
`;
  writeFileSync(program, script, { mode: 0o755 });
  return {
    means: { folder, program, runProgram },
    set: (domain, ...lines) => writeFileSync(join(memory, domain), plist(...lines)),
    get(domain) {
      if (!existsSync(join(memory, domain))) return undefined;
      const lines = readFileSync(join(memory, domain), "utf8").split("\n");
      return lines.filter((line) => line.startsWith("\t")).map((line) => line.slice(1));
    },
    breakFor: (domain) => writeFileSync(join(top, `broken-${domain}`), ""),
    calls(verb) {
      if (!existsSync(join(top, "calls"))) return 0;
      const lines = readFileSync(join(top, "calls"), "utf8").split("\n");
      return lines.filter((line) => line.startsWith(`${verb} `)).length;
    },
  };
}

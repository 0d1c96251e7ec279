/**
 * Git's own configuration: reading it as git does and changing single keys of the local file. This folder must not
 * know lull's YAML config, nor read `process.env`: the environment comes in as a parameter.
 *
 * A synced repository is not trusted to run or redirect anything, so the engine asks only for harmless keys: user.*,
 * author.*, committer.*, core.{filemode,symlinks,ignorecase,autocrlf,eol,safecrlf,excludesfile,attributesfile,
 * logallrefupdates}, gc.{pruneexpire,reflogexpire,reflogexpireunreachable}, remote.*, branch.*, and those that tell
 * what kind of repository it is (core.bare, core.repositoryformatversion, core.worktree, core.sparsecheckout,
 * extensions.*). Never asked for, hence never obeyed: core.hooksPath, core.fsmonitor, core.editor, core.pager,
 * core.askPass, alias.*, filter.*, diff.*.command, merge.*.driver, gpg.program,
 * url.*.insteadOf, remote.*.{proxy,uploadpack, receivepack,vcs}, uploadpack.packObjectsHook. Of the person's own
 * files alone, never of a repository's: credential.*.helper, merge.tool, diff.tool, mergetool.*, http.*.proxy and
 * http.sslCAInfo. Of a repository's only as far as it chooses a key (`transport/ssh/harmless-options.ts`):
 * core.sshCommand.
 *
 * This file is the syntax (config.c in git): offsets are kept so that `edit-config.ts` can change one value in place.
 */
import { LullError } from "../../base/errors.ts";

/** One `name = value`, its names lower-cased where git ignores case. Offsets count in the latin1 text. */
export type ConfigEntry = {
  readonly section: string;
  /** Case-sensitive; undefined for `[section]`. */
  readonly subsection: string | undefined;
  readonly name: string;
  /** Undefined for a name without `=`, which means true. */
  readonly value: string | undefined;
  /** Where the value's text starts and ends (quotes included, comment and blanks not); both where `=` would go if there is none. */
  readonly valueStart: number;
  readonly valueEnd: number;
};

export type ConfigSection = {
  readonly section: string;
  readonly subsection: string | undefined;
  /** Offset after the last thing that belongs to the section: its header or its last entry, without the line break. */
  end: number;
};

export type ParsedConfig = {
  readonly entries: readonly ConfigEntry[];
  readonly sections: readonly ConfigSection[];
};

const BYTE_ORDER_MARK = "\xef\xbb\xbf";
const ESCAPES: Readonly<Record<string, string>> = { t: "\t", b: "\b", n: "\n", "\\": "\\", '"': '"' };

/**
 * @param text the file, decoded as latin1
 * @param origin the file's path, for errors
 * @throws LullError `GIT_CONFIG_INVALID` (kind `config`) with the line number
 */
export function parseConfig(text: string, origin: string): ParsedConfig {
  return new Parser(text, origin).parse();
}

class Parser {
  readonly #text: string;
  readonly #origin: string;
  #at: number;
  readonly #entries: ConfigEntry[] = [];
  readonly #sections: ConfigSection[] = [];

  constructor(text: string, origin: string) {
    this.#text = text;
    this.#origin = origin;
    this.#at = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  }

  parse(): ParsedConfig {
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? "";
      if (isBlank(character)) this.#at++;
      else if (character === "#" || character === ";") this.#skipLine();
      else if (character === "[") this.#section();
      else if (/[a-z]/i.test(character)) this.#entry();
      else this.#fail();
    }
    return { entries: this.#entries, sections: this.#sections };
  }

  #section(): void {
    const name = this.#take(/\[([-a-z0-9.]*)/iy)?.toLowerCase() ?? this.#fail();
    if (this.#text[this.#at] === "]" && name !== "") {
      this.#at++;
      // The old form `[section.sub]`: all lower case.
      const dot = name.indexOf(".");
      this.#open(dot < 0 ? name : name.slice(0, dot), dot < 0 ? undefined : name.slice(dot + 1));
      return;
    }
    const quoted = this.#take(/[ \t\r]+"((?:[^"\\\n\0]|\\[^\n])*)"\]/y) ?? this.#fail();
    this.#open(name, decode(quoted.replaceAll(/\\([^])/g, "$1")));
  }

  #open(section: string, subsection: string | undefined): void {
    this.#sections.push({ section, subsection, end: this.#at });
  }

  #entry(): void {
    const name = this.#take(/([a-z][-a-z0-9]*)/iy)?.toLowerCase() ?? this.#fail();
    const afterName = this.#at;
    this.#take(/([ \t]*)/y);
    const section = this.#sections.at(-1) ?? this.#fail();
    const common = { section: section.section, subsection: section.subsection, name };
    if (this.#atLineEnd()) {
      this.#entries.push({ ...common, value: undefined, valueStart: afterName, valueEnd: afterName });
      section.end = afterName;
      return;
    }
    if (this.#text[this.#at] !== "=") this.#fail();
    this.#at++;
    const { value, start, end } = this.#value();
    this.#entries.push({ ...common, value: decode(value), valueStart: start, valueEnd: end });
    // A comment after the value belongs to the entry's line.
    section.end = this.#at;
  }

  /** Blanks around the value are dropped, those within kept; quotes may start and end anywhere. Stops before the line break. */
  #value(): { readonly value: string; readonly start: number; readonly end: number } {
    this.#take(/([ \t]*)/y);
    const start = this.#at;
    let end = start;
    let value = "";
    let pending = "";
    let quoted = false;
    for (; quoted || !this.#atLineEnd();) {
      if (this.#atLineEnd()) this.#fail();
      const character = this.#text[this.#at++] ?? "";
      if (!quoted && (character === ";" || character === "#")) {
        this.#skipLine();
        break;
      }
      if (!quoted && isBlank(character)) {
        if (value !== "") pending += character;
        continue;
      }
      value += pending;
      pending = "";
      if (character === '"') quoted = !quoted;
      else value += character === "\\" ? this.#escape() : character;
      end = this.#at;
    }
    return { value, start, end };
  }

  #escape(): string {
    if (this.#take(/(\r?\n|$)/y) !== undefined) return "";
    const escaped = ESCAPES[this.#text[this.#at] ?? ""] ?? this.#fail();
    this.#at++;
    return escaped;
  }

  #atLineEnd(): boolean {
    const character = this.#text[this.#at];
    return (
      character === undefined ||
      character === "\n" ||
      (character === "\r" && this.#text[this.#at + 1] === "\n")
    );
  }

  #skipLine(): void {
    while (!this.#atLineEnd()) this.#at++;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[1];
  }

  #fail(): never {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    throw new LullError({
      kind: "config",
      code: "GIT_CONFIG_INVALID",
      message: `bad git config line ${line} in ${this.#origin}`,
      hint: `mend that line; \`git config --list --file ${this.#origin}\` tells when it is right`,
      data: { file: this.#origin, line },
    });
  }
}

/** Git's own blanks, fewer than those of `\s`. */
function isBlank(character: string): boolean {
  return character === " " || character === "\t" || character === "\n" || character === "\r";
}

function decode(latin1: string): string {
  return /[\u0080-\u00ff]/.test(latin1) ? Buffer.from(latin1, "latin1").toString("utf8") : latin1;
}

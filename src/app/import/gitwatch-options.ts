/** The options of gitwatch. Pure. */
import type { Word } from "./shell-words.ts";

export type GitwatchOptions = {
  /** The folder or file as given. */
  readonly target: string;
  /** Whole seconds, at least one. */
  readonly quietSeconds: number;
  /** A name or an address; undefined: it is never pushed. */
  readonly remote: string | undefined;
  readonly branch: string | undefined;
  readonly message: string | undefined;
  readonly pulls: boolean;
  readonly gitDirectory: string | undefined;
  /** Options that have no equivalent, as they stand on the command line. */
  readonly others: readonly string[];
};

export type ReadOptions =
  | { readonly kind: "options"; readonly options: GitwatchOptions }
  | { readonly kind: "refused"; readonly reason: string };

const WITH_VALUE = "sdrpbmlLxegh";
/** -M: no commit during a merge; -f: what is pending at the start; -S and -v: where its log goes. lull does the like anyway. */
const SILENT = new Set(["M", "f", "S", "v"]);
/** As gitwatch has it. */
const USUAL_SECONDS = 2;

/** @param words what stands behind the program */
export function readGitwatchOptions(words: readonly Word[]): ReadOptions {
  if (words.some(({ isUnknown }) => isUnknown))
    return refused("its command line has variables or substitutions that only its shell could fill in");
  const { values, flags, rest } = splitOptions(words.map(({ text }) => text));
  const [target] = rest;
  if (target === undefined || target === "") return refused("no folder is named");
  if (rest.length > 1) return refused("it names more than one folder, which gitwatch itself refuses");
  const quietSeconds = secondsOf(values.get("s"));
  if (quietSeconds === undefined) return refused(`"-s ${values.get("s")}" is no number of seconds`);
  const remote = (values.get("r") ?? values.get("p"))?.trim();
  return {
    kind: "options",
    options: {
      target,
      quietSeconds,
      remote: remote === "" ? undefined : remote,
      branch: values.get("b"),
      message: values.get("m"),
      pulls: flags.has("R"),
      gitDirectory: values.get("g"),
      others: [
        ...["d", "l", "L", "x", "e"].flatMap((name) => (values.has(name) ? [`-${name}`] : [])),
        ...[...flags].filter((name) => name !== "R" && !SILENT.has(name)).map((name) => `-${name}`),
      ],
    },
  };
}

function refused(reason: string): ReadOptions {
  return { kind: "refused", reason };
}

type Split = {
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  readonly rest: readonly string[];
};

/** As `getopts` does: letters may stand together, a value in the same word or in the next. */
function splitOptions(words: readonly string[]): Split {
  const values = new Map<string, string>();
  const flags = new Set<string>();
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    for (let letter = 1; letter < word.length; letter++) {
      const name = word[letter] ?? "";
      if (!WITH_VALUE.includes(name)) {
        flags.add(name);
        continue;
      }
      const rest = word.slice(letter + 1);
      values.set(name, rest === "" ? (words[++at] ?? "") : rest);
      break;
    }
  }
  return { values, flags, rest: words.slice(at) };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** A day without a change is no burst any more. */
const MOST_SECONDS = 86_400;

/** What `sleep` takes: `2`, `0.5`, `1m`. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return USUAL_SECONDS;
  const [, number = "", unit = "s"] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text.trim()) ?? [];
  if (number === "") return undefined;
  const seconds = Number(number) * (UNITS[unit] ?? 1);
  return Math.min(MOST_SECONDS, Math.max(1, Math.ceil(seconds)));
}

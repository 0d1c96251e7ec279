/** How an import reads what other tools left on this machine; nothing can be changed through it. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { FileReader, FolderEntry, ImportMeans } from "../app/import/import.ts";
import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import { readPlainYaml, writePlainYaml } from "../config/plain-yaml.ts";
import { findProgram } from "../platform/find-program.ts";
import { runProgram } from "../platform/run-program.ts";

/** Settings that people write are thousands of times smaller. */
const LARGEST = 1024 * 1024;
/** `crontab -l` reads one small file. */
const CRONTAB_DEADLINE_MS = 5000;

type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
};

export function importMeans({ env, home }: Surroundings): ImportMeans {
  return {
    files: fileReader,
    environment: env,
    home,
    parse: (format, text) => {
      if (format === "yaml") return readPlainYaml(text);
      try {
        return format === "toml" ? Bun.TOML.parse(text) : Bun.JSONC.parse(text);
      } catch {
        return undefined;
      }
    },
    toYaml: writePlainYaml,
    crontab: async (signal) => {
      const program = findProgram("crontab", env);
      if (program === undefined) return undefined;
      const ended = await runProgram([program, "-l"], { deadlineMs: CRONTAB_DEADLINE_MS, signal, env });
      return ended.kind === "ended" && ended.code === 0 ? ended.stdout : undefined;
    },
  };
}

const fileReader: FileReader = {
  text(path) {
    const stat = look(path, statSync);
    if (stat?.isFile() !== true) return undefined;
    if (stat.size > LARGEST) {
      throw new LullError({
        kind: "failed",
        code: "FILE_TOO_LARGE",
        message: `${path} is larger than any such file should be (${stat.size} bytes)`,
        hint: "look at what it is; move it away to go on without it",
      });
    }
    try {
      return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
    } catch (error) {
      throw fromSystem(error, `read ${path}`);
    }
  },
  list(folder) {
    if (look(folder, statSync)?.isDirectory() !== true) return undefined;
    try {
      return readdirSync(folder, { withFileTypes: true })
        .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      throw fromSystem(error, `look into ${folder}`);
    }
  },
  kind: (path) => kindOrNothing(look(path, lstatSync)),
  kindBehind: (path) => kindOrNothing(look(path, statSync)),
  linkTarget(path) {
    if (look(path, lstatSync)?.isSymbolicLink() !== true) return undefined;
    return resolve(dirname(path), readlinkSync(path));
  },
};

function look(path: string, ask: (path: string) => Stats): Stats | undefined {
  try {
    return ask(path);
  } catch (error) {
    // A loop of links leads nowhere, and so does a name with a NUL.
    if (
      ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"].includes(
        systemCode(error) ?? "",
      )
    )
      return undefined;
    throw fromSystem(error, `look at ${path}`);
  }
}

function kindOrNothing(stat: Stats | undefined): FolderEntry["kind"] | undefined {
  return stat === undefined ? undefined : kindOf(stat);
}

function kindOf(entry: Pick<Stats, "isFile" | "isDirectory" | "isSymbolicLink">): FolderEntry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}

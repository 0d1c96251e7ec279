/** Where people start gitwatch from: systemd, cron, launchd, the desktop, their shells. */
import { join } from "node:path";

import { shortPath } from "../user-path.ts";
import type { FolderEntry, ImportMeans } from "./import.ts";
import type { LeftOut } from "./left-out.ts";
import { readable } from "./readable.ts";
import { readCommands, type Variables, type Word } from "./shell-words.ts";
import { execStarts, type UnitText, unescapeUnitName } from "./unit-text.ts";
import { programArguments } from "./plist-text.ts";
import { xdgFolder } from "./xdg-folder.ts";

export type GitwatchCommand = {
  /** What stands behind the program. */
  readonly words: readonly Word[];
  /** For people: `~/.bashrc:12`. */
  readonly place: string;
  /** How it is ended, for people. */
  readonly stop: string;
};

type Search = { readonly means: ImportMeans; readonly variables: Variables; readonly leftOut: LeftOut };

const SHELL_FILES = [
  ".bashrc",
  ".bash_profile",
  ".bash_login",
  ".profile",
  ".zshrc",
  ".zprofile",
  ".zlogin",
  ".zshenv",
  ".xprofile",
  ".xinitrc",
  ".xsession",
  ".xsessionrc",
  ".config/fish/config.fish",
];

export async function findGitwatchCommands(
  means: ImportMeans,
  leftOut: LeftOut,
  signal: AbortSignal,
): Promise<readonly GitwatchCommand[]> {
  const search: Search = { means, leftOut, variables: { HOME: means.home, USER: means.environment["USER"] } };
  const table = await means.crontab(signal);
  return [
    ...ofUnits(search),
    ...ofCrontab(search, table ?? ""),
    ...ofLaunchAgents(search),
    ...ofAutostart(search),
    ...SHELL_FILES.flatMap((name) => ofShellFile(search, join(means.home, name))),
  ];
}

function ofUnits(search: Search): readonly GitwatchCommand[] {
  const folder = join(xdgFolder(search.means, "config"), "systemd/user");
  const entries = listed(search, folder);
  const instances = entries
    .filter(({ name, kind }) => kind === "folder" && name.endsWith(".wants"))
    .flatMap(({ name }) => listed(search, join(folder, name)).map((entry) => entry.name));
  return entries
    .filter(({ name, kind }) => name.endsWith(".service") && kind !== "folder")
    .flatMap(({ name }) => {
      const text = textOf(search, join(folder, name));
      if (text === undefined || !text.includes("gitwatch")) return [];
      const place = shortPath(join(folder, name), search.means.home);
      const isTemplate = name.endsWith("@.service");
      const units: readonly UnitText[] = isTemplate
        ? instancesOf(name, instances).map((instance) => ({
            text,
            name: instance.unit,
            instance: instance.text,
          }))
        : [{ text, name, instance: "" }];
      return units.flatMap((unit) => commandsOfUnit(search, unit, place));
    });
}

function instancesOf(
  template: string,
  names: readonly string[],
): readonly { readonly unit: string; readonly text: string }[] {
  const start = template.slice(0, -".service".length);
  return [...new Set(names)]
    .filter((name) => name.startsWith(start) && name.endsWith(".service") && name.length > template.length)
    .map((unit) => ({ unit, text: unescapeUnitName(unit.slice(start.length, -".service".length)) }));
}

function commandsOfUnit(search: Search, unit: UnitText, place: string): readonly GitwatchCommand[] {
  const stop = `systemctl --user disable --now ${quoted(unit.name)}`;
  return execStarts(unit, search.means.home).flatMap((line) =>
    commandsIn(line, search.variables).map((words) => ({ words, place, stop })),
  );
}

/** Five fields of time or a word such as `@reboot`, then the command; a `%` ends it unless it is escaped. */
function ofCrontab(search: Search, table: string): readonly GitwatchCommand[] {
  return table.split(/\r?\n/).flatMap((line, index) => {
    if (!line.includes("gitwatch") || /^\s*#/.test(line)) return [];
    const command = /^\s*(?:@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/.exec(line)?.[1] ?? "";
    const whole = command.replace(/(?<!\\)%.*$/, "").replaceAll("\\%", "%");
    const place = `line ${index + 1} of your crontab`;
    return commandsIn(whole, search.variables).map((words) => ({
      words,
      place,
      stop: `crontab -e, and take line ${index + 1} out`,
    }));
  });
}

function ofLaunchAgents(search: Search): readonly GitwatchCommand[] {
  const folder = join(search.means.home, "Library/LaunchAgents");
  return listed(search, folder).flatMap(({ name }) => {
    if (!name.endsWith(".plist")) return [];
    const file = join(folder, name);
    const text = textOf(search, file);
    if (text === undefined || !text.includes("gitwatch")) return [];
    const place = shortPath(file, search.means.home);
    const given = programArguments(text);
    if (given === undefined) {
      search.leftOut.add(
        "files of launchd that are not in XML (`plutil -convert xml1 FILE` makes them so)",
        place,
      );
      return [];
    }
    const words = given.map((one) => ({ text: one, isUnknown: false }));
    return behindProgram(words).map((found) => ({
      words: found,
      place,
      stop: `launchctl unload ${quoted(file)}, then move that file away`,
    }));
  });
}

function ofAutostart(search: Search): readonly GitwatchCommand[] {
  const folder = join(xdgFolder(search.means, "config"), "autostart");
  return listed(search, folder).flatMap(({ name }) => {
    if (!name.endsWith(".desktop")) return [];
    const line = /^Exec\s*=\s*(.*)$/m.exec(textOf(search, join(folder, name)) ?? "")?.[1] ?? "";
    const place = shortPath(join(folder, name), search.means.home);
    return commandsIn(line, search.variables).map((words) => ({ words, place, stop: `move ${place} away` }));
  });
}

function ofShellFile(search: Search, file: string): readonly GitwatchCommand[] {
  const lines = (textOf(search, file) ?? "").split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (!line.includes("gitwatch")) return [];
    const place = `${shortPath(file, search.means.home)}:${index + 1}`;
    return commandsIn(withContinuation(lines, index), search.variables).map((words) => ({
      words,
      place,
      stop: `take it out of ${place}, and end the gitwatch that runs`,
    }));
  });
}

/** A line that ends with `\` goes on in the next. */
function withContinuation(lines: readonly string[], first: number): string {
  let text = lines[first] ?? "";
  for (let next = first + 1; text.endsWith("\\") && next < lines.length; next++)
    text = `${text.slice(0, -1)} ${lines[next] ?? ""}`;
  return text;
}

function commandsIn(line: string, variables: Variables): readonly (readonly Word[])[] {
  if (!line.includes("gitwatch")) return [];
  return readCommands(line, variables).flatMap((words) => {
    const found = behindProgram(words);
    if (found.length > 0) return found;
    // `sh -c "gitwatch …"`
    return words.flatMap(({ text }) =>
      /\s/.test(text) && text.includes("gitwatch")
        ? readCommands(text, variables).flatMap(behindProgram)
        : [],
    );
  });
}

/** What stands behind the program; a word that only names it (an alias, a comment) has nothing behind it. */
function behindProgram(words: readonly Word[]): readonly (readonly Word[])[] {
  const at = words.findIndex(({ text }) => /(?:^|\/)gitwatch(?:\.sh)?$/.test(text));
  return at < 0 || at === words.length - 1 ? [] : [words.slice(at + 1)];
}

/** As one word of a shell's command line. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function listed({ means, leftOut }: Search, folder: string): readonly FolderEntry[] {
  return readable(leftOut, () => means.files.list(folder)) ?? [];
}

function textOf({ means, leftOut }: Search, file: string): string | undefined {
  return readable(leftOut, () => means.files.text(file));
}

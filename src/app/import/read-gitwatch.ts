import { isAbsolute, resolve } from "node:path";

import { redactUrl } from "../../base/redact-url.ts";
import type { Git } from "../../git/git.ts";
import { shortRef } from "../../git/model.ts";
import { shortPath } from "../user-path.ts";
import { findGitwatchCommands, type GitwatchCommand } from "./gitwatch-commands.ts";
import { type GitwatchOptions, readGitwatchOptions } from "./gitwatch-options.ts";
import type { Findings, ImportMeans, Remark, WantedRepository } from "./import.ts";
import { LeftOut } from "./left-out.ts";
import { notSetUp } from "./not-set-up.ts";

const OTHER_OPTIONS: Readonly<Record<string, string>> = {
  "-d": "formats of the date (-d): lull's {date} is as 2026-03-01 14:05",
  "-l": "changed lines as the commit's message (-l, -L): the message has the files, {summary} or {files}; `lull diff` and git have the lines",
  "-x": "patterns of files that are not watched (-x): put what is not to be committed into .gitignore",
  "-e": "events of inotify (-e): lull looks for every change",
};

/** @throws LullError `NOTHING_TO_IMPORT` */
export async function readGitwatch(means: ImportMeans, git: Git, signal: AbortSignal): Promise<Findings> {
  const leftOut = new LeftOut();
  const commands = await findGitwatchCommands(means, leftOut, signal);
  if (commands.length === 0) {
    throw notSetUp(
      "gitwatch",
      ["the units of systemd", "crontab", "LaunchAgents", "autostart", "the start files of shells"],
      means.home,
    );
  }
  const repositories = new Map<string, WantedRepository>();
  const steps: Remark[] = [];
  for (const command of commands) {
    steps.push({ text: command.stop, names: [] });
    const wanted = repositoryOf({ means, git, leftOut }, command);
    if (wanted === undefined) continue;
    if (repositories.has(wanted.directory)) leftOut.add("folders that are watched twice", command.place);
    else repositories.set(wanted.directory, wanted);
  }
  return {
    found: commands.map(({ place }) => `a command of gitwatch: ${place}`),
    settings: undefined,
    repositories: [...repositories.values()],
    apps: [],
    leftOut: leftOut.remarks(),
    steps: [
      { text: "end gitwatch before the first sync, or both commit the same changes:", names: [] },
      ...steps,
    ],
    foreignRemotes: [],
  };
}

type Parts = { readonly means: ImportMeans; readonly git: Git; readonly leftOut: LeftOut };

function repositoryOf(parts: Parts, { words, place }: GitwatchCommand): WantedRepository | undefined {
  const { means, leftOut } = parts;
  const read = readGitwatchOptions(words);
  if (read.kind === "refused") {
    leftOut.add(`${place}: ${read.reason}; add the folder by hand (\`lull add FOLDER\`)`);
    return undefined;
  }
  const { options } = read;
  const directory = resolve(means.home, options.target);
  const problem = folderProblem(parts, directory, options);
  if (problem !== undefined) {
    leftOut.add(`${shortPath(directory, means.home)} (${place}): ${problem}`);
    return undefined;
  }
  for (const option of options.others) {
    leftOut.add(
      OTHER_OPTIONS[option.replace("-L", "-l")] ?? `the option ${option}, which lull does not know`,
      place,
    );
  }
  return { directory, entry: entryOf(parts, directory, { options, place }) };
}

function folderProblem(
  { means, git }: Parts,
  directory: string,
  { gitDirectory }: GitwatchOptions,
): string | undefined {
  const kind = means.files.kindBehind(directory);
  if (kind === undefined) return "it is not there";
  if (kind !== "folder") return "it is a single file; lull syncs whole folders";
  if (gitDirectory !== undefined && resolve(directory, gitDirectory) !== resolve(directory, ".git"))
    return `its repository lies elsewhere (-g ${gitDirectory}), and lull looks for it in the folder`;
  const state = git.inspect(directory);
  if (state.kind === "unsupported") return state.feature;
  if (state.kind === "not-a-repository") return state.reason ?? "it is no git repository";
  return undefined;
}

type Given = { readonly options: GitwatchOptions; readonly place: string };

function entryOf(parts: Parts, directory: string, { options, place }: Given): WantedRepository["entry"] {
  const { quietSeconds, message, pulls } = options;
  const remote = remoteOf(parts, directory, { options, place });
  noteBranch(parts, directory, { options, place });
  return {
    ...(remote === undefined ? {} : { remote }),
    // Without -R gitwatch takes nothing in.
    ...(remote === undefined || pulls ? {} : { direction: "push" }),
    watch: { quiet: `${quietSeconds}s` },
    ...messageOf(parts, message, place),
  };
}

/** What gitwatch pushes to: an address, a path, or the name of one of the repository's remotes. */
function remoteOf({ git, leftOut }: Parts, directory: string, { options, place }: Given): string | undefined {
  const { remote } = options;
  if (remote === undefined) return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\/|^[^/]+:/i.test(remote)) return redactUrl(remote);
  if (remote.includes("/")) return isAbsolute(remote) ? remote : resolve(directory, remote);
  const repository = git.open(directory);
  try {
    const found = repository.remotes().find(({ name }) => name === remote);
    if (found !== undefined) return redactUrl(found.url);
  } finally {
    repository.close();
  }
  leftOut.add(`the remote "${remote}", which the repository does not have; name one with \`remote\``, place);
  return undefined;
}

/** lull pushes a branch under its own name. */
function noteBranch({ git, leftOut }: Parts, directory: string, { options, place }: Given): void {
  const state = git.inspect(directory);
  if (options.branch === undefined || state.kind !== "ready") return;
  const current = shortRef(state.head.branch);
  if (current === options.branch) return;
  leftOut.add(
    `pushing ${current} as ${options.branch} (-b): lull sends a branch under its own name; rename it, or check ${options.branch} out`,
    place,
  );
}

function messageOf(
  { leftOut }: Parts,
  message: string | undefined,
  place: string,
): { readonly message?: string } {
  if (message === undefined || message.trim() === "") return {};
  if (/\{\w+\}/.test(message)) {
    leftOut.add("messages with words in braces, which lull would take for its own placeholders", place);
    return {};
  }
  return { message: message.replaceAll("%d", "{date}") };
}

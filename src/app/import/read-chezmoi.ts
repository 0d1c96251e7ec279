import { join, sep } from "node:path";

import { redactUrl } from "../../base/redact-url.ts";
import type { Git } from "../../git/git.ts";
import { shortPath } from "../user-path.ts";
import { type ChezmoiSettings, readChezmoiSettings } from "./chezmoi-settings.ts";
import { readChezmoiSource, type Target } from "./chezmoi-source.ts";
import { pathInConfig } from "./home-path.ts";
import type { Findings, ImportMeans, Remark } from "./import.ts";
import { LeftOut } from "./left-out.ts";
import { notSetUp } from "./not-set-up.ts";

/**
 * @param options.withFolder whether chezmoi's own folder is to be kept in sync as well
 * @throws LullError `NOTHING_TO_IMPORT`, `IMPORT_UNREADABLE`
 */
export function readChezmoi(
  means: ImportMeans,
  { git, withFolder }: { readonly git: Git; readonly withFolder: boolean },
): Findings {
  const settings = readChezmoiSettings(means);
  const { workingTree, sourceRoot, destination } = settings;
  if (means.files.kindBehind(sourceRoot) !== "folder") {
    throw notSetUp(
      "chezmoi",
      [sourceRoot, ...(settings.file === undefined ? [] : [settings.file])],
      means.home,
    );
  }
  const leftOut = new LeftOut();
  const place = { root: sourceRoot, encryptedSuffix: settings.encryptedSuffix };
  const targets = readChezmoiSource(means, place, leftOut);
  const remotes = remotesOf(git, workingTree);
  const wantsFolder = withFolder && folderIsFit(git, workingTree, leftOut);
  return {
    found: [
      `chezmoi's source folder: ${shortPath(sourceRoot, means.home)}${countsOf(targets)}`,
      ...remotes.map((url) => `its remote: ${redactUrl(url)}`),
    ],
    settings: {
      apps: [],
      files: targets.map(({ path, encrypted }) => ({
        path: pathInConfig(destination, path, means.home),
        encrypt: encrypted,
      })),
    },
    repositories: wantsFolder ? [folderSource(workingTree, remotes)] : [],
    apps: [],
    leftOut: leftOut.remarks(),
    steps: stepsOf(means, settings, { targets, wantsFolder }),
    foreignRemotes: remotes,
  };
}

function countsOf(targets: readonly Target[]): string {
  const encrypted = targets.filter((target) => target.encrypted).length;
  return ` (files to take over: ${targets.length}${encrypted === 0 ? "" : `, encrypted among them: ${encrypted}`})`;
}

function remotesOf(git: Git, directory: string): readonly string[] {
  const state = git.inspect(directory);
  if (state.kind !== "ready" && state.kind !== "busy") return [];
  const repository = git.open(directory);
  try {
    return repository.remotes().map(({ url }) => url);
  } finally {
    repository.close();
  }
}

function folderIsFit(git: Git, directory: string, leftOut: LeftOut): boolean {
  const state = git.inspect(directory);
  if (state.kind === "ready" || state.kind === "busy") return true;
  leftOut.add(
    `chezmoi's own folder: ${state.kind === "unsupported" ? state.feature : "it is no git repository"}`,
    directory,
  );
  return false;
}

function folderSource(directory: string, remotes: readonly string[]): Findings["repositories"][number] {
  const [remote] = remotes;
  return { directory, entry: remote === undefined ? {} : { remote: redactUrl(remote) } };
}

function stepsOf(
  means: ImportMeans,
  { workingTree, destination, commitsByItself }: ChezmoiSettings,
  { targets, wantsFolder }: { readonly targets: readonly Target[]; readonly wantsFolder: boolean },
): readonly Remark[] {
  const linked = targets.filter(({ path }) => {
    const target = means.files.linkTarget(join(destination, path));
    return target?.startsWith(workingTree + sep) === true;
  });
  return [
    ...(linked.length === 0
      ? []
      : [
          {
            text: 'before the first sync, turn links into chezmoi\'s folder back into files (`mode = "file"` in its settings, then `chezmoi apply`): lull keeps copies, and of a link it would keep only where it leads',
            names: linked.map(({ path }) => pathInConfig(destination, path, means.home)),
          },
        ]),
    ...(commitsByItself && wantsFolder
      ? [
          {
            text: "switch `git.autoCommit` and `git.autoPush` of chezmoi off: lull commits and pushes its folder now",
            names: [],
          },
        ]
      : []),
    {
      text: "from now on edit files in your home, and leave `chezmoi apply` and `chezmoi update` alone for the files above: they would put chezmoi's older versions back",
      names: [],
    },
  ];
}

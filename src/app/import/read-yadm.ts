import { join, resolve } from "node:path";

import { redactUrl } from "../../base/redact-url.ts";
import type { BareContent, Git } from "../../git/git.ts";
import { MODE } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import { shortPath } from "../user-path.ts";
import { pathInConfig, pathProblem } from "./home-path.ts";
import type { Findings, ImportMeans, Remark, WantedFile } from "./import.ts";
import { LeftOut } from "./left-out.ts";
import { notSetUp } from "./not-set-up.ts";
import { readable } from "./readable.ts";
import { xdgFolder } from "./xdg-folder.ts";
import { encryptedByFilter, readEncryptPatterns, readYadmPath } from "./yadm-paths.ts";

const ALTERNATES =
  "alternates: yadm links one of several versions to the name; lull keeps one file under the name, or one for each system or device where `variants: { os: […], device: […] }` names it. Turn the link into a file (copy the version that it leads to), then add it to `files` and to `variants`";
const TEMPLATES =
  "templates: lull has no template language. What yadm made of them stays in your home as it is; add such a file to `files`, with `encrypt: true` when it holds a secret";
const OWN = "yadm's own settings and its archive: nothing but yadm reads them";
const SCRIPTS = "bootstrap and hooks: lull runs no scripts; keep them where you run them from";
const REPOSITORIES = "repositories inside: each can be a source of its own (`lull add FOLDER`)";
const EXCEPTIONS =
  "exceptions of yadm's encrypt file: these files are kept encrypted as well, which is the safe side; use `exclude` to leave them out altogether";

/** @throws LullError `NOTHING_TO_IMPORT`, and what the engine has to say of the repository */
export async function readYadm(means: ImportMeans, git: Git): Promise<Findings> {
  const places = repositoryPlaces(means);
  const repository = places.find((place) => means.files.kindBehind(place) === "folder");
  if (repository === undefined) throw notSetUp("yadm", places, means.home);
  const content = await git.readBare(repository);
  const root = content.workTree === undefined ? means.home : resolve(repository, content.workTree);
  const leftOut = new LeftOut();
  const encrypted = encryptedFiles(means, root, leftOut);
  const tracked = trackedFiles(means, { content, root, encrypted }, leftOut);
  const remotes = content.remotes.map(({ url }) => url);
  const short = (path: string): string => pathInConfig(root, path, means.home);
  const files: readonly WantedFile[] = [
    ...tracked.map(({ path, encrypt }) => ({ path: short(path), encrypt })),
    ...encrypted.map((pattern) => ({ path: short(pattern), encrypt: true })),
  ];
  return {
    found: [
      `yadm's repository: ${shortPath(repository, means.home)} (${content.files.length} files)`,
      ...remotes.map((url) => `its remote: ${redactUrl(url)}`),
    ],
    settings: { apps: [], files },
    repositories: [],
    apps: [],
    leftOut: leftOut.remarks(),
    steps: STEPS,
    foreignRemotes: remotes,
  };
}

const STEPS: readonly Remark[] = [
  {
    text: "from now on leave `yadm checkout`, `yadm pull`, `yadm alt` and `yadm decrypt` alone for the files above: they would put yadm's older versions back. Its repository stays as it is",
    names: [],
  },
];

/** Where yadm keeps it, the newest place first. */
function repositoryPlaces(means: ImportMeans): readonly string[] {
  return [
    join(xdgFolder(means, "data"), "yadm/repo.git"),
    join(xdgFolder(means, "config"), "yadm/repo.git"),
    join(means.home, ".yadm/repo.git"),
  ];
}

/** Patterns, relative to the home, of what yadm keeps in its archive. */
function encryptedFiles(means: ImportMeans, root: string, leftOut: LeftOut): readonly string[] {
  const places = [join(xdgFolder(means, "config"), "yadm/encrypt"), join(root, ".yadm/encrypt")];
  const text = places
    .map((place) => readable(leftOut, () => means.files.text(place)))
    .find((one) => one !== undefined);
  const { patterns, exceptions } = readEncryptPatterns(text ?? "");
  for (const exception of exceptions) leftOut.add(EXCEPTIONS, exception);
  return [...new Set(patterns)].filter((pattern) => {
    const problem = pathProblem(pattern, true);
    if (problem !== undefined) leftOut.addPath(problem, pattern);
    return problem === undefined;
  });
}

type Tracked = {
  readonly content: BareContent;
  readonly root: string;
  /** Patterns of what is taken encrypted anyway. */
  readonly encrypted: readonly string[];
};

function trackedFiles(
  means: ImportMeans,
  { content, root, encrypted }: Tracked,
  leftOut: LeftOut,
): readonly WantedFile[] {
  const taken = globs(encrypted);
  const attributes = readable(leftOut, () => means.files.text(join(root, ".gitattributes"))) ?? "";
  const byFilter = globs(encryptedByFilter(attributes));
  return content.files.flatMap(({ path: bytes, mode }) => {
    const path = displayPath(bytes);
    const read = readYadmPath(path);
    const problem = pathProblem(path);
    if (mode === MODE.submodule) leftOut.add(REPOSITORIES, path);
    else if (read.kind === "alternate") leftOut.add(ALTERNATES, read.target);
    else if (read.kind === "template") leftOut.add(TEMPLATES, read.target);
    else if (read.kind === "own") leftOut.add(OWN);
    else if (read.kind === "script") leftOut.add(SCRIPTS, path);
    else if (problem !== undefined) leftOut.addPath(problem, path);
    else if (!taken(path)) return [{ path, encrypt: byFilter(path) }];
    return [];
  });
}

function globs(patterns: readonly string[]): (path: string) => boolean {
  const all = patterns.map((pattern) => new Bun.Glob(pattern));
  return (path) => all.some((glob) => glob.match(path));
}

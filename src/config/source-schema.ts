/** One source: a folder or a set of files, where it is pushed to, and how. */
import * as v from "valibot";

import { behaviour } from "./behaviour-schemas.ts";
import { transport } from "./transport-schema.ts";
import {
  described,
  flag,
  folder,
  group,
  remoteName,
  remoteUrl,
  secretFile,
  text,
  variableName,
  wholeNumber,
} from "./value-schemas.ts";

const remotes = v.union([
  // The list first: the library takes one for a record with the names "0", "1", …
  v.pipe(
    v.array(
      v.union([
        remoteUrl,
        v.strictObject({
          name: described(remoteName, "The remote's name in the repository"),
          url: described(remoteUrl, "Its address"),
        }),
      ]),
    ),
    v.check((list) => {
      const names = namedRemotes(list).map(({ name }) => name);
      return new Set(names).size === names.length;
    }, "names two remotes alike"),
  ),
  v.record(remoteName, remoteUrl),
]);

type RemoteList = readonly (string | { readonly name: string; readonly url: string })[];

/** In a list without names the first is `origin`, as in git; the others count on. */
export function namedRemotes(list: RemoteList): readonly { readonly name: string; readonly url: string }[] {
  return list.map((entry, index) =>
    typeof entry === "string" ? { name: index === 0 ? "origin" : `remote-${index + 1}`, url: entry } : entry,
  );
}

const credential = v.pipe(
  v.strictObject({
    env: v.optional(described(variableName, "An environment variable that holds it")),
    command: v.optional(
      described(
        v.pipe(v.array(text), v.nonEmpty("names no program")),
        "A program and its arguments that print it, as a list; no shell is in between",
      ),
    ),
    file: v.optional(secretFile),
  }),
  v.check(
    ({ env, command, file }) => [env, command, file].filter((given) => given !== undefined).length === 1,
    "needs exactly one of `env`, `command` and `file`",
  ),
);

const entries = {
  repo: v.optional(described(folder, "A folder that is a git repository; `lull add` makes it one")),
  settings: v.optional(
    described(
      group({
        directory: v.optional(
          described(folder, "Where the managed repository lies; default: in the data folder"),
        ),
      }),
      "Files gathered from the home folder into a repository that lull manages",
    ),
  ),
  discover: v.optional(described(folder, "A folder; every git repository below it becomes a source")),
  enabled: v.optional(flag("Whether it is synced unless it is named")),
  remote: v.optional(
    described(remoteUrl, "Where to push to and pull from: https://…, git@host:path, or an absolute path"),
  ),
  remotes: v.optional(described(remotes, "Several remotes, by name or as a list; the first is the main one")),
  credential: v.optional(
    described(
      credential,
      "Where the token or user:password of the main remote is; default: environment, keychain, git's helpers, netrc",
    ),
  ),
  ...behaviour,
  transport: v.optional(
    described(transport, "How this source's remotes are reached; what is left out is as for all of them"),
  ),
  direction: v.optional(
    described(
      v.picklist(["push", "pull", "both"]),
      "Whether changes go to the remote, come from it, or both",
    ),
  ),
  auto_commit: v.optional(
    flag("Whether changed files are committed; if not, only commits of your own are synced"),
  ),
  sync_deletions: v.optional(
    flag(
      "Whether a file that another device deleted goes here too; if not, it stays, and comes back there with the next sync",
    ),
  ),
  squash: v.optional(flag("Whether lull's own commits become one before they are pushed")),
  hooks: v.optional(flag("Whether the repository's own hooks are run")),
  branches: v.optional(
    described(
      v.array(text),
      "Branches to sync, by name or pattern (`auto/*`, `!wip/**`), also those that are not checked out; default: the one that is",
    ),
  ),
  depth: v.optional(wholeNumber([1, 20], "How many folders deep repositories are looked for")),
  mode: v.optional(
    described(
      v.picklist(["backup", "two-way"]),
      "backup: this machine writes, restores on demand; two-way: both",
    ),
  ),
  apps: v.optional(
    described(
      v.array(
        v.union([
          text,
          v.strictObject({
            name: described(text, "Its name in the catalogue"),
            encrypt: v.optional(flag("Whether all of its files are stored encrypted")),
          }),
        ]),
      ),
      "Apps whose settings are gathered, by their names in the catalogue (`lull apps list`)",
    ),
  ),
  files: v.optional(
    described(
      v.array(
        v.union([
          text,
          v.strictObject({
            path: described(text, "A path or glob"),
            encrypt: v.optional(flag("Whether it is stored encrypted")),
          }),
        ]),
      ),
      "Further files by path or glob",
    ),
  ),
  exclude: v.optional(described(v.array(text), "Globs of what is left out")),
  variants: v.optional(
    described(
      v.strictObject({
        os: v.optional(described(v.array(text), "Of which Linux, macOS and Windows each have their own")),
        device: v.optional(described(v.array(text), "Of which each device has its own")),
      }),
      "Apps, paths or globs in the home that are not the same everywhere",
    ),
  ),
};

const KINDS = ["repo", "settings", "discover"] as const;

/** Keys that only some kinds have; all others serve every kind. */
const KEYS_OF_KINDS: Readonly<Record<string, readonly (typeof KINDS)[number][]>> = {
  branches: ["repo", "discover"],
  depth: ["discover"],
  mode: ["settings"],
  apps: ["settings"],
  files: ["settings"],
  exclude: ["settings"],
  variants: ["settings"],
};

export const source = v.pipe(
  v.strictObject(entries),
  v.check(
    (given) => KINDS.filter((kind) => given[kind] !== undefined).length === 1,
    "needs exactly one of `repo`, `settings` and `discover`",
  ),
  v.check(
    ({ remote, remotes: several }) => remote === undefined || several === undefined,
    "has both `remote` and `remotes`; keep one",
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const given: Readonly<Record<string, unknown>> = dataset.value;
    const [kind, ...others] = KINDS.filter((name) => given[name] !== undefined);
    if (kind === undefined || others.length > 0) return;
    for (const [key, value] of Object.entries(given)) {
      const kinds = KEYS_OF_KINDS[key];
      if (kinds === undefined || kinds.includes(kind)) continue;
      addIssue({
        message: `has no meaning for a ${kind} source, only for ${kinds.join(" and ")}`,
        path: [{ type: "object", origin: "key", input: given, key, value }],
      });
    }
  }),
);

/** What may name a source: it becomes part of file names and of command lines. */
const SOURCE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

export const sources = v.record(
  v.pipe(
    v.string(),
    v.regex(SOURCE_NAME, "is no name for a source: letters, digits, `.`, `_` and `-`, at most 64"),
  ),
  source,
);

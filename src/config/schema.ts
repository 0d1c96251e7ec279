/** The whole config file. Unknown keys are mistakes; every key has a default, so every key is optional. */
import * as v from "valibot";

import {
  byteRate,
  conflicts,
  duration,
  flag,
  messageTemplate,
  schedule,
  text,
  watch,
  when,
} from "./value-schemas.ts";

const remoteUrl = v.pipe(
  text,
  v.description("Where to push to and pull from: https://…, git@host:path, or a folder"),
);

const behaviour = {
  schedule: v.optional(schedule),
  watch: v.optional(watch),
  when: v.optional(when),
  conflicts: v.optional(conflicts),
  message: v.optional(messageTemplate),
};

const source = v.pipe(
  v.strictObject({
    repo: v.optional(v.pipe(text, v.description("A folder that is (or becomes) a git repository"))),
    settings: v.optional(v.strictObject({ directory: v.optional(text) })),
    discover: v.optional(
      v.pipe(text, v.description("A folder; every git repository below it becomes a source")),
    ),
    enabled: v.optional(flag),
    remote: v.optional(remoteUrl),
    remotes: v.optional(
      v.pipe(
        v.record(v.string(), remoteUrl),
        v.description("Several remotes by name; the first is the main one"),
      ),
    ),
    ...behaviour,
    depth: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(20))),
    branches: v.optional(v.array(text)),
    apps: v.optional(v.array(text)),
    files: v.optional(v.array(v.union([text, v.strictObject({ path: text, encrypt: v.optional(flag) })]))),
    exclude: v.optional(v.array(text)),
  }),
  v.check(
    ({ repo, settings, discover }) =>
      [repo, settings, discover].filter((kind) => kind !== undefined).length === 1,
    "needs exactly one of `repo`, `settings` and `discover`",
  ),
  v.check(
    ({ remote, remotes }) => remote === undefined || remotes === undefined,
    "has both `remote` and `remotes`; keep one",
  ),
);

/** What may name a source: it becomes part of file names and of command lines. */
const SOURCE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

const sources = v.record(
  v.pipe(
    v.string(),
    v.regex(SOURCE_NAME, "is no name for a source: letters, digits, `.`, `_` and `-`, at most 64"),
  ),
  source,
);

const secretFile = v.pipe(text, v.description("A file that holds the secret, mode 0600"));

const notify = v.strictObject({
  level: v.optional(v.picklist(["none", "errors", "problems", "all"])),
  desktop: v.optional(flag),
  email: v.optional(
    v.strictObject({
      host: text,
      port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
      user: v.optional(text),
      password_file: v.optional(secretFile),
      from: v.optional(text),
      to: v.union([text, v.array(text)]),
    }),
  ),
  webhooks: v.optional(
    v.array(
      v.strictObject({
        url: v.pipe(text, v.url("is no URL")),
        format: v.optional(v.picklist(["json", "ntfy", "slack", "discord"])),
        secret_file: v.optional(secretFile),
      }),
    ),
  ),
  heartbeat: v.optional(v.pipe(text, v.url("is no URL"))),
});

const daemon = v.strictObject({
  concurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
  api: v.optional(
    v.strictObject({
      enabled: v.optional(flag),
      port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
    }),
  ),
  bandwidth: v.optional(v.strictObject({ upload: v.optional(byteRate), download: v.optional(byteRate) })),
  retention: v.optional(v.strictObject({ history: v.optional(duration), savepoints: v.optional(duration) })),
});

export const configSchema = v.strictObject({
  version: v.optional(v.literal(1, "is not known to this lull; it reads version 1")),
  device: v.optional(v.pipe(text, v.description("This machine's name; default: the host name"))),
  defaults: v.optional(v.strictObject(behaviour)),
  sources: v.optional(v.nullable(sources)),
  notify: v.optional(notify),
  daemon: v.optional(daemon),
  transport: v.optional(v.strictObject({ ssh: v.optional(v.picklist(["auto", "system", "builtin"])) })),
});

export type ConfigFile = v.InferOutput<typeof configSchema>;
export type SourceFile = v.InferOutput<typeof source>;

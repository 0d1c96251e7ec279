import type { ConflictRule } from "./config.ts";
import type { ConfigFile } from "./schema.ts";

/** What holds where the file says nothing, in the file's own words and places. */
export const DEFAULTS = {
  version: 1,
  behaviour: {
    schedule: "every 6h",
    watch: false,
    conflicts: "keep-both",
    message: "{summary} ({device})",
    sign: "auto",
  },
  source: {
    enabled: true,
    direction: "both",
    auto_commit: true,
    sync_deletions: true,
    squash: false,
    hooks: false,
  },
  /** Beyond these by the source's kind. */
  kinds: { repo: {}, settings: { mode: "backup" }, discover: { depth: 3 } },
  /** Of an entry of `files`. */
  file: { encrypt: false },
  schedule: { jitter: "0s", catch_up: true },
  /** An editor's burst of writes is over after `quiet`. */
  watch: { quiet: "5s", max_wait: "60s" },
  /**
   * A server without a desktop can not tell whether it is used, a Mac not whether its network is metered: to wait for
   * an answer that never comes would be not to sync, without an error, for years.
   */
  when: { unknown: "go" },
  /**
   * A clean-up by hand rarely takes a third of the files, an emptied folder takes all. Hosts refuse files of 100 MB and
   * more, and with them the whole push.
   */
  guards: {
    deletions: { percent: 30, files: 50 },
    changes: { percent: 80, files: 20 },
    file_size: "95MB",
    secrets: true,
    names: "warn",
  },
  notify: { level: "problems", desktop: true },
  /** TLS from the first byte, RFC 8314. */
  email: { port: 465 },
  webhook: { format: "json" },
  daemon: {
    concurrency: 3,
    /** More at once, and hosts begin to refuse. */
    per_host: 2,
    deadline: "2h",
    memory: "1GB",
    log_level: "info",
    api: { enabled: true, port: 7420 },
    retention: { history: "90d", savepoints: "30d" },
  },
  transport: { ssh: "auto", proxy: "auto" },
} as const;

/** What holds for a path that no rule of the person's matches. */
export const LAST_RULE: ConflictRule = { glob: "**", strategy: DEFAULTS.behaviour.conflicts };

/**
 * What holds at a path where the file says nothing: of a source what `defaults` says, else the program's own.
 * Undefined: nothing does.
 */
export function defaultAt(file: ConfigFile, device: string, path: readonly string[]): unknown {
  let value: unknown = everyDefault(file, device);
  for (const key of path) {
    const known = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    value = known ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return value;
}

function everyDefault(file: ConfigFile, device: string): Readonly<Record<string, unknown>> {
  const behaviour = { ...DEFAULTS.behaviour, ...file.defaults };
  const sources = Object.entries(file.sources ?? {}).map(([name, source]) => {
    const kind = source.repo !== undefined ? "repo" : source.discover !== undefined ? "discover" : "settings";
    const entry = {
      ...behaviour,
      ...DEFAULTS.source,
      ...DEFAULTS.kinds[kind],
      schedule: inside(source.schedule, DEFAULTS.schedule, behaviour.schedule),
      watch: inside(source.watch, DEFAULTS.watch, behaviour.watch),
      // Each condition is inherited by itself.
      when: { ...DEFAULTS.when, ...file.defaults?.when },
      transport: { ...DEFAULTS.transport, ...file.transport },
      guards: { ...DEFAULTS.guards, ...file.defaults?.guards },
    };
    return [name, entry] as const;
  });
  return {
    version: DEFAULTS.version,
    device,
    defaults: {
      ...DEFAULTS.behaviour,
      schedule: inside(file.defaults?.schedule, DEFAULTS.schedule, DEFAULTS.behaviour.schedule),
      watch: inside(file.defaults?.watch, DEFAULTS.watch, DEFAULTS.behaviour.watch),
      when: DEFAULTS.when,
      guards: DEFAULTS.guards,
    },
    sources: Object.fromEntries(sources),
    notify: { ...DEFAULTS.notify, email: DEFAULTS.email },
    daemon: DEFAULTS.daemon,
    transport: DEFAULTS.transport,
  };
}

/** A group that the file gives lacks single keys only; where it gives none, the inherited value holds whole. */
function inside(given: unknown, keys: unknown, inherited: unknown): unknown {
  return typeof given === "object" && given !== null && !Array.isArray(given) ? keys : inherited;
}

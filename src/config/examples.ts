/** What to write at a key, for who wrote something of another kind there, or wrote the key at another place. */
import { parseDuration } from "../base/duration.ts";
import { behaviour } from "./behaviour-schemas.ts";
import type { Advice } from "./schema-findings.ts";

/** YAML 1.1 took them for truths; 1.2, which this file is in, takes them for texts. */
const TRUTHS: Readonly<Record<string, boolean>> = {
  yes: true,
  y: true,
  on: true,
  no: false,
  n: false,
  off: false,
};

const EXAMPLES: Readonly<Record<string, string>> = {
  schedule: 'write "every 6h", "daily at 02:00", or cron in quotes: "*/30 9-18 * * 1-5"',
  watch: "write `true`, or `{ quiet: 5s }`",
  when: "write `{ network: unmetered, idle: 5m }`",
  network: "write `unmetered`, `wifi`, or the name of a Wi-Fi network",
  load: "write 0.8 for 80 % of each core",
  disk: 'write ">= 1GB"',
  memory: "write `1GB`",
  credential:
    "write `{ env: NAME }`, `{ file: ~/.config/lull/token }` or `{ command: [pass, show, git] }`; a secret itself does not belong here",
  guards: "write `{ deletions: { percent: 30, files: 50 }, file_size: 95MB }`",
  deletions: "write `{ percent: 30, files: 50 }`, or `false`",
  changes: "write `{ percent: 80, files: 20 }`, or `false`",
  file_size: "write `95MB`, or `false`",
  sign: "write `true`, `false` or `auto`",
  notify: "write `{ level: problems }`",
  daemon: "write `{ concurrency: 3 }`",
};

/** For mistakes in the config. */
export const configAdvice: Advice = { exampleFor, otherPlace };

/** Returns undefined where an example says no more than the message. */
function exampleFor(path: readonly PropertyKey[], value: unknown): string | undefined {
  const key = String(path.at(-1));
  if (typeof value === "string" && FLAGS.has(key) && Object.hasOwn(TRUTHS, value.toLowerCase()))
    return `did you mean \`${TRUTHS[value.toLowerCase()]}\`?`;
  if (key === "watch" && typeof value === "string" && parseDuration(value) !== undefined)
    return `did you mean \`{ quiet: ${value} }\`?`;
  if (typeof value === "number" && DURATIONS.has(key))
    return `write the unit with it: \`${value}s\`, \`${value}m\` or \`${value}h\``;
  return Object.hasOwn(EXAMPLES, key) ? EXAMPLES[key] : undefined;
}

const FLAGS: ReadonlySet<string> = new Set([
  "watch",
  "enabled",
  "catch_up",
  "desktop",
  "auto_commit",
  "sync_deletions",
  "squash",
  "sign",
  "hooks",
  "secrets",
  "deletions",
  "changes",
  "file_size",
]);

const DURATIONS: ReadonlySet<string> = new Set([
  "idle",
  "quiet",
  "max_wait",
  "max_defer",
  "min_gap",
  "jitter",
  "every",
  "deadline",
  "history",
  "savepoints",
]);

/** Where a key belongs that nobody knows in this group. */
function otherPlace(key: string, group: readonly PropertyKey[]): string | undefined {
  const place = group.join(".");
  if (place === "" && Object.hasOwn(behaviour, key))
    return `it belongs below \`defaults:\`, or below one source`;
  if (place === "daemon" && (key === "interval" || key === "schedule"))
    return "when sources are due is said by `defaults.schedule`";
  if (!/(?:^|\.)when$/.test(place)) return undefined;
  if (["wifi", "ssid", "online", "unmetered", "metered"].includes(key))
    return "write `network: wifi`, `network: unmetered`, or the name of a Wi-Fi network";
  if (["battery", "mains", "ac"].includes(key)) return 'write `power: mains` or `power: "battery >= 30%"`';
  return undefined;
}

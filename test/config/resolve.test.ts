/** What lull makes of the file: defaults, inheritance, absolute paths, numbers. */
import { expect, test } from "bun:test";

import type { Source } from "../../src/config/config.ts";
import { starterConfig } from "../../src/config/template.ts";
import { load } from "./problem-of.ts";

/** As in the product's description, with the places it leaves open filled in. */
const PRODUCT = `version: 1
device: work-laptop                 # default: host name
defaults:
  schedule: every 6h                # or "*/30 9-18 * * 1-5", daily at 02:00, …
  when: { network: unmetered, idle: 5m, power: "battery >= 30%", load: 0.8, max_defer: 12h }
  conflicts: keep-both              # keep-both | newest | ours | theirs | union | manual; also per glob
sources:
  dotfiles:
    repo: ~/dotfiles
    remote: git@github.com:me/dotfiles.git
    schedule: { cron: "*/30 * * * *", timezone: Europe/Rome, jitter: 2m, catch_up: true }
    watch: { quiet: 5s, max_wait: 60s }
  settings:
    settings: {}                    # the managed repository lives under $XDG_DATA_HOME/lull
    remote: https://github.com/me/settings.git
    apps: [git, zsh, vscode, starship]
    files: [ ~/.config/foo/*.toml, { path: ~/.ssh/config, encrypt: true } ]
    exclude: ["**/Cache/**", "*.log"]
  code:
    discover: ~/code
    depth: 3
    branches: [main, "auto/*"]
notify:
  level: problems
  desktop: true
  email: { host: mail.example.org, user: me, password_file: ~/.mail, to: me@example.org }
  webhooks: [{ url: "https://ntfy.sh/x", format: ntfy, secret_file: /k }, { url: "http://h/y" }]
  heartbeat: https://hc-ping.com/x
daemon: { concurrency: 3, api: { port: 7420 }, bandwidth: { upload: 1MB/s }, retention: { history: 90d, savepoints: 30d } }
`;

const DAY = 86_400_000;

function sourceOf(text: string): Source {
  const [source] = load(text).config.sources;
  if (source === undefined) throw new Error("no source");
  return source;
}

test("the product's example loads", () => {
  const { config } = load(PRODUCT);
  const [dotfiles, settings, code] = config.sources;
  expect(dotfiles).toMatchObject({
    kind: "repo",
    directory: "/home/me/dotfiles",
    remotes: [{ name: "origin", url: "git@github.com:me/dotfiles.git" }],
    schedules: [{ expression: "*/30 * * * *", timezone: "Europe/Rome", jitterMs: 120_000, catchUp: true }],
    watch: { quietMs: 5000, maxWaitMs: 60_000 },
    when: {
      network: { unmetered: true, wifi: false, ssids: [] },
      idleMs: 300_000,
      power: { mains: false, batteryPercent: 30, noPowerSaver: false },
      load: 0.8,
      maxDeferMs: DAY / 2,
    },
    conflicts: [
      { glob: "**", strategy: "keep-both" },
      { glob: "**", strategy: "keep-both" },
    ],
  });
  expect(settings).toMatchObject({
    kind: "settings",
    directory: undefined,
    mode: "backup",
    apps: ["git", "zsh", "vscode", "starship"].map((name) => ({ name, encrypt: false })),
    files: [
      { path: "~/.config/foo/*.toml", encrypt: false },
      { path: "~/.ssh/config", encrypt: true },
    ],
    exclude: ["**/Cache/**", "*.log"],
  });
  expect(code).toMatchObject({
    kind: "discover",
    directory: "/home/me/code",
    depth: 3,
    branches: ["main", "auto/*"],
  });
  expect(config.device).toBe("work-laptop");
  expect(config.notify).toEqual({
    level: "problems",
    desktop: true,
    email: {
      host: "mail.example.org",
      port: 465,
      tls: "implicit",
      user: "me",
      passwordFile: "/home/me/.mail",
      from: undefined,
      to: ["me@example.org"],
    },
    webhooks: [
      { url: "https://ntfy.sh/x", format: "ntfy", secretFile: "/k" },
      { url: "http://h/y", format: "json", secretFile: undefined },
    ],
    heartbeat: "https://hc-ping.com/x",
  });
  expect(config.daemon).toEqual({
    concurrency: 3,
    perHost: 2,
    deadlineMs: 7_200_000,
    memory: 1e9,
    logLevel: "info",
    api: { enabled: true, port: 7420 },
    bandwidth: { upload: 1_000_000, download: undefined },
    retention: { historyMs: 90 * DAY, savepointsMs: 30 * DAY },
  });
});

test("of an empty text everything is the default", () => {
  const { config, warnings } = load("");
  expect(config).toEqual({
    version: 1,
    device: "laptop",
    sources: [],
    notify: { level: "problems", desktop: true, email: undefined, webhooks: [], heartbeat: undefined },
    daemon: {
      concurrency: 3,
      perHost: 2,
      deadlineMs: 7_200_000,
      memory: 1e9,
      logLevel: "info",
      api: { enabled: true, port: 7420 },
      bandwidth: { upload: undefined, download: undefined },
      retention: { historyMs: 90 * DAY, savepointsMs: 30 * DAY },
    },
    transport: { ssh: "auto", proxy: { kind: "auto" }, ca: undefined },
    logins: [],
  });
  expect(warnings).toEqual([]);
});

test("groups that are left empty are as if they were not there", () => {
  const empty = "defaults:\nsources:\nnotify:\ndaemon:\ntransport:\n";
  expect(load(empty).config).toEqual(load("").config);
  expect(load("daemon:\n  api:\n  bandwidth:\n  retention:\ndefaults:\n  when:\n").config).toEqual(
    load("").config,
  );
  expect(sourceOf("sources:\n  s:\n    settings:\n").kind).toBe("settings");
});

test("of a source with a folder only everything is the default", () => {
  expect(sourceOf("sources: { notes: { repo: notes } }")).toEqual({
    kind: "repo",
    name: "notes",
    enabled: true,
    directory: "/home/me/notes",
    branches: [],
    schedules: [{ expression: "every 6h", timezone: undefined, jitterMs: 0, catchUp: true }],
    watch: undefined,
    when: {
      network: undefined,
      idleMs: undefined,
      power: undefined,
      load: undefined,
      quietHours: [],
      diskBytes: undefined,
      minGapMs: undefined,
      maxDeferMs: undefined,
      unknown: "go",
    },
    guards: {
      deletions: { percent: 30, files: 50 },
      changes: { percent: 80, files: 20 },
      fileSize: 95_000_000,
      secrets: true,
      names: "warn",
    },
    conflicts: [{ glob: "**", strategy: "keep-both" }],
    remotes: [],
    credential: undefined,
    message: "{summary} ({device})",
    sign: "auto",
    bandwidth: { upload: undefined, download: undefined },
    transport: { ssh: "auto", proxy: { kind: "auto" }, ca: undefined },
    direction: "both",
    autoCommit: true,
    syncDeletions: true,
    squash: false,
    hooks: false,
  });
});

test("a source goes before the defaults, of conditions and conflict rules each one by itself", () => {
  const source = sourceOf(`defaults:
  schedule: [every 2h, { at: daily at 02:00, catch_up: false }]
  watch: true
  message: "{date}"
  sign: false
  when: { network: [home, work], quiet_hours: "22:00-07:00", disk: ">= 1GB", min_gap: 1m, unknown: wait }
  conflicts: { "*.md": union }
sources:
  a:
    repo: /a/
    when: { network: online, quiet_hours: ["12:00-13:00", "22:00-07:00"] }
    conflicts: newest
    enabled: false
    direction: push
    auto_commit: false
    sync_deletions: false
    squash: true
    hooks: true
`);
  expect(source).toMatchObject({
    directory: "/a",
    enabled: false,
    schedules: [{ expression: "every 2h" }, { expression: "daily at 02:00", catchUp: false }],
    watch: { quietMs: 5000, maxWaitMs: 60_000 },
    when: {
      network: { unmetered: false, wifi: false, ssids: [] },
      quietHours: [
        { from: 720, to: 780, days: [] },
        { from: 1320, to: 420, days: [] },
      ],
      diskBytes: 1e9,
      minGapMs: 60_000,
      unknown: "wait",
    },
    conflicts: [
      { glob: "**", strategy: "newest" },
      { glob: "*.md", strategy: "union" },
      { glob: "**", strategy: "keep-both" },
    ],
    message: "{date}",
    sign: "never",
    bandwidth: { upload: undefined, download: undefined },
    transport: { ssh: "auto", proxy: { kind: "auto" }, ca: undefined },
    direction: "push",
    autoCommit: false,
    syncDeletions: false,
    squash: true,
    hooks: true,
  });
});

test("an interval as a group reads like one in a text", () => {
  const source = sourceOf("sources: { a: { repo: /a, schedule: { every: 30m }, watch: false } }");
  expect(source).toMatchObject({ schedules: [{ expression: "every 30m" }], watch: undefined });
});

test("remotes come by name, as a list, or as a list of both", () => {
  const remotes = (given: string) => sourceOf(`sources: { a: { repo: /a, ${given} } }`).remotes;
  expect(remotes("remote: ~/r")).toEqual([{ name: "origin", url: "/home/me/r" }]);
  expect(remotes('remotes: { hub: /r, usb: "~" }')).toEqual([
    { name: "hub", url: "/r" },
    { name: "usb", url: "/home/me" },
  ]);
  expect(remotes("remotes: [/r, { name: usb, url: ~/s }, /t]")).toEqual([
    { name: "origin", url: "/r" },
    { name: "usb", url: "/home/me/s" },
    { name: "remote-3", url: "/t" },
  ]);
  expect(remotes("remotes: []")).toEqual([]);
});

test("a settings source may name its folder and its mode", () => {
  expect(sourceOf("sources: { s: { settings: { directory: ~/s }, mode: two-way } }")).toMatchObject({
    directory: "/home/me/s",
    mode: "two-way",
    apps: [],
    files: [],
    exclude: [],
  });
});

test("the folder of a source may be the whole disk", () => {
  expect(sourceOf("sources: { a: { repo: / } }")).toMatchObject({ directory: "/" });
});

test("a source may be named by a number, and values may be aliases", () => {
  const { config } = load(
    "sources:\n  2024: { repo: /a, schedule: &s manual }\n  b: { repo: /b, schedule: *s }\n",
  );
  expect(config.sources.map(({ name, schedules }) => [name, schedules[0]?.expression])).toEqual([
    ["2024", "manual"],
    ["b", "manual"],
  ]);
});

test("what `lull init` writes is valid, says nothing without effect, and keeps odd device names", () => {
  for (const device of ["laptop", 'a "b": c # d', "true"]) {
    const { config, warnings } = load(starterConfig(device));
    expect(config.device).toBe(device);
    expect([config.sources, warnings]).toEqual([[], []]);
  }
});

test.each([
  ["", 465, "implicit"],
  ["port: 465", 465, "implicit"],
  ["port: 587", 587, "starttls"],
  ["port: 2525", 2525, "starttls"],
  ["tls: starttls", 587, "starttls"],
  ["tls: implicit", 465, "implicit"],
  ["port: 2465, tls: implicit", 2465, "implicit"],
])("mail with `%s` goes to port %i with TLS %s", (keys, port, tls) => {
  const { config } = load(`notify: { email: { host: h, to: x@h, ${keys} } }`);
  expect(config.notify.email).toMatchObject({ port, tls });
});

test("a source names its credential's variable, file or program, and one of them only", () => {
  const credential = (given: string) =>
    sourceOf(`sources: { a: { repo: /a, credential: ${given} } }`).credential;
  expect(credential("{ env: WORK_TOKEN }")).toEqual({ kind: "env", name: "WORK_TOKEN" });
  expect(credential("{ file: ~/token }")).toEqual({ kind: "file", path: "/home/me/token" });
  expect(credential("{ command: [pass, show, git] }")).toEqual({
    kind: "command",
    command: ["pass", "show", "git"],
  });
  expect(() => credential("{ env: A, file: /b }")).toThrow("exactly one of `env`, `command` and `file`");
  expect(() => credential("{ command: [] }")).toThrow("names no program");
  expect(() => credential('{ env: "A B" }')).toThrow("no name of an environment variable");
});

test("each limit of bandwidth is inherited by itself", () => {
  const { config } = load(`defaults: { bandwidth: { upload: 1MB/s, download: 2MB/s } }
sources:
  notes: { repo: ~/notes, bandwidth: { upload: 500 KB/s } }
  other: { repo: ~/other }
`);
  expect(config.sources.map(({ bandwidth }) => bandwidth)).toEqual([
    { upload: 500_000, download: 2_000_000 },
    { upload: 1_000_000, download: 2_000_000 },
  ]);
});

test("each setting of the transport is taken from all remotes by itself", () => {
  const { config } = load(`transport: { ssh: system }
sources:
  notes: { repo: ~/notes, transport: { ssh: builtin } }
  empty: { repo: ~/empty, transport: }
  other: { repo: ~/other }
`);
  expect(config.transport.ssh).toBe("system");
  expect(config.sources.map(({ transport }) => transport.ssh)).toEqual(["builtin", "system", "system"]);
});

test("logins are by host as it stands in a URL", () => {
  const { config } = load(`logins:
  GitHub.com: { client_id: Iv1.abc }
  "git.example.com:443": { client_id: one, service: gitlab, url: https://git.example.com/gitlab }
  "[::1]:8443": { client_id: two }
`);
  const none = { service: undefined, url: undefined };
  expect(config.logins).toEqual([
    { host: "github.com", clientId: "Iv1.abc", ...none },
    { host: "git.example.com", clientId: "one", service: "gitlab", url: "https://git.example.com/gitlab" },
    { host: "[::1]:8443", clientId: "two", ...none },
  ]);
  expect(() => load("logins: { https://git.example.com: { client_id: a } }")).toThrow("is no host");
  expect(() => load('logins: { "a:99999": { client_id: a } }')).toThrow("is no host");
  expect(() => load("logins: { github.com: { service: github } }")).toThrow("client_id` is missing");
});

test("each guard and each of its limits is inherited by itself", () => {
  const { sources } = load(`
defaults: { guards: { deletions: { percent: 50 }, changes: false, secrets: false } }
sources:
  plain: { repo: ~/a }
  own:
    repo: ~/b
    guards: { deletions: { files: 500 }, changes: { files: 3 }, file_size: 1 MiB, names: leave-out }
  open: { repo: ~/c, guards: { deletions: false, file_size: false, secrets: true } }
`).config;
  expect(sources.map(({ guards }) => guards)).toEqual([
    {
      deletions: { percent: 50, files: 50 },
      changes: undefined,
      fileSize: 95_000_000,
      secrets: false,
      names: "warn",
    },
    {
      deletions: { percent: 50, files: 500 },
      changes: { percent: 80, files: 3 },
      fileSize: 1_048_576,
      secrets: false,
      names: "leave-out",
    },
    { deletions: undefined, changes: undefined, fileSize: undefined, secrets: true, names: "warn" },
  ]);
});

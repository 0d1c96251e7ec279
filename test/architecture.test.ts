/** The rules of the house over the whole tree, and each rule over a planted breach, so that none sleeps. */
import { describe, expect, test } from "bun:test";
import { homedir, tmpdir } from "node:os";
import { dirname } from "node:path";

import {
  bareImportPaths,
  brokenEdges,
  dangerousGitCalls,
  emptyNames,
  foldersWithoutHead,
  importsOf,
  leftovers,
  longFiles,
  machinePaths,
  type AllowedImports,
  type OwnedWord,
  type ProjectFile,
  strayPackages,
  strayWords,
  unawaitedExpectations,
  untestedFolders,
} from "./helpers/architecture-rules.ts";
import { projectFiles, projectRoot } from "./helpers/project-files.ts";

/** What `sync` and `settings` know of the engine: its interface and the pure words and paths it is made of. */
const GIT_INTERFACE = ["git type", "git/model.ts", "git/paths.ts"];
/** The words of the transport that carry no connection: its types, its errors, and URLs as text. */
const TRANSPORT_INTERFACE = ["transport type", "transport/transport-error.ts", "transport/remote-url.ts"];

/** The one reader of cron expressions: what is checked with the config is what the calendar is made of. */
const SCHEDULE_WORDS = ["config/cron-fields.ts"];

/** The one reader of what is said of an app, built-in or a person's own. */
const APP_FILES = ["config/app-file.ts"];

/** Layer → what it may import, besides itself and `base`. `x type`: only types of x. A path: only this file. */
const ALLOWED: AllowedImports = {
  main: ["cli"],
  "deflate-worker": ["git/objects/deflate-ring.ts"],
  "pull-worker": [
    "git/objects/entry-feed.ts",
    "git/objects/object-store.ts",
    "git/objects/pack-file.ts",
    "git/checkout/file-orders.ts",
    "git/pull-help.ts",
  ],
  "scan-worker": [
    "git/worktree/folder-look.ts",
    "git/worktree/shared-scan.ts",
    "git/worktree/scan-partner.ts",
    "platform",
  ],
  cli: ["app", "api", "compose"],
  "cli/commands/daemon": ["app", "api", "compose", "daemon"],
  compose: [
    "app",
    "api",
    "config",
    "conditions",
    "daemon",
    "git",
    "notify",
    "platform",
    "queue",
    "schedule",
    "secrets",
    "server",
    "service",
    "settings",
    "signing",
    "store",
    "sync",
    "transport",
  ],
  daemon: [
    "app",
    "server",
    "schedule",
    "conditions",
    "queue",
    "notify",
    "config",
    "platform type",
    "store type",
    "sync type",
  ],
  server: ["app", "api", "web"],
  app: [
    "sync",
    "settings",
    "api",
    ...GIT_INTERFACE,
    ...TRANSPORT_INTERFACE,
    "config type",
    "store type",
    "queue type",
    "notify type",
    "schedule type",
    "conditions type",
    "secrets type",
    "service type",
    "platform type",
  ],
  sync: [...GIT_INTERFACE, ...TRANSPORT_INTERFACE, "secrets type", "config type"],
  settings: [...GIT_INTERFACE, "secrets type", "config type", ...APP_FILES],
  schedule: [...SCHEDULE_WORDS, "config type", "platform type", "store type"],
  conditions: ["config type", "platform type"],
  queue: ["store"],
  notify: ["config type", "platform type", "secrets type", "store type", "sync type"],
  git: ["transport"],
  web: ["api"],
  config: [],
  store: [],
  secrets: [],
  platform: [],
  service: [],
  signing: [],
  transport: [],
  api: [],
  base: [],
};

/** Package or delicate module → the folders that may import it. Every dependency needs a row. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "isomorphic-git": [],
  ssh2: ["transport"],
  "bun:sqlite": ["store"],
  "bun:ffi": ["platform"],
  croner: ["schedule"],
  citty: ["cli"],
  "@clack/prompts": ["cli"],
  consola: ["cli"],
  listr2: ["cli"],
  yaml: ["config"],
  valibot: ["config", "api"],
  "@valibot/to-json-schema": ["config", "api"],
  "node-diff3": ["git/merge"],
  ignore: ["git"],
  "age-encryption": ["secrets/age"],
  nodemailer: ["notify"],
  plist: ["settings", "service"],
  preact: ["web"],
  "@preact/signals": ["web"],
  uplot: ["web"],
  "@codemirror/merge": ["web"],
  "node:child_process": ["platform", "service", "secrets", "notify", "daemon"],
};

const TAKE_A_CLOCK = "take a Clock (src/base/clock.ts)";
const ASK_PLATFORM = "ask src/platform, the only folder that may branch on the system";

const WORDS: readonly OwnedWord[] = [
  { name: "Date.now", pattern: /\bDate\.now\b/, owners: ["base/clock.ts"], instead: TAKE_A_CLOCK },
  // The transpiler prints `new Date()` as `new Date`.
  {
    name: "new Date()",
    pattern: /\bnew Date\b(?!\s*\(\s*[^)\s])/,
    owners: ["base/clock.ts"],
    instead: TAKE_A_CLOCK,
  },
  {
    name: "a timer of the runtime",
    pattern: /\bperformance\.now\b|\bprocess\.hrtime\b|\bBun\.nanoseconds\b/,
    owners: ["base/clock.ts"],
    instead: TAKE_A_CLOCK,
  },
  {
    name: "process.platform",
    pattern: /\bprocess\.platform\b|\{[^}]*\bplatform\b[^}]*\}\s*=\s*process\b/,
    owners: ["platform"],
    instead: ASK_PLATFORM,
  },
  {
    name: "os.platform",
    pattern: /\bos\.(?:platform|type)\(|import \{[^}]*\bplatform\b[^}]*\} from "(?:node:)?os"/,
    // The version line shows the system without branching on it.
    owners: ["platform", "cli/build-info.ts"],
    instead: ASK_PLATFORM,
  },
  {
    name: "process.exit",
    pattern: /\bprocess\.exit\b(?!Code)/,
    owners: [],
    instead: "return an exit code; main.ts sets process.exitCode",
  },
  { name: "console", pattern: /\bconsole\.\w/, owners: ["cli"], instead: "take a Log (src/base/log.ts)" },
  {
    name: "Bun.spawn",
    pattern: /\bBun\.(?:spawn|spawnSync|\$)/,
    owners: ["platform", "service", "secrets", "notify", "daemon"],
    instead: "lull runs no programs, least of all git",
  },
  {
    name: "serializeCommit",
    pattern: /\bserializeCommit\b/,
    // Savepoints and records are no commits of the branch.
    owners: [
      "git/objects/commit-object.ts",
      "git/store-commit.ts",
      "git/savepoints/savepoint-commit.ts",
      "git/wire/records.ts",
    ],
    instead: "write it with `writeCommit` (src/git/store-commit.ts), which signs it where it must be signed",
  },
];

const MAX_LINES = 400;

const files = projectFiles();

describe("the tree", () => {
  test("has only the imports between layers that the table allows", () => {
    expect(brokenEdges(files, ALLOWED)).toEqual([]);
  });

  test("uses each package in its owner's folder only", () => {
    expect(strayPackages(files, OWNERS)).toEqual([]);
  });

  test("reads the clock, the system's name and the console in one place each, and never exits by itself", () => {
    expect(strayWords(files, WORDS)).toEqual([]);
  });

  test("writes the extension in every import path", () => {
    expect(bareImportPaths(files)).toEqual([]);
  });

  test(`has no file above ${MAX_LINES} lines`, () => {
    expect(longFiles(files, MAX_LINES)).toEqual([]);
  });

  test("says at the head of each folder what it owns", () => {
    expect(foldersWithoutHead(files)).toEqual([]);
  });

  test("has a test for each folder", () => {
    expect(untestedFolders(files)).toEqual([]);
  });

  test("has no folder or file with an empty name", () => {
    expect(emptyNames(files)).toEqual([]);
  });

  test("names no folder of the machine it was written on", () => {
    // A checkout right below the temporary folder says nothing: tests name `/tmp` rightly.
    const ordinary = new Set(["/", tmpdir(), "/tmp", "/home", "/Users"]);
    const machine = [projectRoot, dirname(projectRoot), homedir()].filter((folder) => !ordinary.has(folder));
    expect(machinePaths(files, machine)).toEqual([]);
  });

  test("never calls what isomorphic-git does unsafely", () => {
    expect(dangerousGitCalls(files)).toEqual([]);
  });

  test("awaits what it expects of promises", () => {
    expect(unawaitedExpectations(files)).toEqual([]);
  });

  test("carries no notes of unfinished work", () => {
    expect(leftovers(files)).toEqual([]);
  });
});

describe("the table", () => {
  test("names no layer that it does not describe", () => {
    const layers = new Set(Object.keys(ALLOWED));
    const named = Object.values(ALLOWED)
      .flat()
      .filter((entry) => !entry.endsWith(".ts"));
    expect(named.map((entry) => entry.replace(/ type$/, "")).filter((layer) => !layers.has(layer))).toEqual(
      [],
    );
  });

  test("names no file that is gone", () => {
    const paths = new Set(files.map((file) => file.path));
    const named = Object.values(ALLOWED)
      .flat()
      .filter((entry) => entry.endsWith(".ts"));
    expect(named.filter((entry) => !paths.has(`src/${entry}`))).toEqual([]);
  });
});

describe("a planted breach is found:", () => {
  test("an edge that the table does not have", () => {
    const planted = plant("src/sync/run.ts", 'import { open } from "../store/database.ts";');
    expect(brokenEdges(planted, { sync: ["config type"], store: [] })).toEqual([
      "src/sync/run.ts imports store/database.ts; sync may import: base, config type",
    ]);
  });

  test("a value where only types are allowed", () => {
    const planted = plant(
      "src/sync/run.ts",
      'import type { A } from "../config/a.ts";\nimport { type B } from "../config/b.ts";\nimport { type C, d } from "../config/c.ts";',
    );
    expect(brokenEdges(planted, { sync: ["config type"] })).toEqual([
      "src/sync/run.ts imports config/c.ts; sync may import: base, config type",
    ]);
  });

  test("a type import that the table does not have", () => {
    const planted = plant("src/base/log.ts", 'import type { Config } from "../config/config.ts";');
    expect(brokenEdges(planted, { base: [], config: [] })).toEqual([
      "src/base/log.ts imports the type of config/config.ts; base may import: base",
    ]);
  });

  test("a re-export, a dynamic import and a side-effect import", () => {
    const planted = plant(
      "src/api/a.ts",
      'export * from "../git/git.ts";\nimport "../git/x.ts";\nawait import("../git/y.ts");',
    );
    expect(brokenEdges(planted, { api: [], git: [] })).toHaveLength(3);
  });

  test("a neighbour of the one file that is allowed", () => {
    const planted = plant(
      "src/app/a.ts",
      'import { a } from "../git/paths.ts";\nimport { b } from "../git/create-git.ts";',
    );
    expect(brokenEdges(planted, { app: ["git/paths.ts"] })).toEqual([
      "src/app/a.ts imports git/create-git.ts; app may import: base, git/paths.ts",
    ]);
  });

  test("the daemon in a command that is not the daemon's", () => {
    const line = 'import { run } from "../../daemon/daemon.ts";';
    const planted = [
      ...plant("src/cli/commands/daemon.ts", line),
      ...plant("src/cli/commands/sync.ts", line),
    ];
    expect(brokenEdges(planted, ALLOWED)).toHaveLength(1);
  });

  test("a folder without a row", () => {
    expect(brokenEdges(plant("src/extras/a.ts", ""), ALLOWED)).toEqual([
      'src/extras/a.ts: the layer "extras" has no row in ALLOWED',
    ]);
  });

  test("a package outside its owner's folder, one that nobody may use, and one without an owner", () => {
    const planted = [
      ...plant("src/app/a.ts", 'import { parse } from "yaml";\nimport { readFileSync } from "node:fs";'),
      ...plant("src/git/b.ts", 'import { readTree } from "isomorphic-git";\nimport x from "left-pad/deep";'),
      ...plant("src/cli/c.ts", 'import { text } from "@clack/prompts";'),
    ];
    expect(strayPackages(planted, OWNERS)).toEqual([
      "src/app/a.ts imports yaml; only config may",
      "src/git/b.ts imports isomorphic-git; no file may",
      "src/git/b.ts imports left-pad, which has no owner in OWNERS",
    ]);
  });

  test.each([
    ["Date.now", "export const a = Date.now();"],
    ["new Date()", "export const a = new Date();"],
    ["new Date()", "export const a = new Date;"],
    ["a timer of the runtime", "export const a = performance.now();"],
    ["process.platform", 'export const a = process.platform === "win32";'],
    ["process.platform", "const { platform } = process; export const a = platform;"],
    ["os.platform", 'import os from "node:os"; export const a = os.platform();'],
    ["os.platform", 'import { platform } from "node:os"; export const a = platform();'],
    ["process.exit", "process.exit(1);"],
    ["console", 'console.error("x");'],
    ["Bun.spawn", 'Bun.spawn(["git", "status"]);'],
    ["serializeCommit", 'batch.write("commit", serializeCommit(commit));'],
  ])("%s", (name, line) => {
    expect(strayWords(plant("src/sync/a.ts", line), WORDS)).toEqual([
      expect.stringContaining(`src/sync/a.ts uses ${name};`),
    ]);
  });

  test("but neither a comment, nor a date made of a given time, nor an exit code", () => {
    const planted = plant(
      "src/sync/a.ts",
      "// Date.now() and process.exit()\nexport const a = (at: number) => new Date(at);\nprocess.exitCode = 1;",
    );
    expect(strayWords(planted, WORDS)).toEqual([]);
  });

  test("an import path without an extension, or with that of the output", () => {
    const planted = plant(
      "test/a.test.ts",
      'import { a } from "./a";\nimport { b } from "./b.js";\nimport { c } from "./c.ts";',
    );
    expect(bareImportPaths(planted)).toHaveLength(2);
  });

  test("a file that is too long", () => {
    expect(longFiles(plant("src/git/a.ts", "\n".repeat(3) + "x\n"), 3)).toEqual([
      "src/git/a.ts has 4 lines; the limit is 3: split it by concern",
    ]);
  });

  test("a folder without a head paragraph", () => {
    const head = "/** Owns the words of the engine; must not know sources, config, the store or who asks. */";
    const planted = [
      ...plant("src/git/a.ts", head),
      ...plant("src/queue/a.ts", "// short"),
      ...plant("src/queue/b.ts", "/** A. */"),
    ];
    expect(foldersWithoutHead(planted)).toEqual([
      expect.stringContaining("src/queue/ has no file that opens"),
    ]);
  });

  test("a folder without a test", () => {
    const planted = [
      ...plant("src/git/wire/a.ts", ""),
      ...plant("src/git/b.ts", ""),
      ...plant("test/git/b.test.ts", ""),
    ];
    expect(untestedFolders(planted)).toEqual(["src/git/wire/ has no test; put one into test/git/wire/"]);
  });

  test("a folder and a file with an empty name", () => {
    const planted = [...plant("src/git/utils/a.ts", ""), ...plant("src/cli/helpers.ts", "")];
    expect(emptyNames(planted)).toHaveLength(2);
  });

  test("a path of this machine, but not one that only ends alike", () => {
    const planted = [
      ...plant("a.md", "see /build/lull/src/main.ts"),
      ...plant("b.md", "see /$bunfs/build/lull/main.ts"),
    ];
    expect(machinePaths(planted, ["/build/lull"])).toEqual([
      "a.md names /build/lull/, a folder of the machine it was written on",
    ]);
  });

  test("a dangerous call of isomorphic-git", () => {
    const planted = [
      ...plant(
        "test/a.test.ts",
        'import * as git from "isomorphic-git";\nawait git.pull({});\nawait git.log({});',
      ),
      ...plant("test/b.test.ts", "stack.pull();\nmap.merge();"),
    ];
    expect(dangerousGitCalls(planted)).toEqual([
      "test/a.test.ts calls isomorphic-git's pull, which can lose data",
    ]);
  });

  test("an expectation of a promise that nobody waits for", () => {
    const planted = [
      ...plant("test/a.test.ts", "  expect(\n    f(1),\n  ).rejects.toThrow();"),
      ...plant("test/b.test.ts", "  expect(1).toBe(1);\n  await expect(f()).rejects.toThrow();"),
      ...plant("test/c.test.ts", "  return expect(f()).resolves.toBe(1);"),
    ];
    expect(unawaitedExpectations(planted)).toEqual([expect.stringContaining("test/a.test.ts has")]);
  });

  test("a note of unfinished work", () => {
    expect(leftovers(plant("src/git/a.ts", "// TODO: later"))).toHaveLength(1);
  });
});

test("imports are found over several lines, with their kind", () => {
  const text =
    'import {\n  type A,\n  b,\n} from "./a.ts";\nimport type {\n  C,\n} from "./c.ts";\nimport d, { type E } from "./d.ts";\n';
  expect(importsOf(text)).toEqual([
    { specifier: "./a.ts", typeOnly: false },
    { specifier: "./c.ts", typeOnly: true },
    { specifier: "./d.ts", typeOnly: false },
  ]);
});

function plant(path: string, text: string): readonly ProjectFile[] {
  return [{ path, text }];
}

import type { ConfigAccess, Deps } from "../../../src/app/deps.ts";
import { LullError } from "../../../src/base/errors.ts";
import type { CliIo } from "../../../src/cli/cli-io.ts";
import type { ComposeInput } from "../../../src/compose.ts";
import { listUpcoming, type UpcomingInput } from "../../../src/schedule/upcoming.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { lull, type Ran } from "../fake-io.ts";

export type World = {
  readonly sources: unknown[];
  readonly runs: unknown[];
  readonly composed: ComposeInput[];
  readonly written: string[];
  configText: string | undefined;
  warnings: string[];
};

export function world(
  changes: Partial<World> = {},
): World & { run(args: readonly string[], io?: Partial<CliIo>): Promise<Ran> } {
  const state: World = {
    sources: [],
    runs: [],
    composed: [],
    written: [],
    configText: "version: 1\n",
    warnings: [],
    ...changes,
  };
  const compose = (input: ComposeInput): Deps => {
    state.composed.push(input);
    return fakeDeps(state);
  };
  return Object.assign(state, {
    run: async (args: readonly string[], io: Partial<CliIo> = {}) =>
      lull(args, {
        cwd: "/home/me",
        clock: fakeClock("2026-03-02T12:00:00Z"),
        compose,
        env: { LANG: "C.UTF-8" },
        ...io,
      }),
  });
}

export function repoSource(name: string): unknown {
  return {
    kind: "repo",
    name,
    enabled: true,
    directory: `/home/me/${name}`,
    branches: [],
    bandwidth: {},
    schedules: [{ expression: "every 6h", jitterMs: 0, catchUp: true }],
    remotes: [{ name: "origin", url: `https://ada:secret@h/${name}.git` }],
  };
}

function fakeDeps(state: World): Deps {
  return {
    config: fakeConfig(state),
    clock: fakeClock("2026-03-02T12:00:00Z"),
    places: { dataDirectory: "/home/me/.local/share/lull", stateDirectory: "/home/me/.local/state/lull" },
    home: "/home/me",
    cwd: "/home/me",
    hostName: "laptop",
    runs: {
      list: () => state.runs,
      last: () => ({ newest: state.runs[0], newestGood: state.runs[0] }),
      record: () => 1,
    },
    schedules: { list: () => [], save: () => {} },
    upcoming: async (input: UpcomingInput) => listUpcoming(input),
    queue: { get: () => undefined },
    daemon: { ask: async () => undefined, poke: async () => {} },
    daemonProcess: { owner: () => undefined },
    conflicts: {
      mark: () => undefined,
      learn: () => {},
      list: () => [],
      countOpen: () => new Map(),
      forget: () => {},
    },
    pauses: { list: () => [], find: () => undefined, resume: () => false },
    audit: { record: () => {}, list: () => [] },
    git: {
      inspect: (directory: string) =>
        directory.endsWith("gone") ? { kind: "missing" } : { kind: "not-a-repository", reason: undefined },
    },
    locks: {
      acquire: (source: string) => {
        throw new LullError({
          kind: "locked",
          code: "SOURCE_LOCKED",
          message: `${source} is being synced by process 42`,
        });
      },
    },
  } as unknown as Deps;
}

function fakeConfig(state: World): ConfigAccess {
  const load = async () => {
    if (state.configText === undefined)
      throw new LullError({
        kind: "config",
        code: "CONFIG_MISSING",
        message: "there is no config yet",
        hint: "lull init",
      });
    return {
      config: {
        version: 1,
        device: "laptop",
        sources: state.sources.map((source) => ({ transport: {}, ...(source as object) })),
        daemon: { bandwidth: {} },
        transport: {},
        logins: [],
      } as never,
      warnings: state.warnings,
    };
  };
  return {
    file: "/home/me/.config/lull/config.yaml",
    exists: () => state.configText !== undefined,
    load,
    text: async () => state.configText ?? "",
    create: async ({ device }) => {
      state.configText = `version: 1\ndevice: ${device}\n`;
    },
    addSource: async (name, _entry, { dryRun }) => {
      if (!dryRun) state.written.push(`add ${name}`);
    },
    addSources: async (sources, { dryRun }) => {
      if (!dryRun) state.written.push(...sources.map(({ name }) => `add ${name}`));
    },
    textOfSources: async () => "",
    removeSource: async (name) => void state.written.push(`remove ${name}`),
    get: async (path) =>
      ({ device: "laptop", "sources.notes.apps": ["git"], "sources.notes.remote": undefined })[path],
    set: async (path, value, { dryRun }) => {
      if (!dryRun) state.written.push(`set ${path} ${value}`);
      return value;
    },
    editList: async (path, _edit, { dryRun }) => {
      if (!dryRun) state.written.push(`edit ${path.join(".")}`);
    },
    jsonSchema: async () => ({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" }),
  };
}

import type { ProgramResult } from "../../src/base/program.ts";
import type { FoundFile, ServiceEffects, ServiceSpec } from "../../src/service/service.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";

export type FakeSystem = ServiceEffects & {
  readonly files: Map<string, FoundFile>;
  /** Paths that are there besides the files. */
  readonly paths: Set<string>;
  /** Everything that changed or was run, in order. */
  readonly done: string[];
};

/** @param answer what a program says; undefined: it ends well and says nothing */
export function fakeSystem(
  answer: (command: string) => Partial<Extract<ProgramResult, { kind: "ended" }>> | ProgramResult | undefined,
): FakeSystem {
  const files = new Map<string, FoundFile>();
  const paths = new Set<string>();
  const done: string[] = [];
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  return {
    files,
    paths,
    done,
    run: async (command) => {
      const words = command.join(" ");
      done.push(words);
      return { kind: "ended", code: 0, stdout: "", stderr: "", ...answer(words) } as ProgramResult;
    },
    read: (file) => files.get(file) ?? { kind: "absent" },
    write: (file, text) => {
      done.push(`write ${file}`);
      files.set(file, { kind: "text", text });
    },
    remove: (file) => {
      done.push(`remove ${file}`);
      files.delete(file);
    },
    makeFolder: (folder) => void done.push(`folder ${folder}`),
    exists: (path) => files.has(path) || paths.has(path),
    timers: {
      after: (ms, run) => {
        const timer = timers.after(ms, run);
        void timers.pass(ms);
        return timer;
      },
    },
  };
}

export const SPEC: ServiceSpec = {
  command: ["/home/ada/bin/lull", "daemon", "run", "--service"],
  environment: {},
  umask: 0o022,
  user: "ada",
  stateDirectory: "/home/ada/.local/state/lull",
  notifies: "directly",
};

/** Everything that could go wrong in a file of a service. */
export const AWKWARD: ServiceSpec = {
  command: [
    String.raw`/home/ada/my "tools"/100% $HOME\lull`,
    "--config",
    "/home/ada/être & <co>/it's.yaml",
    "daemon",
    "run",
    "--service",
    "--interval",
    "15m",
  ],
  environment: { XDG_STATE_HOME: "/mnt/sta te/%h", LULL_HOME: String.raw`/mnt/$x "y" \z` },
  umask: 0o077,
  user: "ada",
  stateDirectory: "/mnt/sta te/lull",
  notifies: "by-program",
};

export const OPTIONS = { dryRun: false, force: false, signal: new AbortController().signal };

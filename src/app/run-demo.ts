/**
 * The demo: two devices in a temporary folder sync through a bare repository that lull makes, edit both sides,
 * meet a conflict and resolve it. It is the real thing, use-case by use-case; only the homes are simulated.
 */
import { join } from "node:path";

import { LullError } from "../base/errors.ts";
import { branchRef } from "../git/model.ts";
import type { SyncRun } from "../sync/outcome.ts";
import { addSource } from "./add-source.ts";
import type { Context, Deps } from "./deps.ts";
import { syncSources } from "./sync-sources.ts";

export type DemoLine = {
  readonly device: "laptop" | "desktop" | undefined;
  readonly text: string;
  /** Milliseconds that the step took, where it is a sync. */
  readonly ms: number | undefined;
};

/** Plain file access below the demo's folder. */
export type DemoFiles = {
  write(path: string, text: string): void;
  read(path: string): string;
  remove(path: string): void;
  /** Path → content and mode, of every file below a folder except `.git`. */
  snapshot(directory: string): ReadonlyMap<string, string>;
};

export type DemoInput = {
  /** An empty temporary folder; the caller removes it. */
  readonly directory: string;
  readonly files: DemoFiles;
  /** A lull of its own, with its own home and config. */
  readonly device: (name: "laptop" | "desktop", home: string) => Deps;
  readonly tell: (line: DemoLine) => void;
};

export type DemoResult = { readonly commits: number; readonly files: number; readonly durationMs: number };

type Device = { readonly name: "laptop" | "desktop"; readonly deps: Deps; readonly notes: string };

/** Throws `DEMO_DIFFERS` when the two devices do not end with the same files: then lull is broken here. */
export async function runDemo(input: DemoInput, context: Context): Promise<DemoResult> {
  const laptop = makeDevice(input, "laptop");
  const desktop = makeDevice(input, "desktop");
  const started = laptop.deps.clock.monotonic();
  const say = (text: string): void => input.tell({ device: undefined, text, ms: undefined });

  say("Two devices, one folder of notes, one remote that lull makes itself.");
  const remote = await startLaptop(input, laptop, context);
  await sync(input, laptop, context);
  await joinDesktop(input, desktop, { remote, context });
  await sync(input, desktop, context);

  say("Both sides edit different files at the same time.");
  edit(input, laptop, "todo.md", "- buy milk\n- call Ada\n- water the plants\n");
  edit(input, desktop, "ideas/garden.md", "tomatoes, basil, a bench\n");
  await sync(input, laptop, context);
  await sync(input, desktop, context);
  await sync(input, laptop, context);

  say("Both sides edit the same line.");
  edit(input, laptop, "plan.md", "Meet on Tuesday at ten.\n");
  edit(input, desktop, "plan.md", "Meet on Thursday at noon.\n");
  await sync(input, laptop, context);
  const met = await sync(input, desktop, context);
  resolveConflict(input, desktop, met);
  await sync(input, desktop, context);
  await sync(input, laptop, context);

  const files = compareDevices(input, laptop, desktop);
  const commits = countCommits(laptop);
  const durationMs = Math.round(laptop.deps.clock.monotonic() - started);
  say(`Both folders are equal, byte for byte: ${files} files, ${commits} commits, nothing lost.`);
  return { commits, files, durationMs };
}

function makeDevice(input: DemoInput, name: "laptop" | "desktop"): Device {
  const home = join(input.directory, name);
  return { name, deps: input.device(name, home), notes: join(home, "notes") };
}

async function startLaptop(input: DemoInput, laptop: Device, context: Context): Promise<string> {
  input.files.write(join(laptop.notes, "todo.md"), "- buy milk\n- call Ada\n");
  input.files.write(join(laptop.notes, "plan.md"), "Meet on Monday at nine.\n");
  input.files.write(join(laptop.notes, "ideas", "garden.md"), "tomatoes\n");
  const source = { path: laptop.notes, name: "notes", remote: undefined, schedule: undefined, dryRun: false };
  const added = await addSource(laptop.deps, source, context);
  input.tell({
    device: "laptop",
    text: "lull add ~/notes: a repository, and a bare remote beside it",
    ms: undefined,
  });
  return added.remote.url;
}

async function joinDesktop(
  input: DemoInput,
  desktop: Device,
  where: { readonly remote: string; readonly context: Context },
): Promise<void> {
  const source = {
    path: desktop.notes,
    name: "notes",
    remote: where.remote,
    schedule: undefined,
    dryRun: false,
  };
  await addSource(desktop.deps, source, where.context);
  input.tell({
    device: "desktop",
    text: "lull add ~/notes --remote …: joins with the same remote",
    ms: undefined,
  });
}

function edit(input: DemoInput, device: Device, path: string, text: string): void {
  input.files.write(join(device.notes, path), text);
  input.tell({ device: device.name, text: `edits ${path}`, ms: undefined });
}

async function sync(input: DemoInput, device: Device, context: Context): Promise<SyncRun> {
  const report = await syncSources(device.deps, { names: [], dryRun: false }, context);
  const [run] = report.runs;
  if (run === undefined || run.error !== undefined) throw demoFailed(device.name, run);
  input.tell({ device: device.name, text: `lull sync: ${inWords(run)}`, ms: run.durationMs });
  for (const conflict of run.conflicts) {
    input.tell({
      device: device.name,
      text: `conflict in ${conflict.path}: the remote's version keeps the name,`,
      ms: undefined,
    });
    input.tell({
      device: device.name,
      text: `this device's is beside it as ${conflict.copy ?? conflict.path}`,
      ms: undefined,
    });
  }
  return run;
}

function inWords(run: SyncRun): string {
  const received = run.remotes.reduce((total, remote) => total + remote.received, 0);
  const sent = run.remotes.reduce((total, remote) => total + remote.sent, 0);
  const parts = [
    run.committed === undefined ? "" : `committed ${plural(run.committed.files, "file")}`,
    received === 0 ? "" : `received ${plural(received, "commit")}`,
    sent === 0 ? "" : `sent ${plural(sent, "commit")}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** What a person would do: read both versions, write the one that is meant, delete the copy. */
function resolveConflict(input: DemoInput, device: Device, run: SyncRun): void {
  const [conflict] = run.conflicts;
  if (conflict?.copy === undefined) throw demoFailed(device.name, run);
  const theirs = input.files.read(join(device.notes, conflict.path)).trim();
  const ours = input.files.read(join(device.notes, conflict.copy)).trim();
  input.files.write(join(device.notes, conflict.path), `${theirs}\nOr: ${ours}\n`);
  input.files.remove(join(device.notes, conflict.copy));
  input.tell({
    device: device.name,
    text: `resolves it: writes ${conflict.path} anew, deletes the copy`,
    ms: undefined,
  });
}

function compareDevices(input: DemoInput, laptop: Device, desktop: Device): number {
  const one = input.files.snapshot(laptop.notes);
  const other = input.files.snapshot(desktop.notes);
  const differing = [...new Set([...one.keys(), ...other.keys()])].filter(
    (path) => one.get(path) !== other.get(path),
  );
  if (differing.length === 0) return one.size;
  throw new LullError({
    kind: "failed",
    code: "DEMO_DIFFERS",
    message: `the two devices ended with different files: ${differing.join(", ")}`,
    hint: "this should never happen; please report it with the output of `lull version`",
  });
}

function countCommits(device: Device): number {
  const repository = device.deps.git.open(device.notes);
  try {
    const head = repository.readRef(branchRef("main"));
    return head === undefined ? 0 : repository.countCommits(head);
  } finally {
    repository.close();
  }
}

function demoFailed(device: string, run: SyncRun | undefined): LullError {
  return new LullError({
    kind: "failed",
    code: "DEMO_FAILED",
    message: `the demo stopped on the ${device}: ${run?.error?.message ?? run?.outcome ?? "no run"}`,
    hint: run?.error?.hint ?? "run `lull demo --verbose` and report what it prints",
  });
}

/**
 * A victim, a witness and their remote, in one of the six situations in which the victim is about to run a command, with
 * what everything must come to in the end. A scene can be saved, and set back before each case.
 */
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { makeDevice, type Device } from "../helpers/device.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";
import type { SceneName } from "./options.ts";

export type Content = string | Uint8Array;

export type Scene = {
  readonly name: string;
  readonly victim: Device;
  readonly witness: Device;
  readonly remote: string;
  /** What the victim runs, under faults. */
  readonly command: readonly string[];
  /** Every content that somebody wrote and that is in a file only, or in one repository only, when the command begins. */
  readonly precious: readonly Content[];
  /** The files that both must have in the end; null: there is none. Other files may not be there, but conflict copies. */
  readonly files: Readonly<Record<string, Content | null>>;
  /** Exit codes with which the command may end when it is asked for again, other than 0; e.g. that there is nothing to do. */
  readonly again?: readonly number[] | undefined;
  /** Both changed it: one of the two is there, the other in exactly one conflict copy. */
  readonly clash?: { readonly path: string; readonly sides: readonly [Content, Content] } | undefined;
  /** Puts everything back as it was when the scene was saved. */
  reset(): void;
  /** The folders below which lull writes. */
  readonly under: readonly string[];
};

type Draft = Pick<Scene, "command" | "precious" | "files" | "clash" | "again">;
export type Prepare = (victim: Device, witness: Device, remote: string) => Promise<Draft>;

const LINES = Array.from({ length: 30 }, (_, index) => `line ${index}`);

/** The shared file with some of its lines replaced. */
function shared(edits: Readonly<Record<number, string>> = {}): string {
  return LINES.map((line, index) => `${edits[index] ?? line}\n`).join("");
}

/** Bytes that look like no text and do not compress. */
function noise(size: number, start: number): Uint8Array {
  let state = start;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

const BASE = {
  "shared.md": shared(),
  "plain.md": "plain\n",
  "gone.md": "to be removed\n",
  "bin/run.sh": "#!/bin/sh\n",
  "photo.raw": noise(20_000, 1),
  "deep/er/note.md": "deep\n",
  swap: "a file that becomes a folder\n",
};

/** Both devices have the same, and have synced it. */
async function synced(victim: Device, witness: Device, remote: string): Promise<void> {
  for (const [path, content] of Object.entries(BASE)) witness.write(path, content);
  witness.link("latest", "plain.md");
  for (const device of [witness, victim]) {
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["sync"]);
  }
}

/** What the witness changes everywhere but in the pushing scene: every kind of change there is. */
const REMOTE_EDITS = {
  "shared.md": shared({ 25: "line 25 by the witness" }),
  "plain.md": "plain, by the witness\n",
  "photo.raw": noise(30_000, 2),
  "new/from-witness.md": "new, by the witness\n",
  "swap/inner.md": "a folder now\n",
};

async function remoteEdits(witness: Device): Promise<void> {
  witness.remove("swap");
  for (const [path, content] of Object.entries(REMOTE_EDITS)) witness.write(path, content);
  witness.remove("gone.md");
  witness.remove("latest");
  witness.link("latest", "shared.md");
  witness.write("bin/run.sh", BASE["bin/run.sh"], 0o755);
  await witness.lull(["sync"]);
}

const AFTER_REMOTE = { ...BASE, ...REMOTE_EDITS, swap: null, "gone.md": null };

const LOCAL_EDITS = {
  "own/new.md": "new, by the victim\n",
  "deep/er/note.md": "deep, by the victim\n",
  "own/photo.raw": noise(10_000, 3),
};

function localEdits(victim: Device, extra: Readonly<Record<string, Content>> = {}): void {
  for (const [path, content] of Object.entries({ ...LOCAL_EDITS, ...extra })) victim.write(path, content);
}

const contents = (files: Readonly<Record<string, Content>>): Content[] => Object.values(files);

const situations: Readonly<Record<SceneName, Prepare>> = {
  "first sync": async (victim, witness, remote) => {
    for (const [path, content] of Object.entries(BASE)) witness.write(path, content);
    await witness.lull(["add", "notes", "--remote", remote]);
    await witness.lull(["sync"]);
    localEdits(victim, { "deep/er/note.md": "deep\n", "plain.md": BASE["plain.md"] });
    await victim.lull(["add", "notes", "--remote", remote]);
    const files = { ...BASE, ...LOCAL_EDITS, "deep/er/note.md": "deep\n" };
    return { command: ["sync"], precious: contents(files), files };
  },
  pull: async (victim, witness, remote) => {
    await synced(victim, witness, remote);
    await remoteEdits(witness);
    return { command: ["sync"], precious: contents({ ...BASE, ...REMOTE_EDITS }), files: AFTER_REMOTE };
  },
  push: async (victim, witness, remote) => {
    await synced(victim, witness, remote);
    localEdits(victim);
    victim.remove("gone.md");
    return {
      command: ["sync"],
      precious: [...contents(BASE), ...contents(LOCAL_EDITS)],
      files: { ...BASE, ...LOCAL_EDITS, "gone.md": null },
    };
  },
  merge: async (victim, witness, remote) => {
    await synced(victim, witness, remote);
    await remoteEdits(witness);
    const mine = shared({ 3: "line 3 by the victim" });
    localEdits(victim, { "shared.md": mine });
    return {
      command: ["sync"],
      precious: [...contents(BASE), ...contents(REMOTE_EDITS), ...contents(LOCAL_EDITS), mine],
      files: {
        ...AFTER_REMOTE,
        ...LOCAL_EDITS,
        "shared.md": shared({ 3: "line 3 by the victim", 25: "line 25 by the witness" }),
      },
    };
  },
  conflict: async (victim, witness, remote) => {
    await synced(victim, witness, remote);
    await remoteEdits(witness);
    const mine = "plain, by the victim\n";
    localEdits(victim, { "plain.md": mine });
    const { "plain.md": theirs, ...files } = { ...AFTER_REMOTE, ...LOCAL_EDITS };
    return {
      command: ["sync"],
      precious: [...contents(BASE), ...contents(REMOTE_EDITS), ...contents(LOCAL_EDITS), mine],
      files,
      clash: { path: "plain.md", sides: [mine, theirs] },
    };
  },
  restore: async (victim, witness, remote) => {
    await synced(victim, witness, remote);
    await remoteEdits(witness);
    await victim.lull(["sync"]);
    const mine = "not committed yet\n";
    // By its name: what is asked for again after a death must mean the same.
    const before = git(victim.notes, "rev-parse", "HEAD~1");
    localEdits(victim, { "plain.md": mine });
    return {
      command: ["restore", "notes", "plain.md", "gone.md", "photo.raw", "--at", before],
      precious: [...contents(BASE), ...contents(REMOTE_EDITS), ...contents(LOCAL_EDITS), mine],
      files: {
        ...AFTER_REMOTE,
        ...LOCAL_EDITS,
        "plain.md": BASE["plain.md"],
        "gone.md": BASE["gone.md"],
        "photo.raw": BASE["photo.raw"],
      },
    };
  },
};

export function makeScene(name: SceneName): Promise<Scene> {
  return arrange(name, situations[name]);
}

export async function arrange(name: string, prepare: Prepare): Promise<Scene> {
  const victim = makeDevice("victim");
  const witness = makeDevice("witness");
  const remote = join(temporaryDirectory(), "remote.git");
  git(dirname(remote), "init", "-q", "--bare", "-b", "main", remote);
  const draft: Draft = await prepare(victim, witness, remote);
  const saved = temporaryDirectory();
  const places = [victim.home, witness.home, remote];
  for (const [index, place] of places.entries()) copy(place, join(saved, String(index)));
  return {
    ...draft,
    name,
    victim,
    witness,
    remote,
    under: [victim.home, remote],
    reset() {
      for (const [index, place] of places.entries()) {
        rmSync(place, { recursive: true, force: true });
        copy(join(saved, String(index)), place);
      }
    },
  };
}

function copy(from: string, to: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["cp", "-a", from, to]);
  if (exitCode !== 0) throw new Error(`cp: ${stderr.toString()}`);
}

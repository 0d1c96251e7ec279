/** How this device is known in the remotes of its sources: an id of its own, kept beside the database. */
import { linkSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/errors.ts";
import { readSmallFile } from "../base/small-file.ts";
import { lullVersion } from "../base/version.ts";
import type { System } from "../platform/system.ts";
import type { Registration } from "../sync/run-context.ts";

export type RegistrationInput = {
  readonly stateDirectory: string;
  readonly clock: Clock;
  readonly system: System;
};

type Kept = { readonly id: string; readonly refused: Readonly<Record<string, number>> };

/** A remote that did not take it is asked again after so long. */
const REST_MS = 24 * 60 * 60 * 1000;
const LARGEST_FILE = 1024 * 1024;

/** Everything is read on first use. */
export function createRegistration({ stateDirectory, clock, system }: RegistrationInput): Registration {
  const file = join(stateDirectory, "device.json");
  const write = (kept: Kept): void => writeFileAtomic(file, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  // Read anew each time: the daemon's workers and commands share it.
  const kept = (): Kept => readKept(file) ?? createKept(file);
  const place = (remote: string, source: string): string => `${source} ${remote}`;
  return {
    get id() {
      return kept().id;
    },
    system,
    version: lullVersion(),
    rests: (remote, source) => {
      const at = kept().refused[place(remote, source)];
      return at !== undefined && Math.abs(clock.now() - at) < REST_MS;
    },
    rest: (remote, source) => {
      const { id, refused } = kept();
      const young = Object.entries(refused).filter(([, at]) => Math.abs(clock.now() - at) < REST_MS);
      write({ id, refused: { ...Object.fromEntries(young), [place(remote, source)]: clock.now() } });
    },
  };
}

/** Several workers may start at once: the first one's id is that of all. */
function createKept(file: string): Kept {
  const kept: Kept = { id: newId(), refused: {} };
  const own = `${file}.${kept.id}`;
  makePrivateDirectory(dirname(file));
  writeFileAtomic(own, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  try {
    linkSync(own, file);
  } catch {
    const other = readKept(file);
    if (other !== undefined) return other;
    // What is there is damaged, or the file system knows no links.
    renameSync(own, file);
  } finally {
    rmSync(own, { force: true });
  }
  return kept;
}

function newId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString("hex");
}

/** Undefined when there is none, or it is not what lull has written. */
function readKept(file: string): Kept | undefined {
  try {
    const value: unknown = JSON.parse(readSmallFile(file, LARGEST_FILE)?.toString("utf8") ?? "");
    if (typeof value !== "object" || value === null) return undefined;
    const { id, refused }: Readonly<Record<string, unknown>> = { ...value };
    if (typeof id !== "string" || !/^[0-9a-f]{16}$/.test(id)) return undefined;
    const times = Object.entries(typeof refused === "object" && refused !== null ? refused : {});
    return {
      id,
      refused: Object.fromEntries(
        times.filter((entry): entry is [string, number] => typeof entry[1] === "number"),
      ),
    };
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Lets the calls that change a disk fail from a chosen one on, as a killed process, a full or a read-only disk would. */
import { mock } from "bun:test";
import * as system from "node:fs";

export type Fault = "killed" | "ENOSPC" | "EROFS";

type Calls = Readonly<Record<string, (...values: readonly unknown[]) => unknown>>;

/** What makes something new takes room; the others only need a disk that may be written. */
const TAKES_ROOM = ["openSync", "writeSync", "mkdirSync", "mkdtempSync", "linkSync"];
const OTHERS = ["renameSync", "unlinkSync", "rmSync", "rmdirSync", "ftruncateSync", "fsyncSync"];

const original = { ...system } as unknown as Calls;
let fault: Fault | undefined;
let first = 0;
let count = 0;

function faulty(name: string) {
  return (...values: readonly unknown[]): unknown => {
    const call = original[name];
    if (call === undefined) throw new Error(`node:fs has no ${name}`);
    const isRead = name === "openSync" && !/[wa+]/.test(String(values[1]));
    if (fault !== undefined && !isRead) {
      const isDue = count++ >= first;
      if (isDue && (fault !== "ENOSPC" || TAKES_ROOM.includes(name)))
        throw Object.assign(new Error(`${fault} in ${name}`), { code: fault === "killed" ? "EIO" : fault });
    }
    return call(...values);
  };
}

const replaced = Object.fromEntries([...TAKES_ROOM, ...OTHERS].map((name) => [name, faulty(name)]));
await mock.module("node:fs", () => ({ ...system, ...replaced, default: { ...system, ...replaced } }));

/**
 * Runs something on a disk on which every changing call fails from the given one on. Nothing is cleaned up after
 * `killed`: those calls fail as well.
 * @returns the error, if there was one, and how many changing calls there were
 */
export async function onFaultyDisk(
  what: Fault,
  from: number,
  run: () => Promise<unknown>,
): Promise<{ readonly error: unknown; readonly calls: number }> {
  fault = what;
  first = from;
  count = 0;
  try {
    await run();
    return { error: undefined, calls: count };
  } catch (error) {
    return { error, calls: count };
  } finally {
    fault = undefined;
  }
}

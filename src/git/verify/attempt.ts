import { readdirSync } from "node:fs";

import { fromSystem, messageOf, systemCode } from "../../base/errors.ts";
import { DamagedData } from "../objects/damaged-data.ts";
import type { Damage } from "./object-survey.ts";

export type Attempt<Value> =
  | { readonly kind: "sound"; readonly value: Value }
  /** A repack took it away. */
  | { readonly kind: "gone" }
  | { readonly kind: "damaged"; readonly why: string; readonly as: Damage["kind"] | undefined };

/** Tells damage from a file that went away, and from a disk that can not read it. */
export function attempt<Value>(read: () => Value): Attempt<Value> {
  try {
    return { kind: "sound", value: read() };
  } catch (error) {
    return damageOf(error);
  }
}

/** What a failing disk, or the rights of a file, make of a read. */
export const UNREADABLE: ReadonlySet<string> = new Set(["EIO", "EACCES", "EPERM", "EISDIR", "ELOOP"]);

/** As `attempt` for what was thrown; anything else is thrown again. */
export function damageOf(error: unknown): Exclude<Attempt<never>, { readonly kind: "sound" }> {
  if (error instanceof DamagedData) return { kind: "damaged", why: error.message, as: undefined };
  const code = systemCode(error) ?? "";
  if (code === "ENOENT") return { kind: "gone" };
  if (!UNREADABLE.has(code)) throw error;
  return { kind: "damaged", why: `it can not be read: ${messageOf(error)}`, as: "unreadable" };
}

export function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw fromSystem(error, `list ${path}`);
  }
}

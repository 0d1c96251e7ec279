import { LullError } from "../../base/errors.ts";
import type { LeftOut } from "./left-out.ts";

/** Reads one of many things: what can not be read is named, and the rest goes on. */
export function readable<T>(leftOut: LeftOut, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LullError)) throw error;
    leftOut.add("could not be looked at", error.message);
    return undefined;
  }
}

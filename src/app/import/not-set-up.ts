import { LullError } from "../../base/errors.ts";
import { shortPath } from "../user-path.ts";
import type { Tool } from "./import.ts";

/** Nothing of the tool is on this machine. */
export function notSetUp(tool: Tool, looked: readonly string[], home: string): LullError {
  const places = looked.map((path) => shortPath(path, home)).join(", ");
  return new LullError({
    kind: "usage",
    code: "NOTHING_TO_IMPORT",
    message: `there is nothing of ${tool} on this machine (looked at ${places})`,
    causes: [`${tool} was set up by another user, or keeps its settings elsewhere`],
    hint: "begin without it: lull init",
  });
}

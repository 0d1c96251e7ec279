import { join } from "node:path";

/** Where a compiled binary keeps its files. */
const EMBEDDED = /[/\\](?:\$bunfs|~BUN)[/\\]/;

/** Whether this is the compiled binary. */
export function isCompiled(): boolean {
  return EMBEDDED.test(`${import.meta.dir}/`);
}

/**
 * What starts this very program: the binary, or the runtime and the entry of the sources. In the binary only
 * `process.execPath` is real; every path of a module is a virtual one.
 */
export function selfCommand(): readonly string[] {
  return isCompiled() ? [process.execPath] : [process.execPath, join(import.meta.dir, "..", "main.ts")];
}

import { isAbsolute } from "node:path";

/** Returns the program's absolute path as PATH names it; a place relative to the current folder does not count. */
export function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const found = Bun.which(name, { PATH: env["PATH"] ?? "" });
  return found !== null && isAbsolute(found) ? found : undefined;
}

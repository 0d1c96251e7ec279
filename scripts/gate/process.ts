/** Programs that the scripts start: their output is collected, so that only what matters is shown. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dir, "../..");

export type Ended = { readonly code: number; readonly output: string };

export type RunOptions = { readonly env?: Readonly<Record<string, string>> };

/** Runs a program in the project's root, with no standard input; stdout and stderr in one text. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = Bun.spawn([...command], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) output += decoder.decode(chunk, { stream: true });
  };
  await Promise.all([collect(child.stdout), collect(child.stderr)]);
  return { code: await child.exited, output };
}

/**
 * The command line of a tool from `node_modules`, by its package's own `bin` entry: works without npm, npx or a shell,
 * on Windows too. The tools are written for Node; Bun stands in where there is none.
 */
export function tool(packageName: string, ...args: readonly string[]): readonly string[] {
  const folder = join(root, "node_modules", packageName);
  const manifest: { readonly bin?: string | Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const { bin } = manifest;
  const entry = typeof bin === "string" ? bin : (bin?.[packageName] ?? Object.values(bin ?? {})[0]);
  if (entry === undefined) throw new Error(`the package ${packageName} has no command`);
  return [Bun.which("node") ?? process.execPath, join(folder, entry), ...args];
}

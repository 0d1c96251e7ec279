import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import type { DemoFiles } from "../app/run-demo.ts";

/** Gives `use` a temporary folder with a home for each of the two devices, and removes it whatever happens. */
export async function withDemoFolder<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "lull-demo-")));
  try {
    for (const name of ["laptop", "desktop"]) mkdirSync(join(directory, name));
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export const demoFiles: DemoFiles = {
  write: (path, text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  },
  read: (path) => readFileSync(path, "utf8"),
  remove: (path) => rmSync(path),
  snapshot: (directory) => {
    const found = new Map<string, string>();
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const path = relative(directory, join(entry.parentPath, entry.name));
      if (!entry.isFile() || path.split(/[\\/]/)[0] === ".git") continue;
      const full = join(directory, path);
      found.set(path, `${lstatSync(full).mode.toString(8)} ${readFileSync(full, "base64")}`);
    }
    return found;
  },
};

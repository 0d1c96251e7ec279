/** Clears away folders that hold nothing: deleted refs and deleted files leave them behind, in the way of new ones. */
import { readdirSync, rmdirSync } from "node:fs";

/** Removes a folder and the folders in it as long as no file is anywhere in it; tells whether it is gone. */
export function removeEmptyDirectories(path: string | Buffer): boolean {
  try {
    for (const entry of readdirSync(path, { encoding: "latin1", withFileTypes: true })) {
      const child = Buffer.concat([Buffer.from(path), Buffer.from(`/${entry.name}`, "latin1")]);
      if (!entry.isDirectory() || !removeEmptyDirectories(child)) return false;
    }
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

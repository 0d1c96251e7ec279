import { readdirSync } from "node:fs";

/** Whether a repository lies in a folder, and something beside it: what an unmounted drive leaves behind has neither. */
export function isFilledFolder(directory: string): boolean {
  try {
    const names = readdirSync(directory);
    return names.length > 1 && names.includes(".git");
  } catch {
    return false;
  }
}

import { baseName, displayPath } from "../../git/paths.ts";
import type { RepoPath } from "../../git/model.ts";
import type { LeftOut } from "./guards.ts";

const DEVICES = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i;

/** Every folder of the path counts: a file is out of reach where its folder can not be made. */
export function portableName(path: RepoPath): LeftOut | undefined {
  for (const name of path.split("/")) {
    const why = problemOf(name);
    if (why === undefined) continue;
    return { guard: "name", path, reason: `${why}, which Windows can not hold`, marks: [`name:${path}`] };
  }
  return undefined;
}

function problemOf(name: string): string | undefined {
  const bad = /[<>:"|?*\\]/.exec(name)?.[0];
  if (bad !== undefined) return `\`${bad}\` in its name`;
  if (/[\u0001-\u001f]/.test(name)) return "a control character in its name";
  if (/[. ]$/.test(name)) return `a ${name.endsWith(".") ? "dot" : "blank"} at the end of its name`;
  return DEVICES.test(name) ? `the name of a device (${baseName(name)})` : undefined;
}

/** As file systems compare names that do not tell case, or composed characters from their parts. */
export function foldName(name: RepoPath): string {
  // Nearly all names end here.
  if (/^[\u0000-\u007f]*$/.test(name)) return name.toLowerCase();
  return displayPath(name).normalize("NFC").toLowerCase();
}

/**
 * @param twin a path beside it that a file system of Windows or macOS takes for the same one
 */
export function nameTwin(path: RepoPath, twin: RepoPath | undefined): LeftOut | undefined {
  if (twin === undefined) return undefined;
  return {
    guard: "name-twin",
    path,
    reason: `beside ${displayPath(twin)}; Windows and macOS take the two for one`,
    marks: [`name:${path}`],
  };
}

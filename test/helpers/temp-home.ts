/** A home folder of its own for a test, so that no file of the person who runs the tests is read or written. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { temporaryDirectory } from "./system-git.ts";

export type TempHome = {
  readonly home: string;
  /** A folder outside the home, for repositories that play a remote. */
  readonly outside: string;
  readonly configFile: string;
  readonly dataDirectory: string;
  readonly stateDirectory: string;
  readonly cacheDirectory: string;
  /** The whole environment of a command: nothing of lull, XDG, git or ssh is inherited. */
  readonly env: Readonly<Record<string, string>>;
};

/**
 * Removed when the test file ends. The folders below the home are named, not created: lull makes what it needs.
 * @param extra variables on top, e.g. a token
 */
export function tempHome(extra: Readonly<Record<string, string>> = {}): TempHome {
  const top = temporaryDirectory();
  const home = join(top, "home");
  const outside = join(top, "outside");
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(outside);
  const appData = { roaming: join(home, "AppData", "Roaming"), local: join(home, "AppData", "Local") };
  const windows = process.platform === "win32";
  return {
    home,
    outside,
    configFile: windows
      ? join(appData.roaming, "lull", "config.yaml")
      : join(home, ".config", "lull", "config.yaml"),
    dataDirectory: windows ? join(appData.local, "lull", "data") : join(home, ".local", "share", "lull"),
    stateDirectory: windows ? join(appData.local, "lull", "state") : join(home, ".local", "state", "lull"),
    cacheDirectory: windows ? join(appData.local, "lull", "cache") : join(home, ".cache", "lull"),
    env: {
      ...inherited(),
      HOME: home,
      USERPROFILE: home,
      APPDATA: appData.roaming,
      LOCALAPPDATA: appData.local,
      GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
      GIT_CONFIG_NOSYSTEM: "1",
      NO_COLOR: "1",
      TZ: "UTC",
      LC_ALL: "C.UTF-8",
      ...extra,
    },
  };
}

/** What a program needs to run at all; everything else would make a test depend on its runner's machine. */
const NEEDED = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "SystemDrive", "ComSpec", "PATHEXT"];

function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of NEEDED) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

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
  return {
    home,
    outside,
    ...placesOf(home, appData),
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

type AppData = { readonly roaming: string; readonly local: string };

/** Written out here, so that a place that moves by mistake fails a test. */
function placesOf(
  home: string,
  appData: AppData,
): Pick<TempHome, "configFile" | "dataDirectory" | "stateDirectory" | "cacheDirectory"> {
  const configFile = join(home, ".config", "lull", "config.yaml");
  switch (process.platform) {
    case "win32": {
      const local = join(appData.local, "lull");
      return {
        configFile: join(appData.roaming, "lull", "config.yaml"),
        dataDirectory: join(local, "data"),
        stateDirectory: join(local, "state"),
        cacheDirectory: join(local, "cache"),
      };
    }
    case "darwin": {
      const support = join(home, "Library", "Application Support", "lull");
      return {
        configFile,
        dataDirectory: support,
        stateDirectory: join(support, "state"),
        cacheDirectory: join(home, "Library", "Caches", "lull"),
      };
    }
    default:
      return {
        configFile,
        dataDirectory: join(home, ".local", "share", "lull"),
        stateDirectory: join(home, ".local", "state", "lull"),
        cacheDirectory: join(home, ".cache", "lull"),
      };
  }
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

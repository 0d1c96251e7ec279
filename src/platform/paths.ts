import { posix, win32 } from "node:path";

import { LullError } from "../base/errors.ts";
import type { System } from "./system.ts";

/** Where lull keeps what; absolute paths, none of them created yet. */
export type Places = {
  readonly configDirectory: string;
  readonly configFile: string;
  /** Managed repositories and the remotes that lull makes. */
  readonly dataDirectory: string;
  /** Database, locks, logs, tokens; private to the user. */
  readonly stateDirectory: string;
  readonly cacheDirectory: string;
};

export type PlacesInput = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly system: System;
};

/**
 * `LULL_HOME` puts everything under one folder (portable use, tests). Else XDG on Linux; on macOS the config is
 * where command-line people look for it (`~/.config`), the rest where the system wants it; on Windows roaming and
 * local AppData. Throws `BAD_LULL_HOME` when it is relative: the place would depend on the current folder.
 */
export function resolvePlaces(input: PlacesInput): Places {
  const { join, isAbsolute } = input.system === "windows" ? win32 : posix;
  const portable = input.environment["LULL_HOME"];
  if (portable !== undefined && portable !== "") {
    if (!isAbsolute(portable)) throw relativeHome(portable);
    return places(input, {
      config: join(portable, "config"),
      data: join(portable, "data"),
      state: join(portable, "state"),
      cache: join(portable, "cache"),
    });
  }
  return places(input, bySystem(input));
}

type Folders = {
  readonly config: string;
  readonly data: string;
  readonly state: string;
  readonly cache: string;
};

function bySystem(input: PlacesInput): Folders {
  const { home, system } = input;
  const { join } = system === "windows" ? win32 : posix;
  const variable = (name: string, fallback: string): string => absoluteVariable(input, name) ?? fallback;
  if (system === "windows") {
    const roaming = variable("APPDATA", join(home, "AppData", "Roaming"));
    const local = join(variable("LOCALAPPDATA", join(home, "AppData", "Local")), "lull");
    return {
      config: join(roaming, "lull"),
      data: join(local, "data"),
      state: join(local, "state"),
      cache: join(local, "cache"),
    };
  }
  const mac = system === "macos";
  const support = join(home, "Library", "Application Support", "lull");
  const own = (name: string, linux: string, macos: string): string => {
    const chosen = absoluteVariable(input, name);
    return chosen !== undefined ? join(chosen, "lull") : mac ? macos : join(home, linux, "lull");
  };
  return {
    config: join(variable("XDG_CONFIG_HOME", join(home, ".config")), "lull"),
    data: own("XDG_DATA_HOME", ".local/share", support),
    state: own("XDG_STATE_HOME", ".local/state", join(support, "state")),
    cache: own("XDG_CACHE_HOME", ".cache", join(home, "Library", "Caches", "lull")),
  };
}

/** A relative value is to be ignored: XDG Base Directory Specification, "Environment variables". */
function absoluteVariable(input: PlacesInput, name: string): string | undefined {
  const { isAbsolute } = input.system === "windows" ? win32 : posix;
  const value = input.environment[name];
  return value !== undefined && value !== "" && isAbsolute(value) ? value : undefined;
}

function places(input: PlacesInput, folders: Folders): Places {
  const { join } = input.system === "windows" ? win32 : posix;
  return {
    configDirectory: folders.config,
    configFile: join(folders.config, "config.yaml"),
    dataDirectory: folders.data,
    stateDirectory: folders.state,
    cacheDirectory: folders.cache,
  };
}

function relativeHome(value: string): LullError {
  return new LullError({
    kind: "config",
    code: "BAD_LULL_HOME",
    message: `LULL_HOME is the relative path "${value}"`,
    hint: "give it as an absolute path",
  });
}

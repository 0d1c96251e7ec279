import { join } from "node:path";

import type { GitConfig } from "./repository-config/git-config.ts";
import type { Environment } from "./repository-config/load-config.ts";
import { DEFAULT_SETTINGS, type WorkTreeSettings } from "./worktree/settings.ts";

/** Reads the part of git's config that decides how files and index relate; git's defaults where nothing is set. */
export function workTreeSettings(
  config: GitConfig,
  environment: Environment,
  nativeEol: "lf" | "crlf",
): WorkTreeSettings {
  const autocrlf = config.get("core.autocrlf")?.toLowerCase();
  const eol = config.get("core.eol")?.toLowerCase();
  const files = personalFiles(environment);
  return {
    fileMode: config.boolean("core.filemode") ?? DEFAULT_SETTINGS.fileMode,
    symlinks: config.boolean("core.symlinks") ?? DEFAULT_SETTINGS.symlinks,
    ignoreCase: config.boolean("core.ignorecase") ?? DEFAULT_SETTINGS.ignoreCase,
    autocrlf: autocrlf === "input" ? "input" : config.boolean("core.autocrlf") === true ? "true" : "false",
    eol: eol === "lf" || eol === "crlf" ? eol : nativeEol,
    filters: new Set(config.subsections("filter")),
    excludesFile: config.path("core.excludesfile") ?? files("ignore"),
    attributesFile: config.path("core.attributesfile") ?? files("attributes"),
  };
}

/** Where git looks when `core.excludesFile` or `core.attributesFile` is not set. */
function personalFiles(environment: Environment): (name: string) => string | undefined {
  const xdg = environment["XDG_CONFIG_HOME"];
  const home = environment["HOME"];
  const directory =
    xdg !== undefined && xdg !== "" ? xdg : home === undefined ? undefined : join(home, ".config");
  return (name) => (directory === undefined ? undefined : join(directory, "git", name));
}

import { isAbsolute, join } from "node:path";

import type { ImportMeans } from "./import.ts";

const PLACES = {
  config: { variable: "XDG_CONFIG_HOME", usual: ".config" },
  data: { variable: "XDG_DATA_HOME", usual: ".local/share" },
} as const;

/** Where tools of the command line keep their settings or data, on macOS as well. A relative value does not count. */
export function xdgFolder(
  { environment, home }: Pick<ImportMeans, "environment" | "home">,
  what: keyof typeof PLACES,
): string {
  const { variable, usual } = PLACES[what];
  const given = environment[variable];
  return given !== undefined && isAbsolute(given) ? given : join(home, usual);
}

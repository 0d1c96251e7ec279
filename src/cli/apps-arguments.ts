import type { FlagTable } from "./command.ts";

/** Of commands that change which apps are gathered. */
export const APPS = {
  apps: {
    type: "positional",
    required: true,
    variadic: true,
    valueHint: "APP",
    description: "As `lull apps list` has it",
  },
} as const satisfies FlagTable;

export const SETTINGS_SOURCE = {
  source: {
    type: "string",
    valueHint: "NAME",
    description: "The settings source; the only one when left out",
  },
} as const satisfies FlagTable;

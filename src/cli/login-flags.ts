import type { FlagTable } from "./command.ts";

/** Where to log in or out. */
export const LOGIN_PLACE = {
  source: {
    type: "positional",
    required: false,
    valueHint: "SOURCE",
    description: "The source whose main remote is meant; default: the only host there is",
  },
  host: {
    type: "string",
    valueHint: "HOST",
    description: "The host instead of a source: github.com or https://git.example.com:8443",
  },
} as const satisfies FlagTable;

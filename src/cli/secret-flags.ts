import type { FlagTable } from "./command.ts";

/** The positional of all commands about one secret. */
export const SECRET_NAME = {
  name: {
    type: "positional",
    required: true,
    valueHint: "NAME",
    description: "What it is for: https://HOST, ssh-key:PATH, or any word",
  },
} as const satisfies FlagTable;

import type { FlagTable } from "./command.ts";

/** What `init` and `add` both ask about a new source. */
export const SOURCE_FLAGS = {
  name: { type: "string", valueHint: "NAME", description: "Name of the source; by default the folder's own" },
  remote: {
    type: "string",
    valueHint: "URL",
    description:
      "Where to push to and pull from: https://…, a path, file://…; by default the repository's own remote, else one that lull makes on this machine",
  },
  schedule: {
    type: "string",
    valueHint: "WHEN",
    description:
      'When it is due: "every 6h", "daily at 02:00", a cron expression, or manual. Kept in the config; this version does not act on it yet',
  },
} as const satisfies FlagTable;

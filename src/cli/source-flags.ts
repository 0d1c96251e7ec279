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
      'When it is due: "every 6h", "daily at 02:00", cron such as "*/30 9-18 * * 1-5", or manual; by default as `defaults` in the config says',
  },
} as const satisfies FlagTable;

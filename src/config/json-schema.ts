import { toJsonSchema } from "@valibot/to-json-schema";

import { configSchema } from "./schema.ts";

/** The schema of the config file for editors (JSON Schema draft-07). What it can not express, `config check` says. */
export function configJsonSchema(): unknown {
  // Checks in code (schedules, durations) have no counterpart in JSON Schema; they are left out.
  const schema = toJsonSchema(configSchema, { errorMode: "ignore" });
  return { ...schema, title: "lull configuration" };
}

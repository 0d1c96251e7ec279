import type { ServiceScope } from "../app/service-scope.ts";
import type { FlagTable } from "./command.ts";

export const SERVICE_FLAGS = {
  system: {
    type: "boolean",
    description: "The service of the whole system, which runs from boot on; needs root. Not on Windows",
  },
} as const satisfies FlagTable;

export function scopeOf(system: boolean): ServiceScope {
  return system ? "system" : "user";
}

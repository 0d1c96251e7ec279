import type { FlagTable } from "./command.ts";

/** The argument of commands that are about some sources or all. @param purpose e.g. `sync` */
export function sourceNames(purpose: string) {
  return {
    names: {
      type: "positional",
      required: false,
      variadic: true,
      valueHint: "NAME",
      description: `Sources to ${purpose}; all of them when none is named`,
    },
  } as const satisfies FlagTable;
}

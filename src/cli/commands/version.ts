import { buildInfo, versionLine } from "../build-info.ts";
import { defineCommand, type ExitKind } from "../command.ts";
import type { Session } from "../session.ts";

export const versionCommand = defineCommand({
  meta: {
    name: "version",
    examples: [
      { command: "lull version", does: "for a bug report" },
      { command: "lull version --json", does: "for a program" },
    ],
  },
  args: {},
  run: async (session) => printVersion(session),
});

/** Also for `lull --version`, which must load nothing else. */
export function printVersion({ out }: Session): ExitKind {
  const { version, ...rest } = buildInfo();
  if (out.json) out.document({ lull: version, ...rest });
  else out.print([versionLine({ version, ...rest })]);
  return "ok";
}

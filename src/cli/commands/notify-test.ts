import { testNotices } from "../../app/test-notices.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { noticeTestDocument, noticeTestLines } from "../print/notice-test.ts";
import { showWarnings } from "../show-warnings.ts";
import { usageError } from "../usage-error.ts";

const LEVELS = ["error", "problem", "info"] as const;

export const notifyTestCommand = defineCommand({
  meta: {
    name: "notify test",
    details: [
      "Tries every channel of the config once, also with `notify.level: none`, and calls the heartbeat. It exits with 1 when one of them fails.",
    ],
    examples: [
      { command: "lull notify test", does: "as good news" },
      { command: "lull notify test --level error", does: "as what needs you at once" },
      { command: "lull notify test --dry-run", does: "only names the channels" },
    ],
    exits: ["config"],
  },
  args: {
    level: {
      type: "string",
      default: "info",
      valueHint: "LEVEL",
      description: "What the notice passes for: error, problem or info",
    },
  },
  run: async (session, { level: text }) => {
    const { out, flags, signal } = session;
    const level = LEVELS.find((one) => one === text);
    if (level === undefined) {
      throw usageError("BAD_VALUE", `--level can not be "${text}"`, `choose one of: ${LEVELS.join(", ")}`);
    }
    const deps = await session.deps();
    const tests = await testNotices(deps, { level, dryRun: flags.dryRun }, { signal });
    showWarnings(session, tests.warnings);
    if (out.json) out.document(noticeTestDocument(tests));
    else out.print(noticeTestLines(tests, lookOf(session, deps)));
    return tests.channels.some(({ outcome }) => outcome === "failed") ? "failed" : "ok";
  },
});

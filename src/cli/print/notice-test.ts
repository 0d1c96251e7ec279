import type { NoticeTest, NoticeTests } from "../../app/test-notices.ts";
import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { errorDetails } from "../render-error.ts";
import { hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";

export function noticeTestLines({ level, channels }: NoticeTests, look: Look): readonly string[] {
  const none =
    "Nothing but this test is sent: `notify.level` is none. Next: lull config set notify.level problems";
  return [...channels.flatMap((channel) => channelLines(channel, look)), ...(level === "none" ? [none] : [])];
}

function channelLines(
  { name, outcome, error }: NoticeTest,
  { style, symbols, width }: Look,
): readonly string[] {
  const shown = style.bold(safeText(name));
  switch (outcome) {
    case "sent":
      return [`${style.green(symbols.done)} ${shown}  sent`];
    case "not sent":
      return [`${style.dim(symbols.same)} ${shown}  would be sent`];
    case "failed": {
      const details = error === undefined ? [] : errorDetails(new LullError(error), { width });
      const text = `${shown}  ${safeText(error?.message ?? "failed")}`;
      return [...hangingLines(`${style.red(symbols.failed)} `, text, width), ...details];
    }
  }
}

export function noticeTestDocument({ level, channels, warnings }: NoticeTests) {
  return {
    level,
    channels: channels.map(({ kind, name, outcome, error }) => ({
      kind,
      name,
      outcome,
      error: error ?? null,
    })),
    warnings,
  };
}

import { expect, test } from "bun:test";

import type { NoticeTest } from "../../../src/app/test-notices.ts";
import { noticeTestDocument, noticeTestLines } from "../../../src/cli/print/notice-test.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock: fakeClock(),
  width: undefined,
  home: "/home/me",
};

const sent: NoticeTest = { kind: "desktop", name: "desktop", outcome: "sent", error: undefined };
const failed: NoticeTest = {
  kind: "email",
  name: "e-mail by h\u001b",
  outcome: "failed",
  error: {
    kind: "auth",
    code: "MAIL_EAUTH",
    message: "the mail server h:465 did not accept user and password",
    hint: "check `notify.email.user`",
    causes: [],
    data: {},
    retry: false,
  },
};

test("each channel has its line, and what failed the next step", () => {
  const dry: NoticeTest = { ...sent, name: "webhook ntfy.sh", outcome: "not sent" };
  expect(noticeTestLines({ level: "problems", channels: [sent, failed, dry], warnings: [] }, look)).toEqual([
    "✓ desktop  sent",
    "✗ e-mail by h\\x1b  the mail server h:465 did not accept user and password",
    "  Hint: check `notify.email.user`",
    "· webhook ntfy.sh  would be sent",
  ]);
});

test("that nothing else will be sent is said", () => {
  expect(noticeTestLines({ level: "none", channels: [sent], warnings: [] }, look).at(-1)).toContain(
    "`notify.level` is none",
  );
});

test("the document tells the same", () => {
  expect(noticeTestDocument({ level: "all", channels: [sent, failed], warnings: ["w"] })).toEqual({
    level: "all",
    channels: [
      { kind: "desktop", name: "desktop", outcome: "sent", error: null },
      { ...failed, error: failed.error ?? null },
    ],
    warnings: ["w"],
  });
});

/** The ways to reach a person, loaded when something is to be told. */
import type { NoticeAccess } from "../app/deps.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { systemTimers } from "../base/timers.ts";
import type { System } from "../platform/system.ts";
import type { Store } from "../store/database.ts";

type NoticeInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly store: Store;
  readonly clock: Clock;
  readonly system: System;
  readonly userId: number | undefined;
};

export function noticeAccess({ store, ...given }: NoticeInput): NoticeAccess {
  const load = async () => {
    const [access, { runProgram }, { readSecretFile }, { createNoticeStore }] = await Promise.all([
      import("../notify/notice-access.ts"),
      import("../platform/run-program.ts"),
      import("../platform/secret-file.ts"),
      import("../store/sqlite-notice-store.ts"),
    ]);
    const readSecret = (path: string, what: string): string => readSecretFile(path, what, given);
    const parts = { ...given, timers: systemTimers, runProgram, readSecret, store: createNoticeStore(store) };
    return { access, parts };
  };
  return {
    async ways(settings) {
      const { access, parts } = await load();
      return access.openWays(settings, parts);
    },
    async openNotifier(settings, sendMail) {
      const { access, parts } = await load();
      return access.openNotifier(settings, { ...parts, sendMail });
    },
  };
}

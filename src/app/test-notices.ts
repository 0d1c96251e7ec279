import { LullError } from "../base/errors.ts";
import type { NotifyConfig } from "../config/config.ts";
import type { SendResult } from "../notify/channel.ts";
import type { Notice, NoticeLevel } from "../notify/notify.ts";
import type { RunError } from "../sync/outcome.ts";
import { toRunError } from "../sync/run-error.ts";
import type { Context, Deps } from "./deps.ts";

export type TestNoticesInput = {
  /** What the test notice passes for. */
  readonly level: NoticeLevel;
  /** Only names the channels. */
  readonly dryRun: boolean;
};

export type NoticeTest = {
  readonly kind: "desktop" | "email" | "webhook" | "heartbeat";
  /** For people; no secret. */
  readonly name: string;
  readonly outcome: "sent" | "failed" | "not sent";
  readonly error: RunError | undefined;
};

export type NoticeTests = {
  /** What the config lets through otherwise. */
  readonly level: NotifyConfig["level"];
  readonly channels: readonly NoticeTest[];
  readonly warnings: readonly string[];
};

/**
 * Sends a notice over every channel of the config at once, whatever its level, and calls the heartbeat. Each is tried
 * once. Throws `NO_CHANNELS` when there is none.
 */
export async function testNotices(
  deps: Pick<Deps, "config" | "clock" | "notices">,
  input: TestNoticesInput,
  { signal }: Pick<Context, "signal">,
): Promise<NoticeTests> {
  const { config, warnings } = await deps.config.load();
  const { notify, device } = config;
  const ways = await deps.notices.ways({ notify, device });
  if (ways.length === 0) throw noChannels();
  const notice = testNotice(input.level, device, deps.clock.now());
  const channels = await Promise.all(
    ways.map(async ({ kind, name, send }): Promise<NoticeTest> => {
      if (input.dryRun) return { kind, name, outcome: "not sent", error: undefined };
      const error = errorOf(await send(notice, signal));
      return { kind, name, outcome: error === undefined ? "sent" : "failed", error };
    }),
  );
  return { level: notify.level, channels, warnings };
}

function errorOf(result: SendResult): RunError | undefined {
  return result.kind === "sent" ? undefined : toRunError(result.error);
}

function testNotice(level: NoticeLevel, device: string, now: number): Notice {
  return {
    subject: "program:test",
    kind: "test",
    level,
    title: "A test notice of lull",
    body: [`Notices of ${device} reach you this way.`],
    source: undefined,
    command: undefined,
    paths: [],
    at: now,
  };
}

function noChannels(): LullError {
  return new LullError({
    kind: "config",
    code: "NO_CHANNELS",
    message: "the config names no way to reach you",
    hint: "run `lull config set notify.desktop true`, or add `notify.email` or `notify.webhooks`: `lull help notify`",
  });
}

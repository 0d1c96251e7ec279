/** What the daemon meets beside runs, in words. Pure. */
import { formatDuration } from "../base/duration.ts";
import { noticeText, sentence } from "./notice-text.ts";
import type { DaemonEvent, Notice } from "./notify.ts";
import { commandWord } from "./run-conditions.ts";
import type { Condition } from "./rules.ts";

export type EventFact =
  /** How a subject stands now; without a condition: well. */
  | { readonly kind: "standing"; readonly subject: string; readonly condition: Condition | undefined }
  | { readonly kind: "network"; readonly online: boolean }
  /** Told at once, or never. */
  | { readonly kind: "news"; readonly notice: Notice };

export function eventFact(event: DaemonEvent, now: number): EventFact {
  switch (event.kind) {
    case "network":
      return event;
    case "clock-jumped":
      return { kind: "news", notice: clockNotice(event.byMs, now) };
    case "store-new":
      return { kind: "news", notice: newStoreNotice(event.reason, now) };
    case "config-refused":
    case "config-accepted":
      return fact("program:config", event.kind === "config-accepted" ? undefined : refused(event, now));
    case "watch-polling":
    case "watch-restored":
      return fact(`watch:${event.source}`, event.kind === "watch-restored" ? undefined : polling(event, now));
    case "parked":
      return fact(`source:${event.source}`, parked(event, now));
    case "guard":
      return fact(`source:${event.source}`, guarded(event, now));
    case "trouble":
      return fact(topicSubject(event.topic), trouble(event, now));
    case "trouble-over":
      return fact(topicSubject(event.topic), undefined);
  }
}

type Event<K extends DaemonEvent["kind"]> = Extract<DaemonEvent, { readonly kind: K }>;

function fact(subject: string, condition: Condition | undefined): EventFact {
  return { kind: "standing", subject, condition };
}

function topicSubject(topic: string): string {
  return `program:${noticeText(topic, 60)}`;
}

function lines(...texts: readonly (string | undefined)[]): readonly string[] {
  return texts.flatMap((text) => (text === undefined || text === "" ? [] : [sentence(noticeText(text))]));
}

function clockNotice(byMs: number, now: number): Notice {
  return {
    subject: "program:clock",
    kind: "clock",
    level: "info",
    title: `The clock was set ${byMs < 0 ? "back" : "forward"} by ${formatDuration(Math.abs(byMs))}`,
    body: ["Missed schedules run once."],
    source: undefined,
    command: "lull schedule",
    paths: [],
    at: now,
  };
}

function newStoreNotice(reason: string, now: number): Notice {
  return {
    subject: "program:store",
    kind: "store",
    level: "problem",
    title: "History, pauses and waiting syncs begin anew",
    body: lines(reason, "no file of yours is concerned"),
    source: undefined,
    command: "lull status",
    paths: [],
    at: now,
  };
}

function refused(event: Event<"config-refused">, now: number): Condition {
  const message = noticeText(event.message);
  return {
    // Another mistake is news to who has just mended the first.
    key: `refused:${new Bun.CryptoHasher("sha256").update(message).digest("hex").slice(0, 16)}`,
    notice: {
      subject: "program:config",
      kind: "config",
      level: "problem",
      title: "The changed config was refused; the old one holds on",
      body: lines(message, event.hint),
      source: undefined,
      command: "lull config check",
      paths: [],
      at: now,
    },
    patienceMs: 0,
    needsPerson: true,
    over: "The changed config is in use",
  };
}

function polling(event: Event<"watch-polling">, now: number): Condition {
  const name = noticeText(event.source);
  return {
    key: "polling",
    notice: {
      subject: `watch:${event.source}`,
      kind: "watch",
      level: "problem",
      title: `Changes in ${name} are noticed late`,
      body: lines(event.reason, "The folder is looked through from time to time instead", event.hint),
      source: event.source,
      command: `lull status ${commandWord(event.source)}`,
      paths: [],
      at: now,
    },
    patienceMs: 0,
    needsPerson: false,
    over: `Changes in ${name} are noticed at once again`,
  };
}

function parked(event: Event<"parked">, now: number): Condition {
  const name = noticeText(event.source);
  const tries = event.attempts === undefined ? "" : ` after ${event.attempts} tries`;
  return {
    key: "parked",
    notice: {
      subject: `source:${event.source}`,
      kind: "parked",
      level: "error",
      title: `${name} is not tried again by itself`,
      body: lines(`${event.reason}${tries}`),
      source: event.source,
      command: `lull sync ${commandWord(event.source)}`,
      paths: [],
      at: now,
    },
    patienceMs: 0,
    needsPerson: true,
    over: `${name} works again`,
  };
}

function guarded(event: Event<"guard">, now: number): Condition {
  const name = noticeText(event.source);
  return {
    // The same as that of a run which a guard has ended: it is told once.
    key: "guard",
    notice: {
      subject: `source:${event.source}`,
      kind: "guard",
      level: "problem",
      title: `${name} was stopped before something dangerous`,
      body: lines(event.reason),
      source: event.source,
      command:
        event.command === undefined ? `lull sync ${commandWord(event.source)}` : noticeText(event.command),
      paths: [],
      at: now,
    },
    patienceMs: 0,
    needsPerson: true,
    over: `${name} works again`,
  };
}

function trouble(event: Event<"trouble">, now: number): Condition {
  const title = sentence(noticeText(event.title, 200));
  return {
    key: `trouble:${title}`,
    notice: {
      subject: topicSubject(event.topic),
      kind: "trouble",
      level: event.level,
      title,
      body: lines(...(event.body ?? [])),
      source: undefined,
      command: event.command === undefined ? undefined : noticeText(event.command),
      paths: [],
      at: now,
    },
    patienceMs: 0,
    needsPerson: event.level === "error",
    over: `Over: ${title}`,
  };
}

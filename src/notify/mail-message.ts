/** A notice as a mail: plain text. Pure. */
import { formatDuration } from "../base/duration.ts";
import type { EmailConfig } from "../config/config.ts";
import { noticeText } from "./notice-text.ts";
import type { Notice } from "./notify.ts";

/** What the library makes bytes of. */
export type MailMessage = {
  readonly from: string | { readonly name: string; readonly address: string };
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type MailInput = {
  readonly config: Pick<EmailConfig, "host" | "user" | "from" | "to">;
  readonly device: string;
  readonly notice: Notice;
  /** When it is sent; milliseconds since 1970 UTC. */
  readonly now: number;
};

/** Beyond this a mail says when the notice was made: it waited for a server. */
const LATE_MS = 300_000;

export function mailMessage({ config, device, notice, now }: MailInput): MailMessage {
  const name = noticeText(device, 80);
  const next = notice.command === undefined ? [] : ["", `Next: ${notice.command}`];
  const late = now - notice.at > LATE_MS ? ["", `(${formatDuration(now - notice.at)} ago)`] : [];
  return {
    from: sender(config, name),
    to: config.to.map((address) => noticeText(address)),
    subject: `[lull ${name}] ${notice.title}`,
    text: `${[notice.title, "", ...notice.body, ...next, ...late, "", "-- ", `lull on ${name}`].join("\n")}\n`,
    date: new Date(notice.at),
    messageId: messageId({ config, device, notice, now }),
    headers: {
      // No absence note, no "delivery delayed" comes back (RFC 3834; the other is Exchange's).
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
    },
  };
}

function sender({ host, user, from }: MailInput["config"], device: string): MailMessage["from"] {
  const given = from === undefined ? undefined : noticeText(from);
  if (given?.includes("<") === true) return given;
  const account = user === undefined ? "lull" : noticeText(user);
  const address = given ?? (account.includes("@") ? account : `${account}@${noticeText(host)}`);
  return { name: `lull on ${device}`, address };
}

/** The same for the same notice: a server that got a mail twice, as its answer was lost, can tell. */
function messageId({ config, device, notice }: MailInput): string {
  const identity = [device, notice.subject, notice.at, notice.title].join("\0");
  const hash = new Bun.CryptoHasher("sha256").update(identity).digest("hex").slice(0, 24);
  const machine = device.replaceAll(/[^A-Za-z0-9-]+/g, "-").slice(0, 60);
  const domain = /^[A-Za-z0-9.-]+$/.test(config.host) ? config.host : "lull.invalid";
  return `<lull.${machine}.${hash}@${domain}>`;
}

/** A notice in the words of who receives it: plain JSON, ntfy, Slack, Discord. Pure. */
import type { WebhookConfig } from "../config/config.ts";
import { noticeText } from "./notice-text.ts";
import type { Notice, NoticeLevel } from "./notify.ts";
import { bodyText } from "./show-notice.ts";

export type WebhookInput = {
  readonly notice: Notice;
  readonly device: string;
  /** What `secret_file` holds. */
  readonly secret: string | undefined;
  /** When it is sent; milliseconds since 1970 UTC. */
  readonly now: number;
};

export type WebhookRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

export function webhookRequest(format: WebhookConfig["format"], input: WebhookInput): WebhookRequest {
  return FORMATS[format](input);
}

const FORMATS = {
  json: plainJson,
  ntfy,
  slack,
  discord,
} as const satisfies Record<WebhookConfig["format"], (input: WebhookInput) => WebhookRequest>;

/** Fields may join; none changes its meaning without another number. */
const JSON_VERSION = 1;

const AS_JSON = { "Content-Type": "application/json" };

/**
 * `{ version, id, at, device, level, kind, title, body, text, source, command, paths }`: `at` as ISO 8601 in UTC, `body`
 * and `paths` lists of lines, `text` title and body in one, `source` and `command` null where there is none; `id` is the
 * same when the notice is sent again. With a secret two headers go along: `X-Lull-Timestamp`, seconds since 1970, and
 * `X-Lull-Signature`, `sha256=` and the HMAC-SHA256 in hex of timestamp, a dot and the body. Who checks both, and that
 * the time is near, knows that lull has sent it now.
 */
function plainJson({ notice, device, secret, now }: WebhookInput): WebhookRequest {
  const { at, level, kind, title, body, source, command, paths, subject } = notice;
  const identity = [device, subject, at, title].join("\0");
  const id = new Bun.CryptoHasher("sha256").update(identity).digest("hex").slice(0, 32);
  const text = JSON.stringify({
    version: JSON_VERSION,
    id,
    at: new Date(at).toISOString(),
    device,
    level,
    kind,
    title,
    body,
    text: [title, bodyText(notice)].filter((part) => part !== "").join("\n"),
    source: source ?? null,
    command: command ?? null,
    paths,
  });
  if (secret === undefined) return { headers: AS_JSON, body: text };
  const timestamp = String(Math.floor(now / 1000));
  const signature = new Bun.CryptoHasher("sha256", secret).update(`${timestamp}.${text}`).digest("hex");
  return {
    headers: { ...AS_JSON, "X-Lull-Timestamp": timestamp, "X-Lull-Signature": `sha256=${signature}` },
    body: text,
  };
}

/** Beyond 4,096 bytes ntfy makes a file of the message (docs.ntfy.sh/publish). */
const NTFY_BYTES = 4000;

const NTFY = {
  error: { Priority: "4", Tags: "rotating_light" },
  problem: { Priority: "3", Tags: "warning" },
  info: { Priority: "2", Tags: "white_check_mark" },
} as const satisfies Record<NoticeLevel, unknown>;

function ntfy({ notice, device, secret }: WebhookInput): WebhookRequest {
  const text = [bodyText(notice), device].filter((part) => part !== "").join("\n");
  return {
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      Title: encodedWords(notice.title),
      ...NTFY[notice.level],
      ...(secret === undefined ? {} : { Authorization: `Bearer ${secret}` }),
    },
    body: firstBytes(text, NTFY_BYTES),
  };
}

/** Headers are ASCII; ntfy reads encoded words (RFC 2047), each at most 75 characters. */
function encodedWords(text: string): string {
  if (/^[ -~]*$/.test(text) && !text.includes("=?")) return text;
  const words: string[] = [];
  for (let rest = text; rest !== "";) {
    const part = firstBytes(rest, 45);
    words.push(`=?UTF-8?B?${Buffer.from(part).toString("base64")}?=`);
    rest = rest.slice(part.length);
  }
  return words.join(" ");
}

/** Slack's own limits of a header and a section. */
const SLACK_HEADER = 150;
const SLACK_SECTION = 3000;

function slack({ notice, device }: WebhookInput): WebhookRequest {
  // Plain text: neither a mention nor a link can be made by the name of a file.
  const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
  const body = noticeLines(notice, SLACK_SECTION);
  const blocks = [
    { type: "header", text: plain(noticeText(notice.title, SLACK_HEADER)) },
    ...(body === "" ? [] : [{ type: "section", text: plain(body) }]),
    { type: "context", elements: [plain(noticeText(device, SLACK_HEADER))] },
  ];
  const escaped = notice.title.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return { headers: AS_JSON, body: JSON.stringify({ text: escaped, blocks }) };
}

/** Discord's own limits of an embed; escaping doubles a text at most. */
const DISCORD_TITLE = 256;
const DISCORD_BODY = 4096;

const DISCORD_COLOR = { error: 0xd93025, problem: 0xf29900, info: 0x188038 } as const;

function discord({ notice, device }: WebhookInput): WebhookRequest {
  const description = markdown(noticeLines(notice, DISCORD_BODY / 2));
  const embed = {
    title: markdown(noticeText(notice.title, DISCORD_TITLE / 2)),
    ...(description === "" ? {} : { description }),
    color: DISCORD_COLOR[notice.level],
    footer: { text: noticeText(device, DISCORD_TITLE) },
    timestamp: new Date(notice.at).toISOString(),
  };
  // No mention is carried out, whatever the texts hold.
  const content = { username: "lull", embeds: [embed], allowed_mentions: { parse: [] } };
  return { headers: AS_JSON, body: JSON.stringify(content) };
}

function markdown(text: string): string {
  return text.replaceAll(/[\\`*_~|>[\]()#-]/g, String.raw`\$&`);
}

function noticeLines(notice: Notice, longest: number): string {
  const text = bodyText(notice);
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** As much of the beginning as fits, cut between characters. */
function firstBytes(text: string, most: number): string {
  let length = 0;
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > most) break;
    length += character.length;
  }
  return text.slice(0, length);
}

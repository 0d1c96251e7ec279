import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import { registerSecret } from "../base/redact.ts";
import type { Timers } from "../base/timers.ts";
import type { EmailConfig } from "../config/config.ts";
import type { Channel, SendResult } from "./channel.ts";
import { mailMessage } from "./mail-message.ts";
import { counted, noticeText } from "./notice-text.ts";
import { SMTP_DEADLINES, type SmtpDeadlines, type SmtpFailure, type SmtpLogin } from "./smtp.ts";

export type EmailDeps = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly device: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws a `LullError` without the secret, see `platform/secret-file.ts`. */
  readonly readSecret: (path: string, what: string) => string;
  /** Default: `SMTP_DEADLINES`. */
  readonly deadlines?: SmtpDeadlines;
  /** Authorities of the server's certificate on top of the system's, as PEM. */
  readonly authorities?: readonly string[];
};

/** Each step has a deadline of its own; a server that drips a byte now and then is given up by this. */
const WHOLE_MS = 60_000;

const PASSWORD_VARIABLE = "LULL_SMTP_PASSWORD";

export function createEmailChannel(config: EmailConfig, deps: EmailDeps): Channel {
  return {
    kind: "email",
    name: `e-mail by ${noticeText(config.host, 120)}`,
    async send(notice, signal): Promise<SendResult> {
      let login: SmtpLogin | undefined;
      try {
        login = loginOf(config, deps);
      } catch (error) {
        // The file with the password: it may be put right meanwhile.
        if (error instanceof LullError) return { kind: "failed", error, again: "later" };
        throw error;
      }
      const late = new AbortController();
      using _ = deps.timers.after(WHOLE_MS, () => late.abort());
      const { sendMail } = await import("./smtp.ts");
      const message = mailMessage({ config, device: deps.device, notice, now: deps.clock.now() });
      const { deadlines = SMTP_DEADLINES, authorities } = deps;
      const result = await sendMail(
        { server: config, login, message, deadlines, authorities },
        AbortSignal.any([signal, late.signal]),
      );
      switch (result.kind) {
        case "sent":
          return result;
        case "partly":
          return refusedSome(config, result.refused);
        case "failed":
          return failed(config, result.failure, login);
      }
    },
  };
}

function loginOf(config: EmailConfig, deps: EmailDeps): SmtpLogin | undefined {
  const { user, passwordFile } = config;
  if (user === undefined) return undefined;
  const given = deps.env[PASSWORD_VARIABLE];
  if (given !== undefined && given !== "") {
    registerSecret(given);
    return { user, password: given };
  }
  if (passwordFile === undefined) {
    throw new LullError({
      kind: "config",
      code: "MAIL_NO_PASSWORD",
      message: `there is no password for ${noticeText(user)} on the mail server ${noticeText(config.host)}`,
      hint: `name a file with it in \`notify.email.password_file\`, or set ${PASSWORD_VARIABLE}`,
    });
  }
  return { user, password: deps.readSecret(passwordFile, "the password of the mail server") };
}

type Advice = {
  readonly kind: LullError["kind"];
  readonly why: string;
  readonly hint: string;
  readonly again: "never" | "later";
};

function failed(config: EmailConfig, failure: SmtpFailure, login: SmtpLogin | undefined): SendResult {
  const { kind, why, hint, again } = adviceOn(config, failure);
  const words = wordsOf(failure.message, login);
  const error = new LullError({
    kind,
    code: `MAIL_${failure.code}`,
    message: `the mail server ${noticeText(config.host)}:${config.port} ${why}${words === "" ? "" : `: ${words}`}`,
    hint,
  });
  return { kind: "failed", error, again };
}

/** SMTP's own rule: 4xx may succeed later, 5xx will not (RFC 5321, 4.2.1). */
function adviceOn({ tls, port }: EmailConfig, { code, status, message }: SmtpFailure): Advice {
  const again = status !== undefined && status >= 500 ? "never" : "later";
  if (code === "EAUTH") {
    const hint = `check \`notify.email.user\` and its password; many providers want one made for programs`;
    return { kind: "auth", why: "did not accept user and password", hint, again };
  }
  if (status === undefined && isCertificate(message)) {
    const hint = "give your own authority's certificate in NODE_EXTRA_CA_CERTS, or mend the server";
    return { kind: "unreachable", why: "has a certificate that nobody vouches for", hint, again: "later" };
  }
  if (status === undefined && isTlsMismatch(message)) {
    const other = tls === "starttls" ? "implicit" : "starttls";
    const hint = `try \`lull config set notify.email.tls ${other}\`; port ${port} may be for that`;
    return { kind: "failed", why: "speaks another kind of TLS here", hint, again: "never" };
  }
  if (code === "ETLS") {
    const hint =
      tls === "starttls"
        ? "lull sends no mail in plain text; use a port with TLS, 465 with `notify.email.tls: implicit`"
        : "check `notify.email.port` and `notify.email.tls`";
    return { kind: "failed", why: "offers no encrypted connection", hint, again: "never" };
  }
  if (status !== undefined) {
    const hint =
      again === "never" ? "check `notify.email.from` and `notify.email.to`" : "it is tried again later";
    return { kind: "failed", why: `answered with status ${status}`, hint, again };
  }
  if (code === "ETIMEDOUT" || code === "ABORTED") {
    const hint = `the server hangs, or port ${port} is for another kind of TLS (\`notify.email.tls\`)`;
    return { kind: "unreachable", why: "did not answer in time", hint, again: "later" };
  }
  const hint = "check the connection, `notify.email.host` and `notify.email.port`";
  return { kind: "unreachable", why: "can not be reached", hint, again: "later" };
}

/** The library gives these no code of their own. */
function isCertificate(message: string): boolean {
  return /certificate|self[- ]signed|altname|CERT_/i.test(message);
}

function isTlsMismatch(message: string): boolean {
  return /wrong version number|packet length too long|unknown protocol|WRONG_VERSION/i.test(message);
}

/** The server's words, without what it may quote of ours. */
function wordsOf(text: string, login: SmtpLogin | undefined): string {
  let words = text;
  if (login !== undefined) {
    const { user, password } = login;
    const pair = Buffer.from(`\0${user}\0${password}`).toString("base64");
    for (const secret of [pair, Buffer.from(password).toString("base64"), password]) {
      words = words.replaceAll(secret, "***");
    }
  }
  return noticeText(words, 200);
}

function refusedSome(config: EmailConfig, refused: readonly string[]): SendResult {
  const error = new LullError({
    kind: "failed",
    code: "MAIL_REFUSED_SOME",
    message: `the mail server ${noticeText(config.host)} took the mail, but not for ${counted(refused.length, "recipient")}: ${noticeText(refused.join(", "), 200)}`,
    hint: "check `notify.email.to`",
  });
  // A second try would reach the others twice.
  return { kind: "failed", error, again: "never" };
}

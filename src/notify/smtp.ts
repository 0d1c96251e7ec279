/**
 * One mail over one connection, by nodemailer: TLS from the first byte or by STARTTLS, never without, and the server's
 * certificate is checked against the system's authorities and those in NODE_EXTRA_CA_CERTS. The library is loaded only
 * when a mail is sent: it costs memory that an idle daemon shall not have.
 */
import type SMTPConnection from "nodemailer/lib/smtp-connection";

import type { EmailConfig } from "../config/config.ts";
import type { MailMessage } from "./mail-message.ts";

export type SmtpDeadlines = {
  /** Look-up, TCP and, with TLS from the first byte, the handshake. */
  readonly connectMs: number;
  /** The server's first word. */
  readonly greetingMs: number;
  /** Between any two signs of life. */
  readonly silenceMs: number;
};

export const SMTP_DEADLINES: SmtpDeadlines = { connectMs: 10_000, greetingMs: 10_000, silenceMs: 20_000 };

export type SmtpLogin = { readonly user: string; readonly password: string };

export type SmtpJob = {
  readonly server: Pick<EmailConfig, "host" | "port" | "tls">;
  readonly login: SmtpLogin | undefined;
  readonly message: MailMessage;
  readonly deadlines: SmtpDeadlines;
  /** Authorities on top of the system's, as PEM. */
  readonly authorities?: readonly string[] | undefined;
};

/** An error of the library, or one like it. */
export type SmtpFailure = {
  /** `EAUTH`, `ETLS`, `ETIMEDOUT`, … */
  readonly code: string;
  /** The server's, e.g. 550; undefined: it did not come to that. */
  readonly status: number | undefined;
  /** Carries the server's words; they may hold anything. */
  readonly message: string;
};

export type SmtpResult =
  | { readonly kind: "sent" }
  /** Some did not get it. */
  | { readonly kind: "partly"; readonly refused: readonly string[] }
  | { readonly kind: "failed"; readonly failure: SmtpFailure };

/** Never throws; when the signal fires the connection is cut. */
export async function sendMail(job: SmtpJob, signal: AbortSignal): Promise<SmtpResult> {
  const [{ default: Connection }, { default: Composer }] = await Promise.all([
    import("nodemailer/lib/smtp-connection"),
    import("nodemailer/lib/mail-composer"),
  ]);
  const { server, deadlines, message } = job;
  const mail = new Composer({
    ...message,
    to: [...message.to],
    headers: { ...message.headers },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const connection = new Connection({
    host: server.host,
    port: server.port,
    secure: server.tls === "implicit",
    requireTLS: server.tls === "starttls",
    connectionTimeout: deadlines.connectMs,
    dnsTimeout: deadlines.connectMs,
    greetingTimeout: deadlines.greetingMs,
    socketTimeout: deadlines.silenceMs,
    socketCloseTimeout: 0,
    tls: {
      minVersion: "TLSv1.2",
      ...(job.authorities === undefined ? {} : { ca: [...job.authorities] }),
    },
  });
  try {
    const bytes = await mail.build();
    return await converse(connection, job, { envelope: mail.getEnvelope(), bytes }, signal);
  } catch (error) {
    return { kind: "failed", failure: failureOf(error) };
  } finally {
    connection.close();
  }
}

type Mail = {
  readonly envelope: { readonly from: string | false; readonly to: readonly string[] };
  readonly bytes: Buffer;
};

async function converse(
  connection: SMTPConnection,
  { login }: SmtpJob,
  { envelope, bytes }: Mail,
  signal: AbortSignal,
): Promise<SmtpResult> {
  // An error outside a step, as a connection that breaks between two of them, ends the step at hand.
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  connection.on("error", broken.reject);
  const cut = (): void => broken.reject(smtpError("ABORTED", "it was not waited for"));
  signal.addEventListener("abort", cut, { once: true });
  if (signal.aborted) cut();
  const step = <T>(
    start: (done: (error?: Error | null, value?: T) => void) => void,
  ): Promise<T | undefined> =>
    Promise.race([
      broken.promise,
      new Promise<T | undefined>((resolve, reject) => {
        start((error, value) => (error ? reject(error) : resolve(value)));
      }),
    ]);
  try {
    await step((done) => connection.connect(done));
    // The library sees to it; but a password in plain text is worth a second look.
    if (!connection.secure) throw smtpError("ETLS", "the connection is not encrypted");
    if (login !== undefined) {
      await step((done) => connection.login({ user: login.user, pass: login.password }, done));
    }
    const info = await step<{ readonly rejected?: readonly string[] }>((done) =>
      connection.send({ from: envelope.from, to: [...envelope.to] }, bytes, done),
    );
    const refused = info?.rejected ?? [];
    return refused.length === 0 ? { kind: "sent" } : { kind: "partly", refused };
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

function smtpError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function failureOf(error: unknown): SmtpFailure {
  if (!(error instanceof Error)) return { code: "UNEXPECTED", status: undefined, message: String(error) };
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  return {
    code: typeof code === "string" ? code : "UNEXPECTED",
    status: typeof responseCode === "number" && responseCode > 0 ? responseCode : undefined,
    message: error.message,
  };
}

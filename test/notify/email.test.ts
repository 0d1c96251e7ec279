/** Against a real SMTP server on the loopback, with TLS by a certificate that openssl makes. */
import { describe, expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { systemTimers } from "../../src/base/timers.ts";
import type { EmailConfig } from "../../src/config/config.ts";
import type { SendResult } from "../../src/notify/channel.ts";
import { createEmailChannel, type EmailDeps } from "../../src/notify/email.ts";
import { makeCertificate } from "../helpers/certificate.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { cannotRun } from "../helpers/skip.ts";
import { openRawServer, openSmtpServer } from "../helpers/smtp-server.ts";
import { HOSTILE, noticeOf } from "./notices.ts";

const never = new AbortController().signal;

type Changes = { readonly config?: Partial<EmailConfig>; readonly deps?: Partial<EmailDeps> };

function channel(port: number, { config, deps }: Changes = {}) {
  return createEmailChannel(
    {
      host: "localhost",
      port,
      tls: "implicit",
      user: "me@example.org",
      passwordFile: "/run/secrets/mail",
      from: undefined,
      to: ["you@example.org"],
      ...config,
    },
    {
      clock: fakeClock("2026-03-02T12:00:05Z"),
      timers: systemTimers,
      device: "laptop",
      env: {},
      readSecret: () => "s3cret-word",
      ...deps,
    },
  );
}

function errorOf(result: SendResult): LullError {
  if (result.kind === "sent") throw new Error("it was sent");
  return result.error;
}

describe.skipIf(cannotRun(Bun.which("openssl") === null, "mail over TLS: openssl is missing"))(
  "over TLS",
  () => {
    const certificate = makeCertificate("localhost");
    const trusting = { authorities: [certificate.cert] };

    test.each(["implicit", "starttls"] as const)(
      "%s: a mail arrives, encrypted and signed in",
      async (tls) => {
        await using server = await openSmtpServer(certificate, { secure: tls === "implicit" });
        const mail = channel(server.port, { config: { tls }, deps: trusting });
        expect(await mail.send(noticeOf(), never)).toEqual({ kind: "sent" });
        expect(server.mails).toMatchObject([
          { from: "me@example.org", to: ["you@example.org"], isSecure: true, user: "me@example.org" },
        ]);
        const text = server.mails[0]?.text ?? "";
        const head = text.slice(0, text.indexOf("\r\n\r\n"));
        expect(head).toContain("From: lull on laptop <me@example.org>");
        expect(head).toContain("Subject: [lull laptop] notes can not be synced");
        expect(head).toContain("Auto-Submitted: auto-generated");
        expect(head).toMatch(/Message-ID: <lull\.laptop\.[0-9a-f]{24}@localhost>/);
        expect(head).toContain("Date: Mon, 02 Mar 2026 12:00:00 +0000");
        expect(head).toMatch(/Content-Type: text\/plain/);
        expect(text).toContain("notes can not be synced\r\n\r\nThe repository is not there\r\n");
        expect(text).toContain("Next: lull sync notes");
      },
    );

    test("the password of the environment counts before the file", async () => {
      await using server = await openSmtpServer(certificate, { secure: true });
      const readSecret = (): string => "wrong";
      const env = { LULL_SMTP_PASSWORD: "s3cret-word" };
      const mail = channel(server.port, { deps: { ...trusting, readSecret, env } });
      expect(await mail.send(noticeOf(), never)).toEqual({ kind: "sent" });
    });

    test("without a user nobody signs in", async () => {
      await using server = await openSmtpServer(certificate, { secure: true });
      const mail = channel(server.port, { config: { user: undefined }, deps: trusting });
      expect(await mail.send(noticeOf(), never)).toEqual({ kind: "sent" });
      expect(server.mails[0]).toMatchObject({ from: "lull@localhost", user: undefined });
    });

    test("several receivers get one mail; a given sender counts", async () => {
      await using server = await openSmtpServer(certificate, { secure: true });
      const config = { to: ["a@example.org", "Bea <b@example.org>"], from: "Sync <sync@example.org>" };
      const mail = channel(server.port, { config, deps: trusting });
      expect(await mail.send(noticeOf(), never)).toEqual({ kind: "sent" });
      expect(server.mails).toMatchObject([
        { from: "sync@example.org", to: ["a@example.org", "b@example.org"] },
      ]);
    });

    test("neither a notice nor a name can add a header or a receiver", async () => {
      await using server = await openSmtpServer(certificate, { secure: true });
      const injection = "x\r\nBcc: evil@example.org\r\n\r\nbody";
      const notice = noticeOf({ ...HOSTILE, title: injection, subject: `source:${injection}` });
      const mail = channel(server.port, {
        config: { from: injection, to: [`you@example.org${injection}`] },
        deps: { ...trusting, device: injection },
      });
      await mail.send(notice, never);
      const plain = channel(server.port, { deps: { ...trusting, device: injection } });
      expect(await plain.send(notice, never)).toEqual({ kind: "sent" });
      for (const { text, to } of server.mails) {
        expect(text.split("\r\n\r\n")[0]).not.toMatch(/^Bcc/im);
        expect(to.join()).not.toMatch(/^evil@/);
      }
    });

    test("umlauts and long lines arrive whole", async () => {
      await using server = await openSmtpServer(certificate, { secure: true });
      const mail = channel(server.port, { deps: trusting });
      const title = `größer 😀 ${"a".repeat(300)}`;
      expect(await mail.send(noticeOf({ title, body: ["ä".repeat(3000)] }), never)).toEqual({ kind: "sent" });
      const lines = server.mails[0]?.text.split("\r\n") ?? [];
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(998);
    });

    test("a wrong password is told as such, without it", async () => {
      await using server = await openSmtpServer(certificate, { secure: true });
      const mail = channel(server.port, { deps: { ...trusting, readSecret: () => "hunter2-äö" } });
      const result = await mail.send(noticeOf(), never);
      expect(result).toMatchObject({ kind: "failed", again: "never" });
      const error = errorOf(result);
      expect(error).toMatchObject({ kind: "auth", code: "MAIL_EAUTH" });
      expect(error.message).toContain("did not accept user and password");
      expect(error.hint).toContain("notify.email.user");
      const all = `${error.message}${error.hint}${JSON.stringify(error.data)}${String(error.cause)}`;
      expect(all).not.toContain("hunter2");
      expect(all).not.toContain(Buffer.from("hunter2-äö").toString("base64").slice(0, 12));
      expect(server.mails).toEqual([]);
    });

    test.each(["implicit", "starttls"] as const)(
      "%s: a certificate that nobody vouches for is refused before a word is said",
      async (tls) => {
        await using server = await openSmtpServer(certificate, { secure: tls === "implicit" });
        const error = errorOf(await channel(server.port, { config: { tls } }).send(noticeOf(), never));
        expect(error.message).toContain("has a certificate that nobody vouches for");
        expect(error.hint).toContain("NODE_EXTRA_CA_CERTS");
        expect(server.mails).toEqual([]);
      },
    );

    test.each(["implicit", "starttls"] as const)(
      "%s: a certificate of another host is refused",
      async (tls) => {
        const other = makeCertificate("mail.example.org");
        await using server = await openSmtpServer(other, { secure: tls === "implicit" });
        const mail = channel(server.port, { config: { tls }, deps: { authorities: [other.cert] } });
        expect(errorOf(await mail.send(noticeOf(), never)).message).toContain("certificate");
        expect(server.mails).toEqual([]);
      },
    );

    test("a server without STARTTLS gets neither password nor mail", async () => {
      await using server = await openSmtpServer(certificate, {
        secure: false,
        disabledCommands: ["STARTTLS"],
      });
      const result = await channel(server.port, { config: { tls: "starttls" } }).send(noticeOf(), never);
      expect(result).toMatchObject({ again: "never", error: { code: "MAIL_ETLS" } });
      expect(errorOf(result).hint).toContain("lull sends no mail in plain text");
      expect(server.mails).toEqual([]);
    });

    test("TLS of the other kind is told as such, or as silence", async () => {
      await using plain = await openSmtpServer(certificate, { secure: false });
      const first = errorOf(await channel(plain.port, { deps: trusting }).send(noticeOf(), never));
      expect(first.hint).toContain("notify.email.tls");
      await using secure = await openSmtpServer(certificate, { secure: true });
      const deps = { ...trusting, deadlines: { connectMs: 2000, greetingMs: 200, silenceMs: 200 } };
      const second = errorOf(
        await channel(secure.port, { config: { tls: "starttls" }, deps }).send(noticeOf(), never),
      );
      expect(second.hint).toContain("notify.email.tls");
    });

    test.each([
      [451, "later"],
      [550, "never"],
    ] as const)("an answer of %i after the mail means: again %s", async (status, again) => {
      await using server = await openSmtpServer(certificate, {
        secure: true,
        onData(stream, _session, callback) {
          stream.resume();
          stream.on("end", () =>
            callback(Object.assign(new Error("not \u001b[31mtoday"), { responseCode: status })),
          );
        },
      });
      const result = await channel(server.port, { deps: trusting }).send(noticeOf(), never);
      expect(result).toMatchObject({ kind: "failed", again });
      expect(errorOf(result).message).toContain(`answered with status ${status}`);
      expect(errorOf(result).message).not.toContain("\u001b");
    });

    test.each([
      [450, "later"],
      [553, "never"],
    ] as const)("a sender or receiver that is refused with %i means: again %s", async (status, again) => {
      const refuse = Object.assign(new Error("no"), { responseCode: status });
      for (const refusing of ["onMailFrom", "onRcptTo"] as const) {
        await using server = await openSmtpServer(certificate, {
          secure: true,
          [refusing]: (_address: unknown, _session: unknown, callback: (error: Error) => void) =>
            callback(refuse),
        });
        const result = await channel(server.port, { deps: trusting }).send(noticeOf(), never);
        expect(result).toMatchObject({ kind: "failed", again });
      }
    });

    test("a receiver of several that is refused is named; the others have the mail", async () => {
      await using server = await openSmtpServer(certificate, {
        secure: true,
        onRcptTo({ address }, _session, callback) {
          callback(
            address.startsWith("gone") ? Object.assign(new Error("gone"), { responseCode: 550 }) : null,
          );
        },
      });
      const config = { to: ["you@example.org", "gone@example.org"] };
      const result = await channel(server.port, { config, deps: trusting }).send(noticeOf(), never);
      expect(result).toMatchObject({ again: "never", error: { code: "MAIL_REFUSED_SOME" } });
      expect(errorOf(result).message).toContain("gone@example.org");
      expect(server.mails).toHaveLength(1);
    });

    test("a server that says nothing after the mail is given up", async () => {
      await using server = await openSmtpServer(certificate, {
        secure: true,
        onData: (stream) => void stream.resume(),
      });
      const deps = { ...trusting, deadlines: { connectMs: 5000, greetingMs: 5000, silenceMs: 300 } };
      const result = await channel(server.port, { deps }).send(noticeOf(), never);
      expect(result).toMatchObject({
        again: "later",
        error: { code: "MAIL_ETIMEDOUT", kind: "unreachable" },
      });
    });

    test("an interruption cuts the connection", async () => {
      const arrived = Promise.withResolvers<void>();
      await using server = await openSmtpServer(certificate, {
        secure: true,
        onData(stream) {
          stream.resume();
          arrived.resolve();
        },
      });
      const stop = new AbortController();
      const sending = channel(server.port, { deps: trusting }).send(noticeOf(), stop.signal);
      await arrived.promise;
      stop.abort();
      expect(errorOf(await sending).code).toBe("MAIL_ABORTED");
    });
  },
);

describe("a server that stalls", () => {
  const deadlines = { connectMs: 300, greetingMs: 200, silenceMs: 200 };

  test.each([
    ["before the greeting", "", "starttls"],
    ["in the middle of the greeting", "220 mail.exam", "starttls"],
    ["after the greeting", "220 mail.example.org ESMTP\r\n", "starttls"],
    ["before the handshake", "", "implicit"],
  ] as const)("%s is given up", async (_, words, tls) => {
    await using server = await openRawServer((socket) => void socket.write(words));
    const result = await channel(server.port, { config: { tls }, deps: { deadlines } }).send(
      noticeOf(),
      never,
    );
    expect(result).toMatchObject({ kind: "failed", again: "later", error: { kind: "unreachable" } });
    expect(errorOf(result).message).toContain("did not answer in time");
  });

  test("after STARTTLS is given up", async () => {
    await using server = await openRawServer((socket) => {
      socket.write("220 hello\r\n");
      socket.on("data", (chunk) => {
        if (/^EHLO/i.test(chunk.toString())) socket.write("250-hello\r\n250 STARTTLS\r\n");
        if (/^STARTTLS/i.test(chunk.toString())) socket.write("220 go\r\n");
      });
    });
    const config = { tls: "starttls" } as const;
    const result = await channel(server.port, { config, deps: { deadlines } }).send(noticeOf(), never);
    expect(result).toMatchObject({ kind: "failed" });
  });

  test("that injects words before STARTTLS is not believed", async () => {
    await using server = await openRawServer((socket) => {
      socket.write("220 hello\r\n");
      socket.on("data", (chunk) => {
        if (/^EHLO/i.test(chunk.toString())) socket.write("250-hello\r\n250 STARTTLS\r\n");
        if (/^STARTTLS/i.test(chunk.toString())) socket.write("220 go\r\n250 AUTH PLAIN\r\n235 welcome\r\n");
      });
    });
    const config = { tls: "starttls" } as const;
    const result = await channel(server.port, { config, deps: { deadlines } }).send(noticeOf(), never);
    expect(result).toMatchObject({ kind: "failed" });
  });
});

test.each([
  ["hangs up at once", (socket: { end(): void }) => socket.end()],
  ["speaks HTTP", (socket: { end(text: string): void }) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
])("a server that %s is an error with a next step", async (_, talk) => {
  await using server = await openRawServer(talk);
  const config = { tls: "starttls" } as const;
  const deps = { deadlines: { connectMs: 2000, greetingMs: 1000, silenceMs: 1000 } };
  const result = await channel(server.port, { config, deps }).send(noticeOf(), never);
  expect(result).toMatchObject({ kind: "failed" });
  expect(errorOf(result).hint).toBeDefined();
});

test("nobody listens there, or there is no such host", async () => {
  const closed = await openRawServer(() => {});
  await closed[Symbol.asyncDispose]();
  for (const config of [{}, { host: "mail.invalid" }]) {
    const result = await channel(closed.port, { config }).send(noticeOf(), never);
    expect(result).toMatchObject({ again: "later", error: { kind: "unreachable" } });
    expect(errorOf(result).message).toContain("can not be reached");
  }
});

test("a user without a password is told before anything is sent", async () => {
  const mail = channel(1, { config: { passwordFile: undefined } });
  expect(errorOf(await mail.send(noticeOf(), never))).toMatchObject({
    code: "MAIL_NO_PASSWORD",
    hint: expect.stringContaining("LULL_SMTP_PASSWORD"),
  });
});

test("a file with the password that can not be read is told as such", async () => {
  const readSecret = (): string => {
    throw new LullError({ kind: "config", code: "SECRET_EXPOSED", message: "others can read it" });
  };
  const result = await channel(1, { deps: { readSecret } }).send(noticeOf(), never);
  expect(result).toMatchObject({ again: "later", error: { code: "SECRET_EXPOSED" } });
});

/** A real SMTP server on the loopback that keeps the mails it takes. */
import { createServer, type Server, type Socket } from "node:net";

import { SMTPServer, type SMTPServerOptions } from "smtp-server";

import type { Certificate } from "./certificate.ts";

export type TakenMail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly isSecure: boolean;
  readonly user: string | undefined;
  readonly text: string;
};

export type TestSmtpServer = AsyncDisposable & { readonly port: number; readonly mails: TakenMail[] };

export async function openSmtpServer(
  certificate: Certificate,
  options: SMTPServerOptions = {},
): Promise<TestSmtpServer> {
  const mails: TakenMail[] = [];
  const server = new SMTPServer({
    key: certificate.key,
    cert: certificate.cert,
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth(auth, _session, callback) {
      const isRight = auth.username === "me@example.org" && auth.password === "s3cret-word";
      if (isRight) callback(null, { user: auth.username });
      else callback(new Error(`no such user ${auth.username} with ${auth.password}`));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          isSecure: session.secure,
          user: session.user === undefined ? undefined : String(session.user),
          text: Buffer.concat(chunks).toString(),
        });
        callback();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  const port = await listening((ready) => server.listen(0, "127.0.0.1", ready), server.server as Server);
  return {
    port,
    mails,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Talks SMTP by a script, for what no honest server does. @param talk called for each connection */
export async function openRawServer(
  talk: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    talk(socket);
  });
  const port = await listening((ready) => server.listen(0, "127.0.0.1", ready), server);
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function listening(listen: (ready: () => void) => void, server: Server): Promise<number> {
  await new Promise<void>((resolve) => listen(resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

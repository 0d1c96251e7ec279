import type * as Ssh2 from "ssh2";

import type { SshChannel } from "./ssh-channel.ts";

/** Of what a command complains about its beginning tells. */
const MOST_COMPLAINT = 16_384;

/**
 * An ssh2 channel whose output is taken only when asked for, so that SSH's own window holds the server back.
 * @param onKill called when the channel was ended without the server's consent
 */
export function builtinChannel(
  stream: Ssh2.ClientChannel,
  client: Ssh2.Client,
  onKill: () => void,
): SshChannel {
  const complaint: Buffer[] = [];
  let complaintSize = 0;
  stream.stderr.on("data", (piece: Buffer) => {
    // What is beyond is read all the same, or the channel would stand still.
    if (complaintSize < MOST_COMPLAINT) complaint.push(piece.subarray(0, MOST_COMPLAINT - complaintSize));
    complaintSize += piece.length;
  });
  stream.on("error", () => {});
  let code: number | undefined;
  stream.on("exit", (status: number | null) => {
    code = status ?? undefined;
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  // One list for all pieces: a promise keeps what waits for it, and a pack has tens of thousands of them.
  const writing = new Set<() => void>();
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
    for (const giveUp of writing) giveUp();
    resolve();
  };
  stream.once("close", close);
  client.once("close", close);
  return {
    output: outputOf(stream, closed),
    write: (bytes) =>
      new Promise((taken, reject) => {
        if (isClosed || !stream.writable) {
          reject(new Error("the channel is closed"));
          return;
        }
        const giveUp = (): void => reject(new Error("the channel was closed"));
        writing.add(giveUp);
        // Not copied: ssh2 has put them into packets of its own when it says that they are taken.
        stream.write(bytes, () => {
          writing.delete(giveUp);
          taken();
        });
      }),
    end() {
      if (stream.writable) stream.end();
    },
    ended: closed.then(() => ({ code, stderr: Buffer.concat(complaint).toString() })),
    kill() {
      stream.destroy();
      // A server that is silent does not answer to that either.
      close();
      onKill();
    },
  };
}

async function* outputOf(stream: Ssh2.ClientChannel, closed: Promise<void>): AsyncGenerator<Uint8Array> {
  let isOver = false;
  let wake = (): void => {};
  const over = (): void => {
    isOver = true;
    wake();
  };
  stream.on("readable", () => wake());
  stream.once("end", over);
  void closed.then(over);
  for (;;) {
    const piece: unknown = stream.read();
    if (piece instanceof Uint8Array) yield piece;
    else if (isOver) return;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}

/** What was said over a connection: recorded, damaged, and said again. */
import type { ByteStream, Connection, GitService } from "../../src/transport/transport.ts";
import type { Random } from "../helpers/random.ts";

/** One stream of bytes: what a server shows first, what is asked of it, and what it answers. */
export type Said = {
  readonly step: "advertisement" | "request" | "answer";
  readonly service: GitService;
  readonly bytes: Buffer;
};

export type Recording = { readonly connection: Connection; readonly said: () => readonly Said[] };

/** Passes everything on, and keeps it. */
export function record(inner: Connection): Recording {
  const kept: { readonly step: Said["step"]; readonly service: GitService; readonly chunks: Uint8Array[] }[] =
    [];
  const keep = (step: Said["step"], service: GitService, stream: ByteStream): ByteStream => {
    const chunks: Uint8Array[] = [];
    kept.push({ step, service, chunks });
    return (async function* () {
      for await (const chunk of stream) {
        // Whoever gave it may use its memory again.
        chunks.push(Uint8Array.from(chunk));
        yield chunk;
      }
    })();
  };
  const connection: Connection = {
    remote: inner.remote,
    advertise: async (service, protocol) =>
      keep("advertisement", service, await inner.advertise(service, protocol)),
    exchange: async (service, request) =>
      keep("answer", service, await inner.exchange(service, keep("request", service, request))),
    close: () => inner.close(),
  };
  return {
    connection,
    said: () => kept.map(({ chunks, ...rest }) => ({ ...rest, bytes: Buffer.concat(chunks) })),
  };
}

/** A server that says what was recorded, in chunks of any size, and nothing once it has said it all. */
export function replay(said: readonly Said[], random: Random): Connection {
  const left = [...said];
  const say = (step: Said["step"], service: GitService): ByteStream => {
    const index = left.findIndex((one) => one.step === step && one.service === service);
    const [found] = index < 0 ? [] : left.splice(index, 1);
    return pieces(found?.bytes ?? Buffer.alloc(0), random);
  };
  return {
    remote: "https://example.com/replayed.git",
    advertise: async (service) => say("advertisement", service),
    async exchange(service, request) {
      for await (const _ of request);
      return say("answer", service);
    },
    close: async () => {},
  };
}

export async function* pieces(bytes: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(random.pick([4, 200, 70_000]));
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const PIECES = [
  "0000",
  "0001",
  "0002",
  "0003",
  "0004",
  "0005a",
  "fff0",
  "ffff",
  "FFFF",
  "-001",
  "0012ERR no access\n",
  "0012\u0003out of disk\n",
  "0009\u0002hm\r\n",
  "0006\u0004x",
  "0008NAK\n",
  `0031ACK ${"a".repeat(40)}\n`,
  "PACK\0\0\0\u0002\u007f\u00ff\u00ff\u00ff",
  "0".repeat(40),
  "f".repeat(40),
  " refs/heads/../../x\n",
  "shallow ",
  "\0",
  "\n",
  "\x9c",
];

/** One to three slips, either of bytes or of whole packets whose lengths are then right again. */
export function slip(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let slips = 1 + random.below(3); slips > 0; slips--)
    result = random.chance(0.5) ? slipOfBytes(result, random) : slipOfPackets(result, random);
  return result;
}

function slipOfBytes(bytes: Buffer, random: Random): Buffer {
  // Half of them in the first lines, which a pack would else outweigh.
  const at = random.below(1 + (random.chance(0.5) ? Math.min(bytes.length, 200) : bytes.length));
  const end = Math.min(bytes.length, at + 1 + random.below(random.pick([2, 40, 2000])));
  const [before, middle, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  return Buffer.concat(
    random.pick<() => readonly Uint8Array[]>([
      () => [before],
      () => [before, after],
      () => [before, middle, middle, after],
      () => [after, middle, before],
      () => [before, Buffer.from(random.pick(PIECES), "latin1"), middle, after],
      () => [before, middle.map((byte) => byte ^ (1 << random.below(8))), after],
      () => [before, middle.map(() => random.below(256)), after],
    ])(),
  );
}

function slipOfPackets(bytes: Buffer, random: Random): Buffer {
  const packets = packetsOf(bytes);
  const at = random.below(packets.length);
  const [packet] = packets.splice(at, 1);
  if (packet === undefined) return bytes;
  const other = random.below(packets.length + 1);
  switch (random.below(4)) {
    case 0:
      break;
    case 1:
      packets.splice(other, 0, packet);
      break;
    case 2:
      packets.splice(at, 0, packet, packet);
      break;
    default: {
      const damaged = slipOfBytes(packet.subarray(4), random).subarray(0, 65_000);
      const length = (damaged.length + 4).toString(16).padStart(4, "0");
      packets.splice(at, 0, Buffer.concat([Buffer.from(length), damaged]));
    }
  }
  return Buffer.concat(packets);
}

/** With their lengths; what is no packet any more stands at the end as it is. */
function packetsOf(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = Number.parseInt(bytes.toString("latin1", at, at + 4), 16);
    if (Number.isNaN(length)) break;
    const end = Math.min(bytes.length, at + Math.max(4, length));
    packets.push(bytes.subarray(at, end));
    at = end;
  }
  return at < bytes.length ? [...packets, bytes.subarray(at)] : packets;
}

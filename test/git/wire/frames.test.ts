import { describe, expect, test } from "bun:test";

import { readAdvertisement } from "../../../src/git/wire/advertisement.ts";
import { fetchPack } from "../../../src/git/wire/fetch-pack.ts";
import { listRefs } from "../../../src/git/wire/list-refs.ts";
import { packet, PacketReader } from "../../../src/git/wire/pkt-line.ts";
import { judgeRefusal, readReport } from "../../../src/git/wire/report-status.ts";
import { sidebandData, sidebandPackets } from "../../../src/git/wire/sideband.ts";
import type { ByteStream, Connection } from "../../../src/transport/transport.ts";
import { failureOf } from "../../helpers/thrown.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);

/** Cuts bytes into chunks of a size, the worst first. */
async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
}

function frames(...lines: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    lines.map((line) =>
      line === "0000" || line === "0001" || line === "0002" ? Buffer.from(line) : packet(line),
    ),
  );
}

function reader(bytes: Uint8Array, size = bytes.length || 1): PacketReader {
  return new PacketReader(chunked(bytes, size), "host");
}

describe("PacketReader", () => {
  test("finds the same packets however the stream is split", async () => {
    const bytes = frames("hello\n", "0000", new Uint8Array(65_516).fill(7), "0001", "", "0002");
    for (const size of [1, 3, 4, 5, 1000, 65_519, bytes.length]) {
      const packets = reader(bytes, size);
      const found: string[] = [];
      for (let next = await packets.next(); next !== undefined; next = await packets.next()) {
        found.push(next.kind === "data" ? String(next.bytes.length) : next.kind);
      }
      expect(found).toEqual(["6", "flush", "65516", "delimiter", "0", "response-end"]);
    }
  });

  test("keeps bytes that are no text", async () => {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await reader(packet(Buffer.from(all).toString("latin1")), 7).next()).toEqual({
      kind: "data",
      bytes: Buffer.from(all),
    });
  });

  test.each([
    ["00", "TRUNCATED"],
    ["0009abcd", "TRUNCATED"],
    ["0003", "REMOTE_ERROR"],
    ["zzzz", "REMOTE_ERROR"],
    ["<htm", "REMOTE_ERROR"],
    ["-001", "REMOTE_ERROR"],
    ["fff1", "REMOTE_ERROR"],
    ["ffff", "REMOTE_ERROR"],
  ])("refuses %j", async (bytes, code) => {
    expect((await failureOf(reader(Buffer.from(bytes)).next())).code).toBe(code);
  });

  test("throws the other side's ERR line, made safe to print", async () => {
    const error = await failureOf(reader(packet("ERR access denied\u001b[31m\n")).next());
    expect(error).toMatchObject({ code: "REMOTE_ERROR", message: "host said: access denied\\x1b[31m" });
  });

  test("hands on what follows the packets, and ends a stream that is given up", async () => {
    let returned = 0;
    const stream: ByteStream = {
      [Symbol.asyncIterator]: () => {
        const inner = chunked(Buffer.concat([frames("a", "0000"), Buffer.from("PACK and more")]), 8);
        return {
          next: () => inner.next(),
          return: async () => {
            returned++;
            return { done: true, value: undefined };
          },
        };
      },
    };
    const packets = new PacketReader(stream, "host");
    expect(await packets.line()).toBe("a");
    expect(await packets.line()).toBeUndefined();
    let rest = "";
    for await (const chunk of packets.rest()) rest += Buffer.from(chunk).toString();
    expect(rest).toBe("PACK and more");
    expect(returned).toBe(1);
  });

  test("gives the beginning of a long packet and then the rest, however the stream is split", async () => {
    const long = Buffer.from(Array.from({ length: 60_000 }, (_, at) => at % 251));
    const bytes = frames("short", long, "0000", "after");
    for (const size of [1, 3, 7, 8, 11, 1000, 60_012, bytes.length]) {
      const packets = reader(bytes, size);
      const found: (string | Buffer)[] = [];
      for (let at = 0; at < 4; at++) {
        const start = await packets.needStart();
        const pieces = start.kind === "data" ? [start.bytes] : [];
        for (let next = await packets.more(); next !== undefined; next = await packets.more())
          pieces.push(next);
        found.push(start.kind === "data" ? Buffer.concat(pieces) : start.kind);
      }
      expect(found).toEqual([Buffer.from("short"), long, "flush", Buffer.from("after")]);
    }
  });

  test("misses the end of a packet that was begun, and sees an error in it", async () => {
    const cut = reader(packet(Buffer.alloc(1000, 1)).subarray(0, 500), 100);
    expect(await cut.needStart()).toMatchObject({ kind: "data" });
    const rest = async (): Promise<void> => {
      while ((await cut.more()) !== undefined);
    };
    expect((await failureOf(rest())).code).toBe("TRUNCATED");
    const error = await failureOf(reader(packet("ERR no"), 5).needStart());
    expect(error).toMatchObject({ code: "REMOTE_ERROR", message: "host said: no" });
  });

  test("needs a packet where one must be", async () => {
    expect((await failureOf(reader(Buffer.alloc(0)).need())).code).toBe("TRUNCATED");
  });
});

describe("the sideband", () => {
  async function collect(bytes: Uint8Array, onMessage?: (line: string) => void): Promise<string> {
    let data = "";
    for await (const chunk of sidebandData(reader(bytes, 11), { remote: "host", onMessage })) {
      data += Buffer.from(chunk).toString("latin1");
    }
    return data;
  }

  test("carries data of any size and puts lines of messages together", async () => {
    const data = Buffer.alloc(200_000, "x");
    const bytes = Buffer.concat([
      ...sidebandPackets(2, Buffer.from("Counting: 1%\rCoun")),
      ...sidebandPackets(1, data),
      packet("\u0001"),
      ...sidebandPackets(2, Buffer.from("ting: 2%\r\nh\u00fc\u001b]0;evil\u0007 last")),
      Buffer.from("0000"),
    ]);
    const lines: string[] = [];
    expect(await collect(bytes, (line) => lines.push(line))).toBe(data.toString());
    expect(lines).toEqual(["Counting: 1%", "Counting: 2%", "h\u00fc\\x1b]0;evil\\x07 last"]);
    expect((await collect(bytes)).length).toBe(data.length);
  });

  test.each([
    [frames("\u0001data"), "TRUNCATED", "broke off"],
    [frames("\u0003disk full\u0007\n"), "REMOTE_ERROR", "host said: disk full\\x07"],
    [frames("\u0004?"), "REMOTE_ERROR", "band 4"],
    [frames(""), "REMOTE_ERROR", "band none"],
    [frames("\u0001data", "0001"), "REMOTE_ERROR", "delimiter"],
  ])("refuses %#", async (bytes, code, words) => {
    const error = await failureOf(collect(bytes));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});

describe("readAdvertisement", () => {
  const read = (bytes: Uint8Array, size = 13) => readAdvertisement(chunked(bytes, size), "host");

  test("reads versions 0 and 1, peeled tags, the head and refs of other kinds", async () => {
    for (const start of [[], ["version 1\n"]]) {
      const found = await read(
        frames(
          ...start,
          `${A} HEAD\0side-band-64k symref=HEAD:refs/heads/dev symref=refs/x:refs/y agent=git/2\n`,
          `${A} refs/heads/dev\n`,
          `${B} refs/heads/main`,
          `${B} refs/pull/1/head\n`,
          `${A} refs/tags/v1\n`,
          `${B} refs/tags/v1^{}\n`,
          `${A} .have\n`,
          `shallow ${A}\n`,
          "0000",
        ),
      );
      if (found.version === 2) throw new Error("wrong version");
      expect(found.version).toBe(start.length as 0 | 1);
      expect(found.capabilities.get("agent")).toBe("git/2");
      expect(found.list).toEqual({
        refs: new Map([
          ["refs/heads/dev", A],
          ["refs/heads/main", B],
          ["refs/tags/v1", A],
        ]),
        head: "refs/heads/dev",
        peeled: new Map([["refs/tags/v1", B]]),
        others: [B, A],
      });
    }
  });

  test("guesses the head of old servers as git does", async () => {
    const head = async (...lines: readonly string[]) => {
      const found = await read(frames(`${A} HEAD\0`, ...lines, "0000"));
      return found.version === 2 ? "" : found.list.head;
    };
    expect(await head(`${A} refs/heads/dev`, `${A} refs/heads/master`)).toBe("refs/heads/master");
    expect(await head(`${B} refs/heads/master`, `${A} refs/heads/dev`)).toBe("refs/heads/dev");
    expect(await head(`${B} refs/heads/master`, `${A} refs/tags/x`)).toBeUndefined();
  });

  test("takes an empty repository in both its forms", async () => {
    for (const bytes of [frames(`${"0".repeat(40)} capabilities^{}\0agent=x\n`, "0000"), frames("0000")]) {
      const found = await read(bytes);
      expect(found.version === 2 ? undefined : found.list.refs.size).toBe(0);
    }
  });

  test("leaves out names that git would not accept", async () => {
    const bad = [
      "refs/heads/../../config",
      "refs/heads/a..b",
      "refs/heads/.hidden",
      "refs/heads/x.lock",
      "refs/heads/a\u001b[31m",
      "refs/heads/a~1",
      "refs/heads/@{",
      "refs/heads/",
      "refs/heads//a",
      "__proto__",
      "../evil",
    ];
    const found = await read(frames(`${A} refs/heads/ok\0`, ...bad.map((name) => `${A} ${name}`), "0000"));
    expect(found.version === 2 ? [] : [...found.list.refs.keys()]).toEqual(["refs/heads/ok"]);
  });

  test("reads the capabilities of version 2", async () => {
    const found = await read(
      frames("version 2\n", "ls-refs=unborn\n", "fetch=shallow filter\n", "object-format=sha1\n", "0000"),
    );
    expect(found).toMatchObject({ version: 2 });
    expect([...found.capabilities]).toEqual([
      ["ls-refs", "unborn"],
      ["fetch", "shallow filter"],
      ["object-format", "sha1"],
    ]);
  });

  test("needs the final flush wherever the stream ends", async () => {
    const whole = frames(`${A} HEAD\0side-band-64k\n`, `${A} refs/heads/a\n`, `${B} refs/heads/b\n`, "0000");
    for (let length = 0; length < whole.length; length++) {
      expect((await failureOf(read(whole.subarray(0, length)))).code).toBe("TRUNCATED");
    }
  });

  test.each([
    [frames("version 3\n", "0000"), "UNSUPPORTED", "version 3"],
    [frames("version 2\n", "object-format=sha256\n", "0000"), "UNSUPPORTED", "sha256"],
    [frames(`${A} HEAD\0object-format=sha256\n`, "0000"), "UNSUPPORTED", "sha256"],
    [frames("hello\n", "0000"), "REMOTE_ERROR", "hello"],
    [frames(`${A} HEAD\0`, `${"a".repeat(64)} refs/heads/x`, "0000"), "REMOTE_ERROR", "no line"],
    [
      frames("version 2\n", ...Array.from({ length: 1001 }, (_, index) => `c${index}`), "0000"),
      "REMOTE_ERROR",
      "1,000",
    ],
  ])("refuses %#", async (bytes, code, words) => {
    const error = await failureOf(read(bytes));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  test("stops at 200,000 refs", async () => {
    const line = packet(`${A} refs/heads/x\n`);
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield packet(`${A} HEAD\0`);
      const many = Buffer.concat(Array.from({ length: 1000 }, () => line));
      for (;;) yield many;
    }
    expect((await failureOf(readAdvertisement(endless(), "host"))).code).toBe("UNSUPPORTED");
    async function* peeled(): AsyncGenerator<Uint8Array> {
      yield packet(`${A} HEAD\0`);
      const many = Buffer.concat(Array.from({ length: 1000 }, () => packet(`${A} refs/tags/x^{}\n`)));
      for (;;) yield many;
    }
    expect((await failureOf(readAdvertisement(peeled(), "host"))).code).toBe("UNSUPPORTED");
  });
});

/** A connection that gives prepared answers and keeps what was asked. */
function scripted(advertisement: Uint8Array, answer: Uint8Array): Connection & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    remote: "host",
    asked,
    advertise: async () => chunked(advertisement, 50),
    exchange: async (_service, request) => {
      let text = "";
      for await (const chunk of request) text += Buffer.from(chunk).toString("latin1");
      asked.push(text);
      return chunked(answer, 50);
    },
    close: async () => {},
  };
}

const VERSION_2 = frames(
  "version 2\n",
  "agent=x\n",
  "ls-refs=unborn\n",
  "fetch\n",
  "object-format=sha1\n",
  "0000",
);

describe("listRefs", () => {
  test("asks for branches and tags only, and reads attributes", async () => {
    const connection = scripted(
      VERSION_2,
      frames(
        `${A} HEAD symref-target:refs/heads/main\n`,
        `${A} refs/heads/main\n`,
        `${B} refs/tags/v1 peeled:${A}\n`,
        "0000",
      ),
    );
    const { list, version } = await listRefs(connection);
    expect(version).toBe(2);
    expect(list).toMatchObject({ head: "refs/heads/main", peeled: new Map([["refs/tags/v1", A]]) });
    expect(list.refs.size).toBe(2);
    expect(connection.asked[0]).toContain("command=ls-refs");
    expect(connection.asked[0]).toContain("ref-prefix refs/heads/");
    expect(connection.asked[0]).toContain("unborn");
  });

  test("knows the branch of an empty repository", async () => {
    const { list } = await listRefs(
      scripted(VERSION_2, frames("unborn HEAD symref-target:refs/heads/trunk\n", "0000")),
    );
    expect(list).toMatchObject({ head: "refs/heads/trunk", refs: new Map() });
  });

  test.each([
    [frames(`${A} refs/heads/main\n`), "TRUNCATED"],
    [frames("0001"), "REMOTE_ERROR"],
    [frames("what is this\n", "0000"), "REMOTE_ERROR"],
    [frames(`${A}\n`, "0000"), "REMOTE_ERROR"],
    [frames("ERR no\n"), "REMOTE_ERROR"],
  ])("refuses %#", async (answer, code) => {
    expect((await failureOf(listRefs(scripted(VERSION_2, answer)))).code).toBe(code);
  });
});

describe("fetchPack", () => {
  const receive = async (pack: ByteStream): Promise<string> => {
    let text = "";
    for await (const chunk of pack) text += Buffer.from(chunk).toString();
    return text;
  };
  const version2 = { version: 2 as const, capabilities: new Map([["agent", "x"]]) };
  const version0 = {
    version: 0 as const,
    capabilities: new Map([
      ["side-band-64k", ""],
      ["ofs-delta", ""],
      ["no-progress", ""],
      ["agent", "git"],
    ]),
  };

  test("speaks version 2 in one round and passes over sections it did not ask for", async () => {
    const connection = scripted(
      VERSION_2,
      frames(
        "acknowledgments\n",
        `ACK ${A}\n`,
        "ready\n",
        "0001",
        "packfile\n",
        "\u0001PACK",
        "\u0001!",
        "0000",
      ),
    );
    const result = await fetchPack({ connection, listing: version2, wants: [A], haves: [B], receive });
    expect(result).toBe("PACK!");
    expect(connection.asked[0]).toContain(`want ${A}\n0032have ${B}\n0009done\n0000`);
    expect(connection.asked[0]).toContain("no-progress");
  });

  test("speaks version 0 in one round", async () => {
    const connection = scripted(VERSION_2, frames(`ACK ${B}\n`, "NAK\n", "\u0001PACK", "0000"));
    const result = await fetchPack({ connection, listing: version0, wants: [A, B], haves: [B], receive });
    expect(result).toBe("PACK");
    expect(connection.asked[0]).toContain(`want ${A} side-band-64k ofs-delta no-progress agent=lull/1\n`);
    expect(connection.asked[0]).toEndWith(`want ${B}\n00000032have ${B}\n0009done\n`);
  });

  test("needs the final flush even when the receiver has enough, and nothing behind it", async () => {
    const early = async (pack: ByteStream): Promise<string> => {
      for await (const chunk of pack) return Buffer.from(chunk).toString();
      return "";
    };
    const ask = (answer: Uint8Array) =>
      fetchPack({
        connection: scripted(VERSION_2, answer),
        listing: version0,
        wants: [A],
        haves: [],
        receive: early,
      });
    expect(await ask(frames("NAK\n", "\u0001PACK", "0000"))).toBe("PACK");
    expect((await failureOf(ask(frames("NAK\n", "\u0001PACK")))).code).toBe("TRUNCATED");
    expect((await failureOf(ask(frames("NAK\n", "\u0001PACK", "\u0001more", "0000")))).code).toBe(
      "REMOTE_ERROR",
    );
  });

  test.each([
    [version2, frames("0000"), "REMOTE_ERROR"],
    [version2, frames("acknowledgments\n", "NAK\n", "0000"), "REMOTE_ERROR"],
    [version2, frames("packfile\n", "\u0001PACK"), "TRUNCATED"],
    [version2, frames("ERR upload-pack: not our ref\n"), "REMOTE_ERROR"],
    [version0, frames("NAK\n"), "TRUNCATED"],
    [version0, frames("NAK\n", "0000"), "REMOTE_ERROR"],
    [version0, frames("NAK\n", "\u0001PA", "\u0003out of memory", "0000"), "REMOTE_ERROR"],
    [
      { version: 0 as const, capabilities: new Map<string, string>() },
      frames("NAK\n", "0000"),
      "UNSUPPORTED",
    ],
  ])("refuses %#", async (listing, answer, code) => {
    const connection = scripted(VERSION_2, answer);
    const work = (async () => fetchPack({ connection, listing, wants: [A], haves: [], receive }))();
    expect((await failureOf(work)).code).toBe(code);
  });
});

describe("the report of a push", () => {
  test("names what happened to each ref", async () => {
    const report = await readReport(
      reader(
        frames(
          "unpack ok\n",
          "ok refs/heads/a\n",
          "option refname x\n",
          "ng refs/heads/b why not\n",
          "ng refs/x",
          "0000",
        ),
      ),
    );
    expect(report).toEqual({
      unpack: "ok",
      refs: new Map([
        ["refs/heads/a", "ok"],
        ["refs/heads/b", "why not"],
        ["refs/x", "no reason given"],
      ]),
    });
  });

  test.each([
    [frames("unpack ok\n", "ok refs/heads/a\n"), "TRUNCATED"],
    [frames("ok refs/heads/a\n", "0000"), "REMOTE_ERROR"],
    [frames("hello\n", "0000"), "REMOTE_ERROR"],
  ])("is refused when it is cut or strange %#", async (bytes, code) => {
    expect((await failureOf(readReport(reader(bytes)))).code).toBe(code);
  });

  const judge = (reason: string) =>
    judgeRefusal(reason, { remote: "host", ref: "refs/heads/main", messages: ["hook says no"] });

  test.each([
    "non-fast-forward",
    "non-fast forward",
    "fetch first",
    "stale info",
    "failed to update ref",
    "failed to lock",
    `cannot lock ref 'refs/heads/main': is at ${A} but expected ${B}`,
    "incorrect old value provided",
    "LOCK_FAILURE",
  ])("%j means that somebody else was faster", (reason) => {
    expect(judge(reason)).toBe("behind");
  });

  test.each([
    ["pre-receive hook declined", "FORBIDDEN"],
    ["protected branch hook declined", "FORBIDDEN"],
    ["branch is currently checked out", "FORBIDDEN"],
    ["deletion prohibited", "FORBIDDEN"],
    [
      "cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'",
      "REMOTE_ERROR",
    ],
    ["missing necessary objects", "REMOTE_ERROR"],
    ["funny refname", "REMOTE_ERROR"],
  ])("%j stops the push as %s, with the hook's words", async (reason, code) => {
    const error = await failureOf((async () => judge(reason))());
    expect(error.code).toBe(code);
    expect(error.message).toContain(reason);
    expect(error.message).toContain("hook says no");
  });
});

/** Against a server on the loopback that keeps what it gets and answers as told. */
import { afterAll, describe, expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { systemTimers } from "../../src/base/timers.ts";
import type { WebhookConfig } from "../../src/config/config.ts";
import { beat } from "../../src/notify/heartbeat.ts";
import { createWebhookChannel } from "../../src/notify/webhook.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";
import { HOSTILE, noticeOf } from "./notices.ts";

type Got = {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
};

const never = new AbortController().signal;
const clock = fakeClock("2026-03-02T12:00:05Z");
let answer: (request: Request) => Response | Promise<Response> = () => new Response("ok");
const got: Got[] = [];
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    got.push({
      method: request.method,
      path: pathname + search,
      headers: request.headers,
      body: await request.text(),
    });
    return answer(request);
  },
});
afterAll(async () => {
  await server.stop(true);
});

const PATH = "/services/T0/B0/path-is-secret?token=query-is-secret";

function channel(changes: Partial<WebhookConfig> = {}, secret = "key") {
  return createWebhookChannel(
    { url: `http://127.0.0.1:${server.port}${PATH}`, format: "json", secretFile: undefined, ...changes },
    { clock, timers: systemTimers, device: "laptop", readSecret: () => secret },
  );
}

/** Sends and returns the one request that came. */
async function sent(changes: Partial<WebhookConfig>, notice = HOSTILE, secret?: string): Promise<Got> {
  answer = () => new Response("ok");
  got.length = 0;
  expect(await channel(changes, secret).send(notice, never)).toEqual({ kind: "sent" });
  const [only] = got;
  if (only === undefined || got.length !== 1) throw new Error(`${got.length} requests came`);
  return only;
}

describe("plain JSON", () => {
  test("has a shape that others can build on", async () => {
    const { method, path, headers, body } = await sent({}, noticeOf({ paths: ["a.md"] }));
    expect([method, path, headers.get("content-type")]).toEqual(["POST", PATH, "application/json"]);
    expect(JSON.parse(body)).toEqual({
      version: 1,
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      at: "2026-03-02T12:00:00.000Z",
      device: "laptop",
      level: "error",
      kind: "failed",
      title: "notes can not be synced",
      body: ["The repository is not there", "Correct the address"],
      text: "notes can not be synced\nThe repository is not there\nCorrect the address\nNext: lull sync notes",
      source: "notes",
      command: "lull sync notes",
      paths: ["a.md"],
    });
    expect(headers.get("x-lull-signature")).toBeNull();
  });

  test("is signed over time and body, and has the same identifier when it is sent again", async () => {
    const { headers, body } = await sent({ secretFile: "/k" }, HOSTILE, "s3cret");
    expect(headers.get("x-lull-timestamp")).toBe("1772452805");
    const hmac = new Bun.CryptoHasher("sha256", "s3cret").update(`1772452805.${body}`).digest("hex");
    expect(headers.get("x-lull-signature")).toBe(`sha256=${hmac}`);
    const again = await sent({ secretFile: "/k" });
    expect(JSON.parse(again.body)).toMatchObject({ id: (JSON.parse(body) as { id: string }).id });
  });
});

describe("ntfy", () => {
  test("has title, priority, tags and token in the head, and the text in the body", async () => {
    const { headers, body } = await sent({ format: "ntfy", secretFile: "/k" }, noticeOf(), "tk_1");
    expect(headers.get("title")).toBe("notes can not be synced");
    expect(headers.get("priority")).toBe("4");
    expect(headers.get("tags")).toBe("rotating_light");
    expect(headers.get("authorization")).toBe("Bearer tk_1");
    expect(body).toBe("The repository is not there\nCorrect the address\nNext: lull sync notes\nlaptop");
  });

  test("gets a title that is not ASCII as encoded words", async () => {
    const title = `größer ${"😀".repeat(40)} =?x?=`;
    const { headers } = await sent({ format: "ntfy" }, noticeOf({ title, level: "info" }));
    const words = headers.get("title")?.split(" ") ?? [];
    expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(75);
    const decoded = words.map((word) =>
      Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(word)?.[1] ?? "", "base64"),
    );
    expect(Buffer.concat(decoded).toString()).toBe(title);
    expect(headers.get("authorization")).toBeNull();
  });

  test("gets a body that it does not make a file of", async () => {
    const { body } = await sent({ format: "ntfy" }, noticeOf({ body: ["ä".repeat(10_000)] }));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4000);
  });

  test("gets no token in plain text beyond this machine", async () => {
    const far = channel({ url: "http://ntfy.example.org/x", format: "ntfy", secretFile: "/k" });
    expect(await far.send(HOSTILE, never)).toMatchObject({
      kind: "failed",
      error: { code: "NOTICE_UNSAFE" },
    });
  });
});

test("Slack gets plain text, in which no mention can be made", async () => {
  const { body } = await sent({ format: "slack" }, { ...HOSTILE, title: "<!channel> & <https://x|y>" });
  const message = JSON.parse(body) as { text: string; blocks: { text?: { type: string; text: string } }[] };
  expect(message.text).toBe("&lt;!channel&gt; &amp; &lt;https://x|y&gt;");
  expect(message.blocks.map(({ text }) => text?.type)).toEqual(["plain_text", "plain_text", undefined]);
  expect(message.blocks[1]?.text?.text).toBe([...HOSTILE.body, "Next: lull sync 'a b'"].join("\n"));
});

test("Discord gets an embed that mentions nobody", async () => {
  const { body } = await sent(
    { format: "discord" },
    noticeOf({ title: "@everyone *a_b* [x](y)", level: "problem" }),
  );
  expect(JSON.parse(body)).toEqual({
    username: "lull",
    embeds: [
      {
        title: String.raw`@everyone \*a\_b\* \[x\]\(y\)`,
        description: "The repository is not there\nCorrect the address\nNext: lull sync notes",
        color: 0xf29900,
        footer: { text: "laptop" },
        timestamp: "2026-03-02T12:00:00.000Z",
      },
    ],
    allowed_mentions: { parse: [] },
  });
});

test.each(["slack", "discord"] as const)(
  "%s: a notice of the largest size keeps to its limits",
  async (format) => {
    const { body } = await sent({ format }, noticeOf({ title: "*".repeat(2000), body: ["*".repeat(9000)] }));
    const lengths = [...body.matchAll(/"(?:text|title|description)":"((?:[^"\\]|\\.)*)"/g)].map(
      ([, text = ""]) => text.replaceAll(/\\(.)/g, "$1").length,
    );
    expect(Math.max(...lengths)).toBeLessThanOrEqual(format === "slack" ? 3000 : 4096);
  },
);

test("a notice without a text is sent without empty parts", async () => {
  const bare = noticeOf({ body: [], command: undefined });
  expect((await sent({ format: "slack" }, bare)).body).not.toContain('"text":""');
  expect((await sent({ format: "discord" }, bare)).body).not.toContain("description");
  expect((await sent({ format: "ntfy" }, bare)).body).toBe("laptop");
});

test("user and password of an address go into the head", async () => {
  const url = `http://me:p%40ss@127.0.0.1:${server.port}/x`;
  const { headers } = await sent({ url });
  expect(headers.get("authorization")).toBe(`Basic ${btoa("me:p@ss")}`);
});

describe("an answer", () => {
  const outcome = async (status: number, headers: Record<string, string> = {}) => {
    answer = ({ url }) => new Response(`Cannot POST ${url}`, { status, headers });
    return channel().send(HOSTILE, never);
  };

  test.each([
    [400, "never"],
    [401, "never"],
    [403, "never"],
    [404, "never"],
    [410, "never"],
    [408, "later"],
    [500, "later"],
    [502, "later"],
    [429, 60_000],
    [503, 60_000],
  ] as const)("with status %i means: again %s", async (status, again) => {
    const result = await outcome(status);
    expect(result).toMatchObject({
      kind: "failed",
      again,
      error: { message: expect.stringContaining(`${status}`) },
    });
  });

  test("says how long to wait", async () => {
    expect(await outcome(429, { "Retry-After": "1.5" })).toMatchObject({ again: 1500 });
    expect(await outcome(503, { "Retry-After": "90" })).toMatchObject({ again: 90_000 });
    expect(await outcome(429, { "Retry-After": "9999999" })).toMatchObject({ again: 3_600_000 });
  });

  test.each([301, 302, 307, 308])(
    "that redirects (%i) is not followed, on the same host or off it",
    async (status) => {
      for (const location of ["/elsewhere", `http://localhost:${server.port}/elsewhere?path-is-secret`]) {
        got.length = 0;
        const result = await outcome(status, { Location: location });
        expect(result).toMatchObject({
          kind: "failed",
          again: "never",
          error: { code: "NOTICE_REDIRECTED" },
        });
        expect(got).toHaveLength(1);
      }
    },
  );

  test("never puts the address or the secret into an error", async () => {
    const texts: string[] = [];
    for (const status of [400, 302, 429, 500]) {
      const result = await outcome(status, { Location: `http://x.example.org${PATH}` });
      texts.push(JSON.stringify(result) + (result.kind === "failed" ? result.error.message : ""));
    }
    for (const url of [
      `http://127.0.0.1:1${PATH}`,
      `http://nowhere.invalid${PATH}`,
      `https://127.0.0.1:${server.port}${PATH}`,
    ]) {
      const result = await channel({ url }).send(HOSTILE, never);
      if (result.kind !== "failed") throw new Error("it was sent");
      expect(result.again).toBe("later");
      texts.push(`${result.error.message} ${result.error.hint} ${JSON.stringify(result.error.data)}`);
    }
    expect(texts.join("\n")).not.toContain("secret");
    expect(channel().name).toBe(`webhook 127.0.0.1:${server.port}`);
  });
});

test("a server that does not answer is given up after ten seconds", async () => {
  const gate = Promise.withResolvers<Response>();
  const arrived = Promise.withResolvers<void>();
  answer = () => {
    arrived.resolve();
    return gate.promise;
  };
  const time = fakeClock();
  const timers = fakeTimers(time);
  const slow = createWebhookChannel(
    { url: `http://127.0.0.1:${server.port}/`, format: "json", secretFile: undefined },
    { clock: time, timers, device: "laptop", readSecret: () => "" },
  );
  const sending = slow.send(HOSTILE, never);
  await arrived.promise;
  await timers.pass(10_000);
  expect(await sending).toMatchObject({
    again: "later",
    error: { message: `the webhook 127.0.0.1:${server.port} did not answer within 10 s` },
  });
  expect(timers.pending).toBe(0);
  gate.resolve(new Response());
});

test("an interruption ends it at once", async () => {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<Response>();
  answer = () => {
    arrived.resolve();
    return gate.promise;
  };
  const stop = new AbortController();
  const sending = channel().send(HOSTILE, stop.signal);
  await arrived.promise;
  stop.abort();
  expect(await sending).toMatchObject({ kind: "failed" });
  gate.resolve(new Response());
});

test("an endless answer is not read", async () => {
  answer = () => new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536)) }));
  expect(await channel().send(HOSTILE, never)).toEqual({ kind: "sent" });
});

test("a secret that can not be read is an error, and nothing is sent without it", async () => {
  got.length = 0;
  const broken = createWebhookChannel(
    { url: `http://127.0.0.1:${server.port}/`, format: "json", secretFile: "/k" },
    {
      clock,
      timers: systemTimers,
      device: "laptop",
      readSecret: () => {
        throw new LullError({ kind: "config", code: "SECRET_EXPOSED", message: "others can read it" });
      },
    },
  );
  expect(await broken.send(HOSTILE, never)).toMatchObject({ error: { code: "SECRET_EXPOSED" } });
  expect(got).toEqual([]);
});

test("the heartbeat is a plain GET that names only its host", async () => {
  answer = () => new Response("OK");
  got.length = 0;
  const url = `http://127.0.0.1:${server.port}/ping/0000-secret`;
  const deps = { clock, timers: systemTimers };
  expect(await beat(url, deps, never)).toEqual({ kind: "sent" });
  expect(got.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["GET", "/ping/0000-secret", ""],
  ]);
  answer = () => new Response("gone", { status: 404 });
  const result = await beat(url, deps, never);
  expect(result).toMatchObject({ kind: "failed", again: "never" });
  expect(JSON.stringify(result)).not.toContain("secret");
});

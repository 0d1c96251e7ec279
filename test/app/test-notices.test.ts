import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { testNotices } from "../../src/app/test-notices.ts";
import { composed, type Composed } from "../helpers/composed.ts";
import { failureOf } from "../helpers/thrown.ts";

const once = { level: "info", dryRun: false } as const;

async function withNotify(notify: string, env: Readonly<Record<string, string>> = {}): Promise<Composed> {
  const place = composed(env);
  await place.deps.config.create({ device: "laptop" });
  writeFileSync(place.configFile, `version: 1\nnotify: ${notify}\n`);
  return place;
}

test("every channel is tried, also when one fails and the level is none", async () => {
  const got: string[] = [];
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/gone") return new Response("", { status: 404 });
      got.push(
        `${request.method} ${pathname} ${request.headers.has("x-lull-signature") ? "signed" : "bare"}`,
      );
      return new Response("ok");
    },
  });
  const at = `http://127.0.0.1:${server.port}`;
  const { deps, context, home } = await withNotify(
    `{ level: none, desktop: false, webhooks: [{ url: "${at}/hook", secret_file: ~/secret }, { url: "${at}/gone" }], heartbeat: "${at}/beat" }`,
  );
  writeFileSync(join(home, "secret"), "s3cret\n", { mode: 0o600 });
  const { level, channels } = await testNotices(deps, once, context);
  expect(level).toBe("none");
  expect(channels.map(({ kind, name, outcome }) => [kind, name, outcome])).toEqual([
    ["webhook", `webhook 127.0.0.1:${server.port}`, "sent"],
    ["webhook", `webhook 127.0.0.1:${server.port} (2)`, "failed"],
    ["heartbeat", `heartbeat 127.0.0.1:${server.port}`, "sent"],
  ]);
  expect(channels[1]?.error?.code).toBe("NOTICE_REFUSED");
  expect(got.sort()).toEqual(["GET /beat bare", "POST /hook signed"]);
});

test("a dry run only names the channels", async () => {
  const { deps, context } = await withNotify(
    "{ desktop: true, email: { host: mail.invalid, to: me@h }, webhooks: [{ url: https://ntfy.invalid/secret }] }",
  );
  const { channels } = await testNotices(deps, { level: "info", dryRun: true }, context);
  expect(channels.map(({ name, outcome }) => [name, outcome])).toEqual([
    ["desktop", "not sent"],
    ["e-mail by mail.invalid", "not sent"],
    ["webhook ntfy.invalid", "not sent"],
  ]);
});

test("a secret that others can read is not used", async () => {
  const { deps, context, home } = await withNotify(
    '{ desktop: false, webhooks: [{ url: "http://127.0.0.1:1/x", secret_file: ~/secret }] }',
  );
  writeFileSync(join(home, "secret"), "s3cret\n", { mode: 0o644 });
  const { channels } = await testNotices(deps, once, context);
  expect(channels[0]?.error).toMatchObject({ code: "SECRET_EXPOSED" });
});

test("no channel at all is an error that says how to have one", async () => {
  const { deps, context } = await withNotify("{ desktop: false }");
  const error = await failureOf(testNotices(deps, once, context));
  expect(error).toMatchObject({ code: "NO_CHANNELS", kind: "config" });
  expect(error.hint).toContain("notify.webhooks");
});

test("the notifier of the daemon remembers in the database", async () => {
  const bodies: string[] = [];
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      bodies.push(await request.text());
      return new Response("ok");
    },
  });
  const { deps } = await withNotify(
    `{ desktop: false, webhooks: [{ url: "http://127.0.0.1:${server.port}/" }] }`,
  );
  const { config } = await deps.config.load();
  const settings = { notify: config.notify, device: "laptop", sources: ["notes"] };
  const refused = { kind: "config-refused", message: "line 3" } as const;
  for (let start = 0; start < 2; start++) {
    const notifier = await deps.notices.openNotifier(settings);
    notifier.event(refused);
    await notifier[Symbol.asyncDispose]();
  }
  expect(bodies.map((body) => (JSON.parse(body) as { title: string }).title)).toEqual([
    "The changed config was refused; the old one holds on",
  ]);
});

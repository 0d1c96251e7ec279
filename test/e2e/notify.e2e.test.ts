/** `lull notify test` as a process of its own: real programs, real servers, the compiled binary when there is one. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { makeCertificate } from "../helpers/certificate.ts";
import { cli } from "../helpers/cli-runner.ts";
import { hasSessionBus, openSessionBus } from "../helpers/session-bus.ts";
import { cannotRun } from "../helpers/skip.ts";
import { openSmtpServer } from "../helpers/smtp-server.ts";
import { tempHome, type TempHome } from "../helpers/temp-home.ts";

function homeWith(notify: string): TempHome {
  const place = tempHome();
  mkdirSync(dirname(place.configFile), { recursive: true, mode: 0o700 });
  writeFileSync(place.configFile, `version: 1\ndevice: laptop\nnotify: ${notify}\n`);
  return place;
}

/** A runtime reads NODE_EXTRA_CA_CERTS when it starts, so that this one can not play the program. */
async function spawned(args: readonly string[], env: Readonly<Record<string, string>>) {
  const binary = process.env["LULL_E2E_BINARY"] ?? "";
  const command =
    binary === "" ? [process.execPath, resolve(import.meta.dir, "../../src/main.ts")] : [resolve(binary)];
  const child = Bun.spawn([...command, ...args], { env: { ...env }, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

describe.skipIf(cannotRun(Bun.which("openssl") === null, "mail of the program: openssl is missing"))(
  "mail",
  () => {
    const certificate = makeCertificate("localhost");

    test.each(["implicit", "starttls"] as const)(
      "%s arrives; an authority of one's own is given by the environment",
      async (tls) => {
        await using server = await openSmtpServer(certificate, { secure: tls === "implicit" });
        const place = homeWith(
          `{ desktop: false, email: { host: localhost, port: ${server.port}, tls: ${tls}, user: me@example.org, password_file: ~/.mail, to: you@example.org } }`,
        );
        writeFileSync(join(place.home, ".mail"), "s3cret-word\n", { mode: 0o600 });
        const env = { ...place.env, NODE_EXTRA_CA_CERTS: certificate.certFile };
        const ran = await spawned(["notify", "test", "--json"], env);
        expect(JSON.parse(ran.stdout)).toMatchObject({ channels: [{ kind: "email", outcome: "sent" }] });
        expect(ran.code).toBe(0);
        expect(server.mails).toMatchObject([{ isSecure: true, user: "me@example.org" }]);

        const refused = await spawned(["notify", "test"], place.env);
        expect(refused.code).toBe(1);
        expect(refused.stdout).toContain("has a certificate that nobody vouches for");
        expect(refused.stdout + refused.stderr).not.toContain("s3cret");
        expect(server.mails).toHaveLength(1);
      },
    );
  },
);

test.skipIf(cannotRun(!hasSessionBus, "a notice of the program on a real bus: a program is missing"))(
  "a notice shows on the desktop",
  async () => {
    await using bus = await openSessionBus({ service: true });
    const { env, home } = homeWith("{ desktop: true }");
    const ran = await cli.run(["notify", "test", "--level", "error"], {
      cwd: home,
      env: { ...env, XDG_RUNTIME_DIR: bus.runtimeDirectory },
    });
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("desktop  sent") });
    const [, , , title, body] = (await bus.shown())[0] ?? [];
    expect([title, body]).toEqual(["A test notice of lull", "Notices of laptop reach you this way."]);
  },
);

test("a webhook that fails ends with 1, and its address is printed nowhere", async () => {
  const { env, home } = homeWith('{ desktop: false, webhooks: [{ url: "http://127.0.0.1:1/T0/hunter2" }] }');
  for (const flags of [[], ["--json"], ["--verbose"]]) {
    const ran = await cli.run(["notify", "test", ...flags], { cwd: home, env });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain("the webhook 127.0.0.1:1 can not be reached");
    expect(ran.stdout + ran.stderr).not.toContain("hunter2");
  }
});

test("without a channel it says how to have one; a level that is none is refused", async () => {
  const { env, home } = homeWith("{ desktop: false }");
  const none = await cli.run(["notify", "test"], { cwd: home, env });
  expect(none.code).not.toBe(0);
  expect(none.stderr).toContain("lull config set notify.desktop true");
  const level = await cli.run(["notify", "test", "--level", "loud"], { cwd: home, env });
  expect(level.code).toBe(2);
  expect(level.stderr).toContain("error, problem, info");
});

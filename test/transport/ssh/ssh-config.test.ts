import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";

import { runProgram } from "../../../src/platform/run-program.ts";
import { askSystemSsh, readSshConfig } from "../../../src/transport/ssh/ssh-config.ts";
import { type SshSettings, settingsOf } from "../../../src/transport/ssh/ssh-settings.ts";
import type { SshTarget } from "../../../src/transport/ssh/ssh-target.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

function homeWith(files: Readonly<Record<string, string>>): string {
  const home = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(`${home}/.ssh/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    writeFileSync(`${home}/.ssh/${path}`, text);
  }
  return home;
}

function target(text: string): SshTarget {
  const [, user, host = "", port] = /^(?:(.*)@)?([^:]*)(?::(\d+))?$/.exec(text) ?? [];
  return { user, host, port: port === undefined ? undefined : Number(port) };
}

const ENVIRONMENT = { SSH_AUTH_SOCK: "/run/agent", WORK: "/srv/keys" };

function read(home: string, of: string): SshSettings {
  const context = { home, userName: "ada", environment: ENVIRONMENT };
  return settingsOf(target(of), readSshConfig(target(of), { home }), context);
}

describe("lull's own reader", () => {
  test("has OpenSSH's defaults where nothing is said", () => {
    expect(read("/home/ada", "host")).toEqual({
      hostName: "host",
      port: 22,
      user: "ada",
      identityFiles: ["ed25519", "ecdsa", "rsa"].map((type) => `/home/ada/.ssh/id_${type}`),
      certificateFiles: [],
      identitiesOnly: false,
      agent: "/run/agent",
      userKnownHosts: ["/home/ada/.ssh/known_hosts", "/home/ada/.ssh/known_hosts2"],
      globalKnownHosts: ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"],
      jumps: [],
      proxyCommand: undefined,
      proxyHandsOver: false,
      strict: "ask",
      unread: [],
    });
  });

  test("takes the first value, all keys, and blocks that fit", () => {
    const home = homeWith({
      config: [
        "# a comment",
        "Host *.example.org !no.example.org",
        "  User first",
        "\tPort=2222",
        '  IdentityFile "~/.ssh/with blank"',
        "Host no.example.org",
        "  User no",
        "Host *",
        "  User second",
        "  IdentityFile %d/keys/%r@%h",
        "  identityfile ${WORK}/key",
      ].join("\r\n"),
    });
    expect(read(home, "git.example.org")).toMatchObject({
      user: "first",
      port: 2222,
      identityFiles: [`${home}/.ssh/with blank`, `${home}/keys/first@git.example.org`, "/srv/keys/key"],
    });
    expect(read(home, "no.example.org")).toMatchObject({ user: "no", port: 22 });
    expect(read(home, "me@git.example.org:7")).toMatchObject({ user: "me", port: 7 });
  });

  test("reads included files where they are included, patterns among them, and no circle", () => {
    const home = homeWith({
      config: "Host work\n  Include work.d/*.conf\nInclude ~/.ssh/all missing\nHost *\n  User last",
      "work.d/a.conf": "User of-work",
      "work.d/a.txt": "User of-nobody",
      all: "Include all\nHostName %h.example.org",
    });
    expect(read(home, "work")).toMatchObject({ user: "of-work", hostName: "work.example.org" });
    expect(read(home, "home")).toMatchObject({ user: "last", hostName: "home" });
  });

  test("runs nothing", () => {
    const home = homeWith({ config: "" });
    writeFileSync(
      `${home}/.ssh/config`,
      `Match exec "touch ${home}/was-run"\n  User wrong\nMatch all\n  User right\n`,
    );
    expect(read(home, "host")).toMatchObject({ user: "right", unread: [`${home}/.ssh/config:1`] });
    expect(existsSync(`${home}/was-run`)).toBe(false);
  });

  test("understands jumps, agents and how strict it is to be", () => {
    const settings = (text: string): SshSettings => read(homeWith({ config: text }), "host");
    expect(settings("ProxyJump a@one:1,two,[::1]:3").jumps).toEqual([
      { user: "a", host: "one", port: 1 },
      { user: undefined, host: "two", port: undefined },
      { user: undefined, host: "::1", port: 3 },
    ]);
    expect(settings("ProxyJump none").jumps).toEqual([]);
    expect(settings("ProxyCommand none").proxyCommand).toBeUndefined();
    expect(settings("ProxyUseFdpass yes").proxyHandsOver).toBe(true);
    expect(settings('CertificateFile /a\nCertificateFile "/b c"').certificateFiles).toEqual(["/a", "/b c"]);
    expect(settings("IdentityAgent none").agent).toBeUndefined();
    expect(settings("IdentityAgent $WORK").agent).toBe("/srv/keys");
    expect(settings("IdentityAgent SSH_AUTH_SOCK").agent).toBe("/run/agent");
    expect(settings("UserKnownHostsFile none").userKnownHosts).toEqual([]);
    for (const [value, strict] of Object.entries({
      yes: "yes",
      "accept-new": "accept-new",
      no: "ask",
      off: "ask",
    })) {
      expect(settings(`StrictHostKeyChecking ${value}`).strict).toBe(strict as SshSettings["strict"]);
    }
  });
});

test.skipIf(cannotRun(!existsSync("/usr/bin/ssh"), "ssh -G: OpenSSH's client is not installed"))(
  "ssh -G and lull's own reader agree",
  async () => {
    const home = homeWith({
      config: [
        "Host work",
        "  HostName work.example.org",
        "  User of-work",
        "  Port 2200",
        "  IdentityFile ~/.ssh/%h",
        "  IdentitiesOnly yes",
        "  UserKnownHostsFile /a /b",
        "  GlobalKnownHostsFile /dev/null",
        "  ProxyJump me@one:1,two",
        "  StrictHostKeyChecking accept-new",
        "  IdentityAgent none",
      ].join("\n"),
    });
    const wrapper = `${home}/ssh`;
    writeFileSync(wrapper, `#!/bin/sh\nexec /usr/bin/ssh -F '${home}/.ssh/config' "$@"\n`, { mode: 0o755 });
    const words = await askSystemSsh(target("work"), {
      command: [wrapper],
      runProgram,
      environment: process.env,
    });
    if (words === undefined) throw new Error("ssh -G said nothing");
    const context = { home, userName: "ada", environment: ENVIRONMENT };
    expect(settingsOf(target("work"), words, context)).toEqual(read(home, "work"));
  },
);

/** Which place gives the credential, with real files, programs and helpers. */
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createLog } from "../../src/base/log.ts";
import { redact } from "../../src/base/redact.ts";
import { compose } from "../../src/compose.ts";
import { passphraseName } from "../../src/secrets/credentials.ts";
import { helpersFor } from "../../src/secrets/helper-credentials.ts";
import { failureOf } from "../helpers/thrown.ts";
import { tempHome } from "../helpers/temp-home.ts";

const { signal } = new AbortController();
const ORIGIN = "https://git.example.com";

function machine(extra: Readonly<Record<string, string>> = {}) {
  const place = tempHome({ PATH: process.env["PATH"] ?? "", XDG_RUNTIME_DIR: "/nonexistent", ...extra });
  const warnings: string[] = [];
  const log = createLog("normal", (line) => warnings.push(line));
  const deps = compose({ env: place.env, cwd: place.home, log, configFile: undefined });
  const write = (name: string, text: string, mode = 0o600): string => {
    const path = join(place.home, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  return {
    ...place,
    ...deps,
    write,
    warnings,
    find: (origin = ORIGIN) => deps.credentials.find(origin, { signal }),
  };
}

test("each place counts only when none before it has an answer", async () => {
  const { find, write, secrets, env } = machine();
  expect(await find()).toBeUndefined();

  write(".netrc", "machine git.example.com login ada password from-netrc\n");
  expect(await find()).toMatchObject({
    place: "netrc",
    credential: { username: "ada", password: "from-netrc" },
  });

  expect(await find("https://other.example")).toBeUndefined();

  write(
    ".gitconfig",
    `[credential]\n\thelper = "!f() { echo username=ada; echo password=from-helper; }; f"\n`,
  );
  expect(await find()).toMatchObject({ place: "helper", credential: { password: "from-helper" } });

  await secrets.set(ORIGIN, "from-store", signal);
  expect(await find()).toMatchObject({ place: "file", credential: { token: "from-store" } });

  const later = machine({ ...env, LULL_TOKEN_GIT_EXAMPLE_COM: "from-environment", WORK: "from-setting" });
  expect(await later.find()).toMatchObject({
    place: "environment",
    credential: { token: "from-environment" },
  });

  const setting = { kind: "env", name: "WORK" } as const;
  const found = await later.credentials.find(ORIGIN, { setting, signal });
  expect(found).toMatchObject({ place: "setting", credential: { token: "from-setting" } });
  expect(found?.from).toContain("WORK");
});

test("whatever is found as a credential is taken out of what is said from then on", async () => {
  const { find, write } = machine();
  write(".netrc", "machine git.example.com login ada password canary-of-netrc\n");
  expect(redact("says canary-of-netrc")).toContain("canary");
  await find();
  expect(redact("says canary-of-netrc")).toBe("says ***");
});

test("a setting that fails is an error and not passed over", async () => {
  const { credentials, write } = machine({ LULL_TOKEN: "another" });
  const failure = async (setting: Parameters<typeof credentials.find>[1]["setting"]) =>
    failureOf(credentials.find(ORIGIN, { setting, signal }));
  expect(await failure({ kind: "env", name: "NOT_SET" })).toMatchObject({
    kind: "auth",
    code: "CREDENTIAL_MISSING",
  });
  expect(await failure({ kind: "file", path: write("open", "tok", 0o644) })).toMatchObject({
    code: "SECRET_EXPOSED",
  });
  expect(await failure({ kind: "file", path: "/nonexistent/t" })).toMatchObject({ code: "SECRET_MISSING" });
  expect(await failure({ kind: "command", command: ["no-such-program-here"] })).toMatchObject({
    code: "CREDENTIAL_COMMAND_FAILED",
    message: expect.stringContaining("no such program"),
  });
  const refused = await failure({
    kind: "command",
    command: ["sh", "-c", "echo canary-on-stdout; echo locked: canary-on-stdout >&2; exit 3"],
  });
  expect(refused.message).toContain("it ended with 3: locked");
  expect(redact(refused.message)).not.toContain("canary");
  expect(await failure({ kind: "command", command: ["printf", "a\\nb"] })).toMatchObject({
    code: "CREDENTIAL_MISSING",
  });
});

test("a program's output and a file are trimmed; no shell reads the arguments", async () => {
  const { credentials, write } = machine();
  const find = async (setting: Parameters<typeof credentials.find>[1]["setting"]) =>
    (await credentials.find(ORIGIN, { setting, signal }))?.credential;
  expect(await find({ kind: "command", command: ["echo", " me:$HOME;x "] })).toEqual({
    username: "me",
    password: "$HOME;x",
  });
  expect(await find({ kind: "file", path: write("token", "tok\n") })).toEqual({ token: "tok" });
});

test("an interrupted lookup stops at once", async () => {
  const { credentials } = machine();
  const controller = new AbortController();
  const setting = { kind: "command", command: ["sleep", "60"] } as const;
  const found = failureOf(credentials.find(ORIGIN, { setting, signal: controller.signal }));
  controller.abort();
  expect(await found).toMatchObject({ code: "INTERRUPTED" });
});

test("a netrc that others can read is used and warned about once", async () => {
  const { find, write, warnings } = machine();
  write(".netrc", "machine git.example.com password p4ssword", 0o644);
  expect(await find()).toMatchObject({ credential: { token: "p4ssword" } });
  await find();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("chmod 600");
});

test("a helper is asked as git asks it, without git, and never interactively", async () => {
  const { write, home, env } = machine();
  const folder = join(home, "bin");
  mkdirSync(folder);
  const said = join(home, "said");
  writeFileSync(
    join(folder, "git-credential-canary"),
    `#!/bin/sh\n{ echo "$@"; cat; echo "prompt=$GIT_TERMINAL_PROMPT"; } > ${said}\necho username=x\necho password=p\necho password_expiry_utc=1900000000\n`,
    { mode: 0o755 },
  );
  write(".gitconfig", "[credential]\n\thelper = canary --flag\n");
  const { find: ask } = machine({ ...env, PATH: `${folder}:/usr/bin:/bin` });
  expect(await ask("https://git.example.com:8443")).toMatchObject({ expiresAt: 1_900_000_000_000 });
  expect(await Bun.file(said).text()).toBe(
    "--flag get\nprotocol=https\nhost=git.example.com:8443\n\nprompt=0\n",
  );
});

test("helpers that are missing, fail or have no answer are passed over", async () => {
  const { find, write } = machine();
  write(
    ".gitconfig",
    '[credential]\n\thelper = not-installed-anywhere\n\thelper = "!exit 1;"\n\thelper = "!true"\n\thelper = "!echo password=last #"\n',
  );
  expect(await find()).toMatchObject({ credential: { token: "last" } });
});

test("helpers are chosen by address, and an empty one takes back those before it", () => {
  const helper = (value: string, url?: string) => ({ value, url });
  const settings = [
    helper("all"),
    helper("hub", "https://github.com"),
    helper("path", "https://github.com/me"),
  ];
  expect(helpersFor(settings, "https://github.com")).toEqual(["all", "hub"]);
  expect(helpersFor(settings, "http://github.com")).toEqual(["all"]);
  expect(helpersFor(settings, "https://github.com:8443")).toEqual(["all"]);
  expect(helpersFor([...settings, helper(""), helper("last")], "https://github.com")).toEqual(["last"]);
  expect(helpersFor([helper("wide", "https://*.example.com")], "https://git.example.com")).toEqual(["wide"]);
  expect(helpersFor([helper("wide", "https://*.example.com")], "https://example.com")).toEqual([]);
  expect(helpersFor([helper("bad", "https://[")], "https://example.com")).toEqual([]);
});

test("a file that others could have written is refused, a damaged one told of without its bytes", async () => {
  const { secrets, find, stateDirectory } = machine();
  await secrets.set(ORIGIN, "canary-canary", signal);
  const [file = ""] = [...new Bun.Glob("secrets/*.json").scanSync({ cwd: stateDirectory, absolute: true })];
  chmodSync(file, 0o666);
  expect(await failureOf(find())).toMatchObject({ code: "UNSAFE_PERMISSIONS" });
  writeFileSync(file, '{"version":1,"value":"canary-canary"');
  chmodSync(file, 0o600);
  const error = await failureOf(find());
  expect(error).toMatchObject({ code: "SECRET_UNREADABLE" });
  expect(JSON.stringify(error)).not.toContain("canary-canary");
});

test("the passphrase of a key is found by its file", async () => {
  const { secrets, credentials } = machine();
  await secrets.set(passphraseName("/home/me/.ssh/id"), "open sesame", signal);
  expect(await credentials.passphraseOf("/home/me/.ssh/id", { signal })).toBe("open sesame");
  expect(await credentials.passphraseOf("/home/me/.ssh/other", { signal })).toBeUndefined();
});

test("another process's new secret counts at once", async () => {
  const { secrets, env, home } = machine();
  const other = compose({ env, cwd: home, log: createLog("quiet", () => {}), configFile: undefined }).secrets;
  await secrets.set(ORIGIN, "first-value", signal);
  expect((await other.get(ORIGIN, signal))?.value).toBe("first-value");
  await secrets.set(ORIGIN, "second-value", signal);
  expect((await other.get(ORIGIN, signal))?.value).toBe("second-value");
});

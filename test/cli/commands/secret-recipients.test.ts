/** `lull secret recipients`: the whole key is shown before anything is encrypted for it, and what it costs is said. */
import { expect, test } from "bun:test";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Ask, CliIo } from "../../../src/cli/cli-io.ts";
import { settingsHome } from "../../helpers/settings-home.ts";
import { benchRemote } from "../../helpers/sync-bench.ts";
import { git } from "../../helpers/system-git.ts";
import { lull, type Ran } from "../fake-io.ts";

function device(remote: string, name: string) {
  const place = settingsHome({
    device: name,
    remote,
    files: undefined,
    more: ['files: [{ path: "~/.token*", encrypt: true }, "~/.plain"]'],
  });
  const env = { ...place.env, XDG_RUNTIME_DIR: "/nonexistent" };
  const run = async (command: string, io: Partial<CliIo> = {}): Promise<Ran> =>
    lull(command.split(" "), { env, cwd: place.home, ...io });
  const recipients = (command: string, io?: Partial<CliIo>) => run(`secret recipients ${command}`, io);
  const json = async (command: string): Promise<Record<string, unknown>> =>
    JSON.parse((await run(`${command} --json`)).stdout) as Record<string, unknown>;
  return { ...place, run, recipients, json };
}

/** A person at a terminal who gives this answer, and what was asked. */
function person(answer: string): Partial<CliIo> & { readonly questions: string[] } {
  const questions: string[] = [];
  const ask: Ask = {
    text: async () => "",
    secret: async () => "",
    choose: async ({ message, choices }) => {
      questions.push(message);
      const chosen = choices.find(({ value }) => value === answer);
      if (chosen === undefined) throw new Error(`there is no choice ${answer}`);
      return chosen.value;
    },
  };
  return { questions, ask, isTty: true };
}

/** Without the breaks for the terminal. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");

/** The laptop has a file, and the desktop another; each is in the list, and the desktop waits on the laptop. */
async function pair() {
  const remote = benchRemote();
  const [a, b] = [device(remote, "laptop"), device(remote, "desktop")];
  const made = await a.json("secret init --yes");
  const { secret } = made["recovery"] as { secret: string };
  a.write(".token", "of the laptop\n", 0o600);
  await a.run("sync");
  const taken = await b.json("secret init --yes");
  b.write(".token-b", "of the desktop\n", 0o600);
  await b.run("sync");
  await a.run("sync");
  return { remote, a, b, key: String(made["key"]), other: String(taken["key"]), secret };
}

test("list shows each with its key and how it stands here", async () => {
  const { a, b, key, other } = await pair();
  const { stdout, code } = await a.recipients("list", { width: 200 });
  expect(code).toBe(0);
  const rows = stdout
    .split("\n")
    .map((line) => line.replaceAll(/ {2,}/g, " | ").replaceAll(/\d{4}-\d\d-\d\d/g, "DAY"));
  expect(rows[0]).toBe("settings");
  expect(rows).toContain("NAME | KIND | ADDED | HERE | KEY");
  expect(rows).toContain(`laptop (this device) | device | DAY | used | ${key}`);
  expect(rows).toContain(`desktop | device | DAY | waits for you | ${other}`);
  expect(stdout).toContain("lull secret recipients add settings KEY");
  const { sources } = (await b.json("secret recipients list settings")) as {
    sources: readonly { source: string; recipients: readonly Record<string, unknown>[] }[];
  };
  expect(sources).toHaveLength(1);
  expect(sources[0]?.recipients.find((one) => one["key"] === other)).toMatchObject({
    name: "desktop",
    kind: "device",
    state: "used",
    isOwn: "device",
  });
  expect(JSON.stringify(sources)).not.toContain("SECRET");
  const none = device(benchRemote(), "new");
  const empty = await none.recipients("list");
  expect(oneLine(empty.stdout)).toContain("Nothing of it is encrypted yet. ! This device has no key");
});

test("add shows the whole key and asks; nobody there: it wants --yes", async () => {
  const { a, b, remote, other } = await pair();
  const refused = await a.recipients("add settings desktop");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(other);
  expect(refused.stderr).toContain("--yes");
  const doubtful = person("no");
  const kept = await a.recipients("add settings desktop", doubtful);
  expect(kept).toMatchObject({ code: 0 });
  expect(kept.stdout).toContain(other);
  expect(kept.stdout).toContain("Nothing was changed");
  expect(doubtful.questions).toHaveLength(1);
  const dry = await a.recipients("add settings desktop --dry-run");
  expect(dry.stdout).toContain(`Would accept desktop (${other})`);
  expect(git(a.managed, "status", "--porcelain")).toBe("");
  // What can not be decrypted is named and stays, and the exit code tells.
  writeFileSync(join(a.managed, "home/.token-c.age"), "no age file\n");
  const done = await a.recipients(`add settings ${other.slice(0, 12)}`, person("yes"));
  expect(done.code).toBe(1);
  expect(oneLine(done.stdout)).toContain(`Accepted desktop (${other}) among the recipients of settings`);
  expect(oneLine(done.stdout)).toContain("Encrypted 2 files anew, for 3 recipients");
  // The other device has a recovery key of its own, which is another matter.
  expect(oneLine(done.stdout)).toMatch(
    /recovery key \(age1\w+\) waits: nothing is encrypted for it any more/,
  );
  expect(oneLine(done.stdout)).toMatch(/Not for recovery key \(age1\w+\), which waits/);
  expect(oneLine(done.stdout)).toContain("home/.token-c.age: it is no age file");
  expect(done.stdout).toContain("Next: lull sync settings");
  await a.run("sync");
  await b.run("sync");
  const restored = await b.run("restore settings ~/.token --yes");
  expect(restored.code).toBe(0);
  expect(b.read(".token")).toBe("of the laptop\n");
  expect(git(remote, "show", "main:home/.token-c.age")).toBe("no age file");
  expect(git(remote, "log", "-1", "--format=%s", "main", "--", ".lull/recipients.json", "home")).toContain(
    "Encrypt anew: desktop was accepted",
  );
  expect((await a.run("restore settings ~/.token-b --yes")).code).toBe(0);
  expect(a.read(".token-b")).toBe("of the desktop\n");
  const audit = await a.run("log --audit", { width: 300 });
  expect(audit.stdout).toContain("secret recipients");
  expect(audit.stdout).toContain(`key=${other}`);
});

test("a key that is new is given whole and with a name; what is none, or is not known, is refused", async () => {
  const { a, other } = await pair();
  const fresh = (await device(benchRemote(), "x").json("secret init --yes"))["key"] as string;
  for (const [command, words] of [
    [`add settings ${fresh}`, "needs a name"],
    [`add settings ${fresh.slice(0, -1)} --name phone`, "knows no recipient"],
    ["add settings --name phone", "--name of which key?"],
    ["add settings nobody", "knows no recipient"],
    ["add nothing", "no settings source"],
    ["remove settings laptop --yes", "key of this device"],
    ["remove settings age1", "knows no recipient"],
    ["remove settings", "NAME|KEY"],
  ] as const) {
    const ran = await a.recipients(command);
    expect([command, ran.code]).toEqual([command, 2]);
    expect(ran.stderr).toContain(words);
  }
  const added = await a.json(`secret recipients add settings ${fresh} --name phone --yes`);
  expect(added).toMatchObject({ kind: "added", recipient: { key: fresh, name: "phone", kind: "device" } });
  const listed = await a.recipients("list", { width: 200 });
  expect(listed.stdout).toMatch(new RegExp(`phone +device +\\S+ +used +${fresh}`));
  expect(listed.stdout).toContain(other);
});

test("remove says plainly that the history stays readable, and asks", async () => {
  const { a, b, other } = await pair();
  await a.recipients("add settings desktop --yes");
  await a.run("sync");
  const doubtful = person("no");
  const kept = await a.recipients("remove settings desktop", doubtful);
  expect(oneLine(kept.stdout)).toContain(
    "can still read what the history holds: change the secrets themselves",
  );
  expect(kept.stdout).toContain("Nothing was changed");
  const done = await a.recipients("remove settings desktop --yes");
  expect(oneLine(done.stdout)).toContain(`Took desktop (${other}) off the recipients of settings`);
  expect(oneLine(done.stdout)).toContain("can still read what the history holds");
  const list = readFileSync(join(a.managed, ".lull/recipients.json"), "utf8");
  expect(list.split("\n").find((line) => line.includes(other))).toContain('"removed":"');
  await a.run("sync");
  await b.run("sync");
  const stopped = await b.run("sync");
  expect(stopped.code).toBe(7);
  expect(oneLine(stopped.stderr + stopped.stdout)).toContain("taken off the list");
  const shown = await b.recipients("list");
  expect(oneLine(shown.stdout)).toContain("This device was taken off");
});

test("without the remote it goes on, and says what was not fetched", async () => {
  const { a, b, remote, other } = await pair();
  await a.recipients("add settings desktop --yes");
  renameSync(remote, `${remote}.away`);
  const done = await a.recipients("remove settings desktop --yes");
  expect(oneLine(done.stdout)).toContain("What other devices have could not be fetched first");
  expect(oneLine(done.stdout)).toContain(`Took desktop (${other}) off`);
  renameSync(`${remote}.away`, remote);
  await a.run("sync");
  await b.run("sync");
  expect((await b.recipients("list")).stdout).toContain("taken off");
});

test("a history that tells too much is left behind as the help says", async () => {
  const { a, b } = await pair();
  await a.recipients("add settings desktop --yes");
  await a.run("sync");
  const { stdout } = await a.run("help secret recipients", { width: 100_000 });
  const fresh = benchRemote();
  for (const home of [a, b]) {
    renameSync(home.managed, join(home.outside, "old"));
    const steps = [
      ["config set sources.SOURCE.remote URL", 0],
      ["sync SOURCE", 7],
      ["allow SOURCE", 0],
      ["sync SOURCE", 0],
    ] as const;
    for (const [step, code] of steps) {
      expect(oneLine(stdout)).toContain(`lull ${step}`);
      const ran = await home.run(step.replace("SOURCE", "settings").replace("URL", fresh));
      expect([step, ran.code]).toEqual([step, code]);
    }
  }
  await a.run("sync");
  expect(git(fresh, "ls-tree", "-r", "--name-only", "main").split("\n")).toEqual([
    ".lull/modes",
    ".lull/recipients.json",
    "home/.token-b.age",
    "home/.token.age",
  ]);
  expect((await a.recipients("list")).stdout).toMatch(/desktop +device +\S+ +used/);
});

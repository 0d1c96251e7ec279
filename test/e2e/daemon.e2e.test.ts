/** The daemon as people meet it: in a terminal, in the background, with files that change and clocks that go on. */
import { describe, expect, test } from "bun:test";
import { appendFileSync, existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeCertificate } from "../helpers/certificate.ts";
import { type RunningDaemon, runDaemon, type StoryLine } from "../helpers/daemon-process.ts";
import { type Device, makeDevice } from "../helpers/device.ts";
import { childrenOf } from "../helpers/processes.ts";
import { cannotRun } from "../helpers/skip.ts";
import { openSmtpServer } from "../helpers/smtp-server.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const runOf = (event: StoryLine): Readonly<Record<string, unknown>> =>
  event["run"] as Readonly<Record<string, unknown>>;
const synced = (event: StoryLine): boolean => runOf(event)["outcome"] === "synced";

/** A device with one source, `notes`, in step with a remote. */
async function makeSource(
  settings: Readonly<Record<string, unknown>>,
): Promise<Device & { readonly remote: string }> {
  const device = makeDevice("laptop");
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", "-b", "main", remote);
  device.write("a.md", "one\n");
  await device.lull(["add", "notes", "--remote", remote]);
  await device.lull(["sync"]);
  for (const [key, value] of Object.entries(settings)) {
    await device.lull(["config", "set", `sources.notes.${key}`, String(value)]);
  }
  return { ...device, remote };
}

async function stop(daemon: RunningDaemon): Promise<void> {
  daemon.signal("SIGTERM");
  expect(await daemon.exited).toBe(0);
}

describe("in the foreground", () => {
  test("a file that is saved is committed and pushed by itself", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms, max_wait: 5s }" });
    await using daemon = await runDaemon(device);
    await daemon.next("watching");
    await daemon.next("planned");
    await daemon.next("end");
    device.write("b.md", "two\n");
    await daemon.next("begin", (event) => event["cause"] === "change");
    await daemon.next("end", synced);
    expect(git(device.remote, "show", "main:b.md")).toBe("two");
    device.write("b.md", "three\n");
    await daemon.next("end", synced);
    expect(git(device.remote, "show", "main:b.md")).toBe("three");
    await stop(daemon);
    fsck(device.remote);
  });

  test("what changed while no daemon ran is synced at its start", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
    device.write("b.md", "before the start\n");
    await using daemon = await runDaemon(device);
    await daemon.next("end", synced);
    expect(git(device.remote, "show", "main:b.md")).toBe("before the start");
    await stop(daemon);
  });

  test("a schedule syncs again and again", async () => {
    const device = await makeSource({ schedule: "'* * * * * *'", watch: "false" });
    await using daemon = await runDaemon(device);
    device.write("b.md", "by schedule\n");
    await daemon.next("end", synced);
    await daemon.next("end");
    await daemon.next("end");
    expect(git(device.remote, "show", "main:b.md")).toBe("by schedule");
    await stop(daemon);
  });

  test("--interval overrides what the config says", async () => {
    const device = await makeSource({ schedule: "manual" });
    await using daemon = await runDaemon(device, ["--interval", "10s"]);
    const planned = await daemon.next("planned");
    expect(planned["schedules"]).toEqual(["every 10 seconds"]);
    await stop(daemon);
  });

  test("a commit of the person's own git is pushed too", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }", auto_commit: "true" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await daemon.next("end");
    device.write("mine.md", "by hand\n");
    git(device.notes, "add", "mine.md");
    git(device.notes, "-c", "user.name=Me", "-c", "user.email=me@example.org", "commit", "-q", "-m", "mine");
    await daemon.next("end", synced);
    expect(git(device.remote, "log", "--format=%s", "-1", "main")).toBe("mine");
    await stop(daemon);
  });
});

describe("one instance", () => {
  test("a second daemon is refused with the first one's process", async () => {
    const device = await makeSource({ schedule: "manual" });
    await using daemon = await runDaemon(device);
    const second = await device.lull(["daemon", "run"], 8);
    expect(second.stderr).toContain(`a daemon runs already (process ${daemon.pid})`);
    await stop(daemon);
  });

  test("a daemon that was killed is no obstacle, and its jobs go on", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
    {
      await using daemon = await runDaemon(device);
      await daemon.next("planned");
      await daemon.next("end");
      device.write("b.md", "two\n");
      await daemon.next("begin");
      daemon.signal("SIGKILL");
      await daemon.exited;
    }
    await using daemon = await runDaemon(device);
    await daemon.next("end", (event) => ["synced", "up-to-date"].includes(String(runOf(event)["outcome"])));
    expect(git(device.remote, "show", "main:b.md")).toBe("two");
    await stop(daemon);
    fsck(device.notes);
  });
});

describe("in the background", () => {
  test("start, status, stop, each twice", async () => {
    const device = await makeSource({ schedule: "every 6h" });
    expect((await device.lull(["daemon", "status"], 1)).stdout).toContain("No daemon runs");
    const first = await device.lull(["daemon", "start"]);
    try {
      expect(first.stdout).toMatch(/The daemon runs \(process \d+\)/);
      expect((await device.lull(["daemon", "start"])).stdout).toContain("runs already");
      const status = (await device.lull(["daemon", "status"])).stdout;
      expect(status).toMatch(/lull \S+ keeps 1 source in sync/);
      expect(status).toMatch(/notes +rests/);
    } finally {
      expect((await device.lull(["daemon", "stop"])).stdout).toContain("The daemon has ended");
    }
    expect((await device.lull(["daemon", "stop"])).stdout).toContain("No daemon was running");
    expect(readdirSync(device.stateDirectory)).not.toContain("daemon.sock");
  });

  test("a config with a mistake is told in the terminal, not in a log", async () => {
    const device = await makeSource({ schedule: "every 6h" });
    appendFileSync(device.configFile, "nonsense: 1\n");
    expect((await device.lull(["daemon", "start"], 2)).stderr).toContain("nonsense");
  });

  test("restart ends nothing that it could not start again", async () => {
    const device = await makeSource({ schedule: "every 6h" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    const wrong = await device.lull(["daemon", "restart", "--interval", "5"], 2);
    expect(wrong.stderr).toContain("at least 10s");
    const good = readFileSync(device.configFile, "utf8");
    writeFileSync(device.configFile, `${good}nonsense: 1\n`);
    expect((await device.lull(["daemon", "restart"], 2)).stderr).toContain("nonsense");
    writeFileSync(device.configFile, good);
    expect((await device.lull(["daemon", "status"])).stdout).toContain(`process ${daemon.pid}`);
    await stop(daemon);
  });

  test("a switched-off source is not handed to a daemon that would leave it alone", async () => {
    const device = await makeSource({ schedule: "manual", enabled: "false" });
    await using daemon = await runDaemon(device);
    const { stderr } = await device.lull(["sync", "notes", "--background"], 2);
    expect(stderr).toContain('"notes" is switched off');
    expect(stderr).toContain("lull sync notes");
    await stop(daemon);
  });

  test("what its log keeps can be changed while it runs", async () => {
    const device = await makeSource({ schedule: "manual" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    expect((await device.lull(["logs", "--set-level", "debug"])).stdout).toContain("writes everything until");
    await device.lull(["sync", "notes", "--background"]);
    await daemon.next("end");
    expect((await device.lull(["logs", "-v"])).stdout).toMatch(/notes +· scan /);
    await stop(daemon);
  });

  test("its log tells what it did, for people and for programs", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
    {
      await using daemon = await runDaemon(device);
      await daemon.next("planned");
      await daemon.next("end");
      device.write("b.md", "two\n");
      await daemon.next("end", synced);
      await stop(daemon);
    }
    const text = (await device.lull(["logs"])).stdout;
    expect(text).toContain("syncs: files changed");
    expect(text).toMatch(/notes .*committed 1 file/);
    const lines = (await device.lull(["logs", "--json", "--source", "notes"])).stdout.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as StoryLine).kind)).toContain("end");
    const log = readFileSync(join(device.stateDirectory, "logs", "lull.log"), "utf8")
      .trim()
      .split("\n");
    expect(Object.keys(JSON.parse(log[0] ?? "") as object).slice(0, 3)).toEqual(["time", "level", "kind"]);
  });
});

describe("the config", () => {
  test("is read anew when it is saved; a mistake is refused and the old one stays", async () => {
    const device = await makeSource({ schedule: "manual" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await device.lull(["config", "set", "sources.notes.schedule", "every 6h"]);
    expect(await daemon.next("reloaded")).toMatchObject({ changed: ["notes"], added: [], removed: [] });
    const good = readFileSync(device.configFile, "utf8");
    writeFileSync(device.configFile, good.replace("schedule: every 6h", "schedule: every 6 potatoes"));
    const refused = await daemon.next("reload-refused");
    expect(JSON.stringify(refused["error"])).toContain("potatoes");
    const answer = await device.lull(["daemon", "reload"], 2);
    expect(answer.stderr).toContain("potatoes");
    writeFileSync(device.configFile, good);
    await daemon.next("reloaded");
    daemon.signal("SIGHUP");
    await daemon.next("reloaded");
    await stop(daemon);
  });

  test("a source that is added is synced without a restart, one that is removed is left alone", async () => {
    const device = await makeSource({ schedule: "manual" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    const more = join(device.home, "more");
    git(device.home, "init", "-q", "-b", "main", more);
    await device.lull(["add", "more", "--no-remote"].slice(0, 2));
    expect(await daemon.next("reloaded")).toMatchObject({ added: ["more"] });
    await device.lull(["remove", "more"]);
    expect(await daemon.next("reloaded")).toMatchObject({ removed: ["more"] });
    await stop(daemon);
  });
});

describe("why it waits", () => {
  test("a paused source says so, and goes on when it is resumed", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await daemon.next("end");
    await device.lull(["pause", "notes"]);
    device.write("b.md", "two\n");
    await daemon.next("waiting");
    expect((await device.lull(["why", "notes"])).stdout).toContain("is paused until `lull resume notes`");
    expect((await device.lull(["status"])).stdout).toContain("paused");
    await device.lull(["resume", "notes"]);
    await daemon.next("end", synced);
    await stop(daemon);
  });

  test("without a daemon it says that nothing happens by itself", async () => {
    const device = await makeSource({ schedule: "every 6h" });
    const why = (await device.lull(["why"])).stdout;
    expect(why).toContain("No daemon runs");
    expect(why).toContain("every 6h");
    expect(existsSync(join(device.stateDirectory, "daemon.sock"))).toBe(false);
  });
});

describe("what goes wrong", () => {
  test("each mistake in a saved config is refused with its reason, and the daemon goes on", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await daemon.next("end");
    const good = readFileSync(device.configFile, "utf8");
    const mistakes: readonly (readonly [schedule: string, reason: string])[] = [
      ['{ cron: "0 9 * * *", timezone: Europe/Rom }', "Europe/Rom"],
      [`"${"* ".repeat(32).trim()}"`, "32 fields"],
      ['"0 0 30 2 *"', "never fires"],
      ["manual\n    when: { quiet_hours: 00:00-24:00 }", "quiet_hours"],
      ['manual\n    when: { power: "battery >= 101%" }', "101"],
    ];
    for (const [schedule, reason] of mistakes) {
      writeFileSync(device.configFile, good.replace("schedule: manual", `schedule: ${schedule}`));
      const refused = await daemon.next("reload-refused");
      expect(JSON.stringify(refused["error"])).toContain(reason);
    }
    device.write("b.md", "still here\n");
    await daemon.next("end", synced);
    writeFileSync(device.configFile, good);
    await daemon.next("reloaded");
    await stop(daemon);
  }, 60_000);

  test("a folder that vanishes is told, nothing of it is deleted elsewhere, and it goes on when it is back", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await daemon.next("end");
    renameSync(device.notes, `${device.notes}.away`);
    await daemon.next("gone");
    await device.lull(["sync", "notes", "--background"]);
    const run = runOf(await daemon.next("end"));
    expect(run["outcome"]).toBe("failed");
    renameSync(`${device.notes}.away`, device.notes);
    await daemon.next("back");
    device.write("b.md", "back again\n");
    await daemon.next("end", synced);
    expect(git(device.remote, "show", "main:b.md")).toBe("back again");
    expect(git(device.remote, "show", "main:a.md")).toBe("one");
    await stop(daemon);
  }, 60_000);

  test("a mail server that never answers holds up neither syncs nor the end", async () => {
    const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
    try {
      const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
      appendFileSync(
        device.configFile,
        `notify: { level: all, desktop: false, email: { host: 127.0.0.1, port: ${server.port}, to: me@example.org, from: lull@example.org } }\n`,
      );
      await using daemon = await runDaemon(device);
      await daemon.next("planned");
      await daemon.next("end");
      for (const word of ["two", "three"]) {
        device.write("b.md", `${word}\n`);
        await daemon.next("end", synced);
      }
      await stop(daemon);
    } finally {
      server.stop(true);
    }
  }, 60_000);

  test.skipIf(cannotRun(Bun.which("openssl") === null, "mail of the daemon: openssl is missing"))(
    "a notice goes out by mail, over a worker",
    async () => {
      const certificate = makeCertificate("localhost");
      await using server = await openSmtpServer(certificate, { secure: true });
      const device = await makeSource({ schedule: "manual", watch: "{ quiet: 200ms }" });
      appendFileSync(
        device.configFile,
        `notify: { level: all, desktop: false, email: { host: localhost, port: ${server.port}, tls: implicit, to: me@example.org, from: lull@example.org } }\n`,
      );
      const env = { ...device.env, NODE_EXTRA_CA_CERTS: certificate.certFile };
      await using daemon = await runDaemon({ ...device, env });
      await daemon.next("planned");
      device.write("b.md", "two\n");
      await daemon.next("end", synced);
      for (let look = 0; server.mails.length === 0 && look < 600; look++) await Bun.sleep(50);
      expect(server.mails).toMatchObject([{ to: ["me@example.org"], isSecure: true }]);
      await stop(daemon);
    },
    60_000,
  );

  test("a sync that is killed is noted as failed and tried again", async () => {
    const device = await makeSource({ schedule: "manual", watch: "false" });
    for (let file = 0; file < 3000; file++) device.write(`many/${file % 50}/${file}.md`, `file ${file}\n`);
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await device.lull(["sync", "notes", "--background"]);
    await daemon.next("step");
    const [worker] = childrenOf(daemon.pid);
    if (worker === undefined) throw new Error("there is no worker");
    process.kill(worker, "SIGKILL");
    await daemon.next("lost");
    const again = await daemon.next("retry");
    expect(again["source"]).toBe("notes");
    expect((await device.lull(["log", "notes", "--outcome", "failed"])).stdout).toContain("ended early");
    await device.lull(["sync", "notes", "--background"]);
    await daemon.next("end", synced);
    expect(git(device.remote, "show", "main:many/49/2999.md")).toBe("file 2999");
    await stop(daemon);
    fsck(device.notes);
  }, 60_000);

  test("SIGTERM waits for the sync that runs", async () => {
    const device = await makeSource({ schedule: "manual" });
    for (let file = 0; file < 3000; file++) device.write(`many/${file % 50}/${file}.md`, `file ${file}\n`);
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await device.lull(["sync", "notes", "--background"]);
    await daemon.next("begin");
    daemon.signal("SIGTERM");
    const stopping = await daemon.next("stopping");
    expect(stopping["running"]).toEqual(["notes"]);
    await daemon.next("end", synced);
    expect(await daemon.exited).toBe(0);
    expect(git(device.remote, "show", "main:many/49/2999.md")).toBe("file 2999");
  }, 60_000);
});

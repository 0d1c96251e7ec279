/**
 * The daemon among faults: killed, stopped, robbed of its files, talked to in nonsense, with servers that fail. The
 * oracle is the same as for a sync: no edit is lost, git finds every repository whole, and it goes on without a hand.
 * `LULL_TEST_SEED` repeats a run, `LULL_TEST_ROUNDS` makes it longer.
 */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LULL_COMMAND, type RunningDaemon, runDaemon, type StoryLine } from "../helpers/daemon-process.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { startGitServer } from "../helpers/git-http-server.ts";
import { childrenOf, commandLineOf, processesOf } from "../helpers/processes.ts";
import { seededRandom } from "../helpers/random.ts";
import { cannotRun } from "../helpers/skip.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

const ROUNDS = Number(process.env["LULL_TEST_ROUNDS"] ?? 12);
const withProc = test.skipIf(
  cannotRun(process.platform !== "linux", "faults of the daemon: they look into /proc"),
);

const runOf = (event: StoryLine): Readonly<Record<string, unknown>> =>
  event["run"] as Readonly<Record<string, unknown>>;
const ended = (outcome: string) => (event: StoryLine) => runOf(event)["outcome"] === outcome;

type Settings = Readonly<Record<string, string>>;
const WATCHED: Settings = { schedule: "manual", watch: "{ quiet: 100ms }" };

/** A device with one source, `notes`, in step with a remote. */
async function makeSource(
  settings: Settings,
  name = "laptop",
  remote = bareRemote(),
): Promise<Device & { readonly remote: string }> {
  const device = makeDevice(name);
  device.write(`${name}.md`, "one\n");
  await device.lull(["add", "notes", "--remote", remote]);
  await device.lull(["sync"]);
  for (const [key, value] of Object.entries(settings)) {
    await device.lull(["config", "set", `sources.notes.${key}`, value]);
  }
  return { ...device, remote };
}

function bareRemote(): string {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", "-b", "main", remote);
  return remote;
}

/** Its first look at what changed before it began is over. */
async function settled(device: Device): Promise<RunningDaemon> {
  const daemon = await runDaemon(device);
  await daemon.next("planned");
  await daemon.next("end");
  return daemon;
}

async function stop(daemon: RunningDaemon): Promise<void> {
  daemon.signal("SIGTERM");
  expect(await daemon.exited).toBe(0);
}

/** Only for a test that fails anyway. */
const PATIENCE_MS = 60_000;

async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`it did not come to pass: ${what}`);
    await Bun.sleep(20);
  }
}

describe("killed", () => {
  withProc(
    "three devices whose daemons and workers are killed again and again lose no edit and come together",
    async () => {
      const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
      console.log(`daemon faults: LULL_TEST_SEED=${seed} LULL_TEST_ROUNDS=${ROUNDS}`);
      const random = seededRandom(seed);
      const remote = bareRemote();
      const devices: Device[] = [];
      for (const name of ["ada", "bob", "cleo"]) {
        devices.push(
          await makeSource({ schedule: "'*/2 * * * * *'", watch: "{ quiet: 100ms }" }, name, remote),
        );
      }
      const daemons = new Map<Device, RunningDaemon>();
      await using stack = new AsyncDisposableStack();
      const start = async (device: Device): Promise<void> => {
        daemons.set(device, stack.use(await runDaemon(device)));
        await daemons.get(device)?.next("planned");
      };
      for (const device of devices) await start(device);
      const written: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        for (const device of devices) {
          const word = `${device.name} wrote ${round}`;
          device.write(`${device.name}/${round}.md`, `${word}\n`);
          written.push(word);
        }
        await Bun.sleep(random.below(400));
        const victim = random.pick(devices);
        const daemon = daemons.get(victim);
        if (daemon === undefined) continue;
        const workers = childrenOf(daemon.pid);
        const kind = random.pick(["daemon", "worker", "both"]);
        if (kind !== "daemon") for (const worker of workers) process.kill(worker, "SIGKILL");
        if (kind === "worker") continue;
        daemon.signal("SIGKILL");
        await daemon.exited;
        await Bun.sleep(random.below(100));
        await start(victim);
      }
      // After two deaths in a row it waits a minute by itself, after three it is parked.
      for (const device of devices) await device.lull(["sync", "--background"]);
      const heads = (): Set<string> =>
        new Set([remote, ...devices.map(({ notes }) => notes)].map((at) => git(at, "rev-parse", "main")));
      const isClean = (device: Device): boolean => git(device.notes, "status", "--porcelain") === "";
      try {
        await until("all come together", () => heads().size === 1 && devices.every(isClean));
        const history = git(remote, "log", "-p", "--text", "--format=", "main");
        expect(written.filter((word) => !history.includes(`+${word}`))).toEqual([]);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      for (const [device, daemon] of daemons) {
        await stop(daemon);
        expect(existsSync(join(device.stateDirectory, "daemon.sock"))).toBe(false);
        // A worker that has outlived its daemon ends its sync and goes.
        await until("no process stays", () => processesOf(device.home).length === 0);
        expect(jobsOf(device).filter(({ state }) => state === "running" || state === "parked")).toEqual([]);
      }
      expectConverged(devices, [remote]);
    },
    120_000,
  );

  withProc("a person who ends it at once, again and again, parks nothing", async () => {
    const device = await makeSource({ schedule: "manual", watch: "{ quiet: 100ms }" });
    for (let round = 0; round < 4; round++) {
      device.write("b.md", `round ${round}\n`);
      await using daemon = await runDaemon(device);
      await daemon.next("step");
      for (const worker of childrenOf(daemon.pid)) process.kill(worker, "SIGSTOP");
      daemon.signal("SIGTERM");
      await daemon.next("stopping");
      daemon.signal("SIGTERM");
      expect(await daemon.exited).toBe(0);
      expect(processesOf(device.home)).toEqual([]);
    }
    expect(jobsOf(device)).toMatchObject([{ state: "ready", crashes: 0 }]);
    await using daemon = await runDaemon(device);
    await daemon.next("end", ended("synced"));
    expect(git(device.remote, "show", "main:b.md")).toBe("round 3");
    await stop(daemon);
  });
});

describe("one instance", () => {
  test("of several that start at the same instant exactly one lives", async () => {
    const device = await makeSource({ schedule: "manual" });
    for (let round = 0; round < 5; round++) {
      const children = [1, 2, 3].map(() =>
        Bun.spawn([...LULL_COMMAND, "daemon", "run", "--quiet"], {
          cwd: device.home,
          env: { ...device.env },
          stdin: "ignore",
          stdout: "ignore",
          stderr: "ignore",
        }),
      );
      const codes: (number | null)[] = [];
      for (const child of children) void child.exited.then((code) => codes.push(code));
      await until("two of three are refused", () => codes.length === 2);
      expect(codes).toEqual([8, 8]);
      await device.lull(["daemon", "stop"]);
      await until("the third ends", () => codes.length === 3);
    }
  }, 60_000);

  test("daemon start, several times at once: all say that it runs, and name the same", async () => {
    const device = await makeSource({ schedule: "manual" });
    const said = await Promise.all([1, 2, 3].map(() => device.lull(["daemon", "start"])));
    const pids = said.map(({ stdout }) => /process (\d+)/.exec(stdout)?.[1]);
    await device.lull(["daemon", "stop"]);
    expect(new Set(pids).size).toBe(1);
  });
});

describe("its files", () => {
  test("a database that another program holds loses no edit, and commands are answered meanwhile", async () => {
    const device = await makeSource(WATCHED);
    await using daemon = await settled(device);
    const holder = new Database(join(device.stateDirectory, "lull.db"));
    holder.run("BEGIN IMMEDIATE");
    device.write("b.md", "while it is locked\n");
    await daemon.next("trouble");
    const asked = performance.now();
    expect((await device.lull(["daemon", "status"])).stdout).toContain("keeps 1 source in sync");
    expect(performance.now() - asked).toBeLessThan(5000);
    holder.run("COMMIT");
    holder.close();
    await daemon.next("end", ended("synced"));
    expect(git(device.remote, "show", "main:b.md")).toBe("while it is locked");
    await stop(daemon);
  });

  test("a database that is removed or damaged is replaced, that is told, and a pause counts at once", async () => {
    const device = await makeSource(WATCHED);
    const file = join(device.stateDirectory, "lull.db");
    {
      await using daemon = await settled(device);
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
      await device.lull(["pause", "notes"]);
      await daemon.next("paused");
      device.write("b.md", "not yet\n");
      await daemon.next("waiting");
      await device.lull(["resume", "notes"]);
      await daemon.next("end", ended("synced"));
      await stop(daemon);
    }
    writeFileSync(file, "no database at all ".repeat(1000));
    await using daemon = await settled(device);
    expect(existsSync(`${file}.damaged`)).toBe(true);
    expect(daemon.story.some((event) => String(event["message"]).includes("damaged"))).toBe(true);
    await stop(daemon);
  });

  test("without its state folder it is still the only one, reached by commands, and keeps a log", async () => {
    const device = await makeSource(WATCHED);
    await using daemon = await settled(device);
    rmSync(device.stateDirectory, { recursive: true });
    device.write("b.md", "without a place to stand on\n");
    await daemon.next("end", ended("synced"));
    expect((await device.lull(["daemon", "status"])).stdout).toContain(`process ${daemon.pid}`);
    expect((await device.lull(["daemon", "run"], 8)).stderr).toContain(`process ${daemon.pid}`);
    expect(readFileSync(join(device.stateDirectory, "logs", "lull.log"), "utf8")).toContain('"end"');
    await stop(daemon);
  });

  test("an empty config, or one with rights for all, is refused, and it goes on with what it has", async () => {
    const device = await makeSource(WATCHED);
    await using daemon = await settled(device);
    const good = readFileSync(device.configFile);
    writeFileSync(device.configFile, "");
    expect(JSON.stringify(await daemon.next("reload-refused"))).toContain("is empty");
    device.write("b.md", "goes on\n");
    await daemon.next("end", ended("synced"));
    writeFileSync(device.configFile, good);
    await daemon.next("reloaded");
    daemon.signal("SIGHUP");
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toBe(0);
  });
});

describe("talked to", () => {
  test("nonsense gets an answer, a flood is cut off, and nobody else waits", async () => {
    const device = await makeSource(WATCHED);
    await using daemon = await settled(device);
    const socket = join(device.stateDirectory, "daemon.sock");
    for (const line of [
      "nonsense",
      "null",
      '{"kind":"sync"}',
      '{"kind":"sync","sources":{}}',
      "x".repeat(1e6),
    ]) {
      expect(await answerTo(socket, line)).toBe('{"kind":"unknown"}');
    }
    expect(await answerTo(socket, '{"kind":"sync","sources":["nope"]}')).toContain(
      'does not sync \\"nope\\"',
    );
    const flood = await Bun.connect({ unix: socket, socket: { data: () => {}, error: () => {} } });
    flood.write('{"kind":"status"}\n'.repeat(20_000));
    await device.lull(["daemon", "status"]);
    flood.terminate();
    expect(daemon.stderr()).toBe("");
    device.write("b.md", "still here\n");
    await daemon.next("end", ended("synced"));
    await stop(daemon);
  });

  withProc("a password in a URL is told to nobody", async () => {
    const root = temporaryDirectory();
    git(root, "init", "--bare", "-b", "main", join(root, "notes.git"));
    git(join(root, "notes.git"), "config", "http.receivepack", "true");
    const server = await startGitServer(root);
    const canary = "c4n4ry-s3cret";
    const device = await makeSource(WATCHED);
    const url = server.repository("notes.git").replace("//", `//ada:${canary}@`);
    await device.lull(["config", "set", "sources.notes.remote", url]);
    let told: string;
    {
      await using daemon = await settled(device);
      device.write("b.md", "two\n");
      await daemon.next("end", ended("synced"));
      server.fault = () => ({ kind: "answer", status: 500, body: "broken" });
      device.write("b.md", "three\n");
      await daemon.next("end", ended("failed"));
      const socket = join(device.stateDirectory, "daemon.sock");
      const pids = [daemon.pid, ...childrenOf(daemon.pid)];
      told = [
        await answerTo(socket, '{"kind":"status"}'),
        ...pids.map(commandLineOf),
        (await device.lull(["daemon", "status"])).stdout,
        (await device.lull(["why"])).stdout,
        (await device.lull(["log", "--json"])).stdout,
        (await device.lull(["logs", "--json"])).stdout,
      ].join("\n");
      await stop(daemon);
      told += JSON.stringify(daemon.story) + daemon.stderr();
    }
    await server.stop();
    for (const file of ["lull.db", "lull.db-wal", join("logs", "lull.log")]) {
      const path = join(device.stateDirectory, file);
      if (existsSync(path)) told += readFileSync(path, "latin1");
    }
    expect(told).toContain("notes");
    expect(told).not.toContain(canary);
  });
});

describe("servers", () => {
  test("a host that asks for patience is left alone, whoever asks; others go on", async () => {
    const root = temporaryDirectory();
    for (const name of ["a.git", "b.git"]) {
      git(root, "init", "--bare", "-b", "main", join(root, name));
      git(join(root, name), "config", "http.receivepack", "true");
    }
    const server = await startGitServer(root);
    const device = await makeSource(WATCHED);
    for (const name of ["a", "b"]) {
      git(device.home, "init", "-q", "-b", "main", name);
      writeFileSync(join(device.home, name, "x.md"), "x\n");
      await device.lull(["add", name, "--remote", server.repository(`${name}.git`)]);
      await device.lull(["config", "set", `sources.${name}.schedule`, "manual"]);
    }
    await device.lull(["config", "set", "sources.a.schedule", "'*/1 * * * * *'"]);
    server.fault = () => ({ kind: "answer", status: 429, headers: { "retry-after": "120" } });
    await using daemon = await runDaemon(device);
    await daemon.next("held");
    server.clear();
    await device.lull(["sync", "--background", "b"]);
    device.write("c.md", "goes on\n");
    await daemon.next("end", (event) => runOf(event)["source"] === "notes" && ended("synced")(event));
    await Bun.sleep(2500);
    expect(server.requests).toEqual([]);
    expect((await device.lull(["why", "a"])).stdout).toMatch(/left alone|asked/);
    await stop(daemon);
    await server.stop();
  }, 30_000);
});

type JobState = { readonly source: string; readonly state: string; readonly crashes: number };

function jobsOf(device: Device): readonly JobState[] {
  using database = new Database(join(device.stateDirectory, "lull.db"));
  return database.query<JobState, []>("SELECT source, state, crashes FROM jobs").all();
}

async function answerTo(path: string, line: string): Promise<string> {
  const heard = Promise.withResolvers<string>();
  let rest = new TextEncoder().encode(`${line}\n`);
  let text = "";
  const write = (socket: { write(bytes: Uint8Array): number }): void => {
    rest = rest.subarray(Math.max(0, socket.write(rest)));
  };
  const connection = await Bun.connect({
    unix: path,
    socket: {
      open: write,
      drain: write,
      data: (_, chunk) => {
        text += new TextDecoder().decode(chunk);
        if (text.endsWith("\n")) heard.resolve(text.trimEnd());
      },
      close: () => heard.resolve("closed"),
      error: () => heard.resolve("failed"),
    },
  });
  const answer = await heard.promise;
  connection.end();
  return answer;
}

/**
 * lull killed by `kill -9` at random moments of a sync, with edits on both sides. Only a process of its own can be
 * killed, so that this runs the binary, or the sources in a process of their own.
 */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { figure, seed } from "../faults/options.ts";
import { COMMAND } from "../faults/tracer.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { type Random, seededRandom } from "../helpers/random.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

/** Starting from the sources takes several times as long, and finds nothing that the binary does not. */
const ROUNDS = Number(process.env["LULL_TEST_ROUNDS"] ?? (COMMAND.length > 1 ? 8 : 25));
/** Then two other devices begin anew: what git looks through after each round grows with the history. */
const ROUNDS_OF_A_PAIR = 25;
const SHARED_LINES = 30;
/** Only a machine that is busy elsewhere comes near it: a round takes a second. */
const LONGEST_MS = Math.max(300_000, ROUNDS * 15_000);

test(
  "a sync that is killed at any moment loses no edit, and the next one needs no hand",
  async () => {
    const random = seededRandom(seed);
    let killed = 0;
    for (let left = ROUNDS; left > 0; left -= ROUNDS_OF_A_PAIR)
      killed += await killOften(random, Math.min(left, ROUNDS_OF_A_PAIR));
    figure("random kills", `${killed} of ${ROUNDS} syncs killed, none lost anything or needed a hand`);
    expect(killed).toBeGreaterThan(0);
  },
  LONGEST_MS,
);

/** Returns how many of the syncs were killed; the others had ended before. */
async function killOften(random: Random, rounds: number): Promise<number> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const victim = new Writer("victim");
  const witness = new Writer("witness");
  for (const writer of [victim, witness]) {
    writer.edit(0, false);
    await writer.device.lull(["add", "notes", "--remote", remote]);
    const shared = Array.from({ length: SHARED_LINES }, (_, index) => `line ${index}\n`).join("");
    if (writer === victim) writer.device.write("shared.md", shared);
    await writer.device.lull(["sync"]);
  }
  await victim.device.lull(["sync"]);
  const history = new History(remote);

  // What a whole sync with edits on both sides takes here, so that the kills reach every step of it.
  witness.edit(1, false);
  await syncUnharmed(witness.device);
  victim.edit(1, false);
  let usual = await timed(() => sync(victim.device));
  await syncUnharmed(witness.device);
  let killed = 0;
  for (let round = 2; round < rounds + 2; round++) {
    const clash = round % 6 === 0;
    witness.edit(round, clash);
    await syncUnharmed(witness.device);
    victim.edit(round, clash);
    const seen = git(remote, "rev-parse", "main");
    const delay = (random.below(1300) * usual) / 1000;
    if ((await run(victim.device, delay)) === "killed") killed++;
    const moment = `round ${round}, killed after ${delay.toFixed(1)} ms, seed ${seed}`;
    try {
      victim.expectOwnEdits(round);
      fsck(victim.device.notes);
      fsck(remote);
      git(remote, "merge-base", "--is-ancestor", seen, "main");
      // On a machine that is busy elsewhere the first one may have been the slowest by far.
      usual = Math.min(usual, await timed(() => sync(victim.device)));
      await syncUnharmed(witness.device);
      expectConverged([victim.device, witness.device], [remote]);
      const lines = history.lines();
      for (const writer of [victim, witness]) {
        writer.expectOwnEdits(round);
        writer.expectAllIn(lines);
      }
    } catch (error) {
      throw new Error(moment, { cause: error });
    }
  }
  return killed;
}

/** Every line that a commit of the remote's branch added. */
class History {
  readonly #remote: string;
  readonly #lines = new Set<string>();
  #seen: string | undefined;

  constructor(remote: string) {
    this.#remote = remote;
  }

  /** Looks at the commits that are new, which is enough: the branch only grows. */
  lines(): ReadonlySet<string> {
    const range = this.#seen === undefined ? "main" : `${this.#seen}..main`;
    if (this.#seen !== undefined) git(this.#remote, "merge-base", "--is-ancestor", this.#seen, "main");
    this.#seen = git(this.#remote, "rev-parse", "main");
    for (const line of git(this.#remote, "log", "-p", "--text", "--format=", range).split("\n"))
      this.#lines.add(line);
    return this.#lines;
  }
}

/** A device with a person who notes down what they wrote. */
class Writer {
  readonly device: Device;
  readonly #written: string[] = [];

  constructor(name: string) {
    this.device = makeDevice(name);
  }

  edit(round: number, clash: boolean): void {
    const { device } = this;
    const word = this.#word(round);
    device.write(`${device.name}/own.md`, `${word} own\n`);
    device.write(`${device.name}/new-${round}.md`, `${word} new\n`);
    device.write(`${device.name}/large.txt`, `${word} large\n`.repeat(8000));
    if (round > 2 && round % 2 === 1) device.remove(`${device.name}/new-${round - 2}.md`);
    this.#written.push(`${word} own`, `${word} new`, `${word} large`);
    if (round > 0) {
      const lines = device.read("shared.md").split("\n");
      lines[device.name === "victim" ? 3 : SHARED_LINES - 4] = `${word} shared`;
      device.write("shared.md", lines.join("\n"));
      this.#written.push(`${word} shared`);
    }
    if (clash) {
      device.write("clash.md", `${word} clash\n`);
      this.#written.push(`${word} clash`);
    }
  }

  /** What this person wrote last stands in their folder, whatever came in beside it. */
  expectOwnEdits(round: number): void {
    const { device } = this;
    const word = this.#word(round);
    expect(device.read(`${device.name}/own.md`)).toBe(`${word} own\n`);
    expect(device.read(`${device.name}/new-${round}.md`)).toBe(`${word} new\n`);
    expect(device.read(`${device.name}/large.txt`)).toBe(`${word} large\n`.repeat(8000));
    expect(device.read("shared.md")).toContain(`${word} shared\n`);
  }

  expectAllIn(history: ReadonlySet<string>): void {
    const missing = this.#written.filter((text) => !history.has(`+${text}`));
    expect(missing).toEqual([]);
  }

  #word(round: number): string {
    return `${this.device.name}-${round}`;
  }
}

/** Of the device that is never killed: as every e2e test runs lull, which may be in this process. */
async function syncUnharmed(device: Device): Promise<void> {
  const { code, json } = await device.json(["sync"]);
  if (code !== 0 && code !== 5)
    throw new Error(`${device.name}: ended with ${code}: ${JSON.stringify(json)}`);
}

/** A plain sync; a conflict is an end that it may have, everything else is not. */
async function sync(device: Device): Promise<void> {
  const ended = await run(device);
  if (ended !== 0 && ended !== 5) throw new Error(`${device.name}: lull sync ended with ${ended}`);
}

async function run(device: Device, killAfterMs?: number): Promise<number | "killed"> {
  const log = join(device.outside, "output");
  const child = Bun.spawn([...COMMAND, "sync"], {
    cwd: device.home,
    env: { ...device.env },
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(`${log}.err`),
  });
  if (killAfterMs !== undefined) {
    await Promise.race([Bun.sleep(killAfterMs), child.exited]);
    child.kill("SIGKILL");
  }
  const code = await child.exited;
  if (child.signalCode === "SIGKILL") return "killed";
  if (code !== 0 && code !== 5) {
    console.log(readFileSync(log, "utf8") + readFileSync(`${log}.err`, "utf8"));
  }
  return code;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

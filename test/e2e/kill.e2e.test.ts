/**
 * lull killed by `kill -9` at random moments of a sync, with edits on both sides. Only a process of its own can be
 * killed, so that this runs the binary, or the sources in a process of their own.
 */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { seededRandom } from "../helpers/random.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const binary = process.env["LULL_E2E_BINARY"] ?? "";
const COMMAND =
  binary === "" ? [process.execPath, resolve(import.meta.dir, "../../src/main.ts")] : [resolve(binary)];
/** Starting from the sources takes several times as long, and finds nothing that the binary does not. */
const ROUNDS = Number(process.env["LULL_TEST_ROUNDS"] ?? (binary === "" ? 8 : 25));
const SHARED_LINES = 30;
/** Only a machine that is busy elsewhere comes near it: a round takes a second. */
const LONGEST_MS = Math.max(300_000, ROUNDS * 15_000);

test(
  "a sync that is killed at any moment loses no edit, and the next one needs no hand",
  async () => {
    const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    console.log(`kill test: LULL_TEST_SEED=${seed}`);
    const random = seededRandom(seed);
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

    // What a whole sync with edits on both sides takes here, so that the kills reach every step of it.
    witness.edit(1, false);
    await sync(witness.device);
    victim.edit(1, false);
    let usual = await timed(() => sync(victim.device));
    await sync(witness.device);
    let killed = 0;
    for (let round = 2; round < ROUNDS + 2; round++) {
      const clash = round % 6 === 0;
      witness.edit(round, clash);
      await sync(witness.device);
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
        await sync(witness.device);
        expectConverged([victim.device, witness.device], [remote]);
        const history = new Set(git(remote, "log", "-p", "--text", "--format=", "main").split("\n"));
        for (const writer of [victim, witness]) {
          writer.expectOwnEdits(round);
          writer.expectAllIn(history);
        }
      } catch (error) {
        throw new Error(moment, { cause: error });
      }
    }
    console.log(`kill test: ${killed} of ${ROUNDS} syncs killed, a whole one takes ${Math.round(usual)} ms`);
    expect(killed).toBeGreaterThan(0);
  },
  LONGEST_MS,
);

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

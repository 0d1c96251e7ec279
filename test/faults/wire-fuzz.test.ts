/**
 * Damaged conversations with a remote, both ways (reliability.md, figure 8): what real servers and clients said, with
 * slips in it. Whoever reads it refuses it with a `LullError` or takes what is whole; it never crashes, hangs or leaves a
 * ref that leads to something broken.
 */
import { expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../src/base/errors.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import type { Connection } from "../../src/transport/transport.ts";
import { createBareRepository, startGitServer } from "../helpers/git-http-server.ts";
import type { Random } from "../helpers/random.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";
import { treeSnapshot, type TreeSnapshot } from "../helpers/tree-snapshot.ts";
import { openConnection, wireClient } from "../helpers/wire-client.ts";
import { caseCount, figure, isLong, seed, seeded } from "./options.ts";
import { pieces, record, replay, type Said, slip } from "./wire-recording.ts";

const LONGEST_MS = isLong ? 7_200_000 : 600_000;
/** Nothing here waits for anything: a hundredth of it is much. */
const HANGS_AFTER_MS = 60_000;

test(
  "damaged answers of a server are refused or harmless",
  async () => {
    const world = makeWorld();
    const random = seeded(31);
    const talks = await recordTalks(world);
    const kept = new Kept(world.tree);
    const rounds = caseCount(120, 10_000);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const talk = random.pick(talks);
      const answers = talk.said.filter(({ step }) => step !== "request");
      const chosen = random.pick(answers);
      const said = answers.map((one) => (one === chosen ? { ...one, bytes: slip(one.bytes, random) } : one));
      const where = `round ${round} of seed ${seed}: ${talk.name}, ${chosen.step}`;
      const outcome = await within(where, talk.run(replay(said, random)));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome === TAKEN) kept.expectWholeAndPutBack(where);
      else kept.expectUntouched(where);
    }
    figure(
      "wire inputs",
      `${rounds} damaged answers: ${inWords(outcomes)}; no crash, no hang, no broken ref`,
    );
    expect(outcomes.size).toBeGreaterThan(2);
  },
  LONGEST_MS,
);

test(
  "damaged requests of a client are refused or harmless",
  async () => {
    const world = makeWorld();
    const random = seeded(32);
    const talks = await recordTalks(world);
    // What lull's own server is asked, which speaks version 0.
    const requests = talks.flatMap(({ name, said }) =>
      said.filter(({ step }) => step === "request" && name.includes("folder")),
    );
    const kept = new Kept(world.bare);
    const rounds = caseCount(60, 10_000);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const request = random.pick(requests);
      const where = `round ${round} of seed ${seed}: ${request.service}`;
      const damaged = { ...request, bytes: slip(request.bytes, random) };
      const outcome = await within(where, serve(world.bare, damaged, random));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (kept.isChanged()) kept.expectWholeAndPutBack(where);
    }
    fsck(world.bare);
    figure(
      "wire inputs",
      `${rounds} damaged requests: ${inWords(outcomes)}; no crash, no hang, no broken ref`,
    );
    expect(outcomes.size).toBeGreaterThan(1);
  },
  LONGEST_MS,
);

type World = { readonly root: string; readonly bare: string; readonly tree: string };

/** A remote with some history, and a clone that lacks the last part of it and has a commit of its own. */
function makeWorld(): World {
  const root = temporaryDirectory();
  const bare = createBareRepository(root, "remote.git");
  const source = join(root, "source");
  const tree = join(root, "tree");
  git(root, "init", "-q", source);
  for (let index = 0; index < 12; index++) {
    if (index === 8) git(root, "clone", "-q", source, tree);
    mkdirSync(join(source, `d${index % 3}`), { recursive: true });
    writeFileSync(join(source, `d${index % 3}`, `f${index % 5}`), `${index}\n`.repeat(80 + index));
    git(source, "add", "-A");
    git(source, "commit", "-q", "-m", `commit ${index}`);
  }
  // It would point at nothing, for lull as for git, as soon as a list has no such branch.
  git(tree, "remote", "set-head", "origin", "--delete");
  git(source, "tag", "-a", "-m", "tagged", "v1");
  git(source, "push", "-q", bare, "main", "main~3:refs/heads/side", "v1");
  writeFileSync(join(tree, "own"), "own\n".repeat(50));
  git(tree, "add", "-A");
  git(tree, "commit", "-q", "-m", "own");
  return { root, bare, tree };
}

type Talk = {
  readonly name: string;
  readonly said: readonly Said[];
  /** The same once more, with a server that says what it is given. */
  readonly run: (connection: Connection) => Promise<unknown>;
};

/** A fetch and a push, with system git in both versions of the protocol and with lull's own server. */
async function recordTalks({ root, bare, tree }: World): Promise<Talk[]> {
  const server = await startGitServer(root);
  const talks: Talk[] = [];
  const kept = new Kept(tree);
  const head = git(tree, "rev-parse", "HEAD");
  for (const way of ["version 2", "version 0", "folder"] as const) {
    server.protocol = way === "version 2" ? 2 : 0;
    const url = way === "folder" ? bare : server.repository("remote.git");
    const ref = `refs/heads/${way.replace(" ", "-")}`;
    const client = (connection: Connection) => wireClient(tree, "", undefined, async () => connection);
    const runs = {
      fetch: (connection: Connection): Promise<unknown> => client(connection).fetch([]),
      push: (connection: Connection): Promise<unknown> => client(connection).push(ref, head, []),
    };
    for (const [name, run] of Object.entries(runs)) {
      const { connection, said } = record(await openConnection(url));
      await run(connection);
      talks.push({ name: `${name}, ${way}`, said: said(), run });
      kept.expectWholeAndPutBack(name);
    }
  }
  await server.stop();
  return talks;
}

async function serve(bare: string, { service, bytes }: Said, random: Random): Promise<void> {
  const responder = createResponder(bare);
  for await (const _ of await responder.advertise(service, 0));
  for await (const _ of await responder.respond(service, pieces(bytes, random)));
}

const TAKEN = "taken";

/** `taken`, or the code of the refusal. @throws for what is no refusal, and when it does not end */
async function within(where: string, work: Promise<unknown>): Promise<string> {
  const hang = Promise.withResolvers<never>();
  const timer = setTimeout(() => hang.reject(new Error("it hangs")), HANGS_AFTER_MS);
  try {
    await Promise.race([work, hang.promise]);
    return TAKEN;
  } catch (error) {
    if (error instanceof LullError) return error.code;
    throw new Error(where, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** A repository as it was, to compare with and to go back to. */
class Kept {
  readonly #place: string;
  readonly #gitDirectory: string;
  readonly #copy = join(temporaryDirectory(), "copy");
  readonly #state: State;

  constructor(place: string) {
    this.#place = place;
    this.#gitDirectory = existsSync(join(place, ".git")) ? join(place, ".git") : place;
    cpSync(this.#gitDirectory, this.#copy, { recursive: true });
    this.#state = stateOf(this.#gitDirectory);
  }

  isChanged(): boolean {
    return !Bun.deepEquals(stateOf(this.#gitDirectory), this.#state);
  }

  /** No ref has moved and no half of a pack is left. A whole one may be there, when only what came behind it was damaged. */
  expectUntouched(where: string): void {
    const { packs: _, ...found } = stateOf(this.#gitDirectory);
    const { packs: __, ...wanted } = this.#state;
    expect({ where, ...found }).toEqual({ where, ...wanted });
    this.expectWholeAndPutBack(where);
  }

  expectWholeAndPutBack(where: string): void {
    if (!this.isChanged()) return;
    try {
      fsck(this.#place);
    } catch (error) {
      throw new Error(where, { cause: error });
    }
    // A ref may have any bytes for its name; whoever reads names as text would not find it.
    Bun.spawnSync(["rm", "-rf", this.#gitDirectory]);
    cpSync(this.#copy, this.#gitDirectory, { recursive: true });
  }
}

type State = {
  readonly packed: string;
  /** Every ref with what it names. */
  readonly refs: TreeSnapshot;
  readonly packs: readonly string[];
  /** What is left over of a pack that never came to be one. */
  readonly left: readonly string[];
};

function stateOf(gitDirectory: string): State {
  const below = (folder: string): TreeSnapshot =>
    existsSync(join(gitDirectory, folder)) ? treeSnapshot(join(gitDirectory, folder)) : {};
  const packed = join(gitDirectory, "packed-refs");
  return {
    packed: existsSync(packed) ? readFileSync(packed, "latin1") : "",
    refs: below("refs"),
    packs: Object.keys(below("objects/pack")),
    left: Object.keys(below("lull/tmp")),
  };
}

function inWords(outcomes: ReadonlyMap<string, number>): string {
  return [...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ");
}

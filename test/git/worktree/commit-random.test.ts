/** Random work trees, committed by the engine and by git side by side. */
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { createGit } from "../../../src/git/create-git.ts";
import { startDeflateThread } from "../../../src/platform/threads.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { seededRandom } from "../../helpers/random.ts";
import { fsck, git, gitEnvironment, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { changeFolder, fillFolder, touchFolder } from "./random-folder.ts";

const FOLDERS = 15;
const ROUNDS = 4;
const SEED = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);

const signal = new AbortController().signal;
const author = { name: "Ada", email: "ada@example.com", seconds: 1_700_000_000, offsetMinutes: 0 };

test(`${FOLDERS * ROUNDS} random folders become the trees that git makes of them (LULL_TEST_SEED=${SEED})`, () => {
  const random = seededRandom(SEED);
  const root = join(temporaryDirectory(), "work");
  const peer = join(temporaryDirectory(), "peer.git");
  const engine = createGit({
    clock: fakeClock(1_700_000_000_000),
    environment: gitEnvironment(),
    windows: false,
    startDeflater: startDeflateThread,
  });
  engine.init(root, { bare: false, branch: "main" });
  git(root, "init", "-q", "--bare", peer);
  const autocrlf = random.pick(["false", "input", "true"]);
  for (const repository of [root, peer]) git(repository, "config", "core.autocrlf", autocrlf);
  git(peer, "config", "core.bare", "false");

  for (let round = 0; round < ROUNDS; round++) {
    for (let folder = 0; folder < FOLDERS; folder++) {
      const path = join(root, `tree-${folder}`);
      if (round === 0 || random.chance(0.05)) {
        rmSync(path, { recursive: true, force: true });
        fillFolder(path, random);
      } else changeFolder(path, random);
      touchFolder(path, author.seconds + round);
    }
    const repository = engine.open(root);
    const { changes, skipped } = repository.scan({ signal });
    expect(skipped).toEqual([]);
    repository.commit({ paths: changes.map(({ path }) => path), message: `round ${round}`, author, signal });
    repository.close();

    const besides = ["--git-dir", peer, "--work-tree", root, "-c", "core.safecrlf=false"];
    // Git goes by rules that are being removed for all that comes before them in its order; here they are gone at once.
    const rules = changes.filter(({ path, kind }) => path.endsWith("/.gitattributes") && kind === "deleted");
    const takeOut = [
      "rm",
      "-qf",
      "--cached",
      "--ignore-unmatch",
      "--pathspec-from-file=-",
      "--pathspec-file-nul",
    ];
    if (rules.length > 0) {
      const input = Buffer.from(rules.map(({ path }) => `${path}\0`).join(""), "latin1");
      gitRaw(root, ["--literal-pathspecs", ...besides, ...takeOut], { input });
    }
    gitRaw(root, [...besides, "add", "-A"]);
    const expected = gitRaw(root, [...besides, "ls-files", "-s", "-z"])
      .toString("latin1")
      .split("\0");
    const actual = gitRaw(root, ["ls-tree", "-r", "-z", "HEAD"]).toString("latin1").split("\0");
    expect(actual.map((line) => line.replace(/ (?:blob|commit) /, " "))).toEqual(
      expected.map((line) => line.replace(" 0\t", "\t")),
    );
    expect(git(root, "status", "--porcelain")).toBe("");
    expect(git(root, "write-tree")).toBe(git(root, "rev-parse", "HEAD^{tree}"));
  }
  fsck(root);
});

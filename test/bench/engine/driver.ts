/**
 * One operation of the engine as a process of its own, wired as the product is; compiled like the product by the
 * bench. `driver <operation> <repository> [argument]`, or `driver serve <repository> [url]`, which does operations by
 * the line in one process and answers each with its milliseconds.
 */
import { appendFileSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

import { systemClock } from "../../../src/base/clock.ts";
import { endStartUpInTime } from "../../../src/base/start-up.ts";
import { compose } from "../../../src/compose.ts";
import type { Repository } from "../../../src/git/git.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { ingestPack } from "../../../src/git/objects/ingest-pack.ts";

const BRANCH = "refs/heads/main";
const REMOTE = "origin";
const CHUNK = 1 << 18;
const MONTH = 30 * 24 * 60 * 60 * 1000;

endStartUpInTime();
const signal = new AbortController().signal;
const deps = compose({
  env: process.env,
  cwd: process.cwd(),
  log: { warn() {}, info() {}, detail() {} },
  configFile: undefined,
});

const [operation = "", directory = "", argument = ""] = process.argv.slice(2);
if (operation === "serve") await serve();
else await perform(operation);

async function perform(name: string): Promise<void> {
  switch (name) {
    case "commit":
      return using(directory, commit);
    case "status":
      return using(directory, (repository) => void repository.scan({ signal }));
    case "push":
      return using(directory, push);
    case "clone":
      deps.git.init(directory, { bare: false, branch: "main" });
      return using(directory, (repository) => {
        repository.setRemote(REMOTE, argument);
        return pull(repository);
      });
    case "pull":
      return using(directory, pull);
    case "log":
      return using(directory, (repository) => void repository.log(head(repository), Number(argument)));
    case "read":
      return using(directory, (repository) => void repository.readBlob(argument));
    case "auto-commits":
      return using(directory, autoCommits);
    case "maintain":
      return using(directory, async (repository) => {
        await repository.maintain({ dryRun: false, savepointsMs: MONTH, signal });
      });
    case "index-pack":
      return indexPack();
    default:
      throw new Error(`no operation ${name}`);
  }
}

async function using(place: string, work: (repository: Repository) => void | Promise<void>): Promise<void> {
  const repository = deps.git.open(place);
  try {
    await work(repository);
  } finally {
    repository.close();
  }
}

function head(repository: Repository): string {
  const commit = repository.readRef(BRANCH);
  if (commit === undefined) throw new Error("no commit");
  return commit;
}

function author() {
  return {
    name: "Ada",
    email: "ada@example.com",
    seconds: Math.floor(systemClock.now() / 1000),
    offsetMinutes: 0,
  };
}

async function commit(repository: Repository): Promise<void> {
  const { changes } = repository.scan({ signal });
  const paths = changes.map(({ path }) => path);
  await repository.commit({ paths, message: "change", author: author(), signal });
}

/** As many commits as the argument says, each of one more line in one file, as an unattended year leaves them. */
async function autoCommits(repository: Repository): Promise<void> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(".git"))
    .map((entry) => join(entry.parentPath, entry.name));
  for (let number = 0; number < Number(argument); number++) {
    appendFileSync(files[(number * 37) % files.length] ?? "", `line ${number} of an ordinary day\n`);
    await commit(repository);
  }
}

async function push(repository: Repository): Promise<void> {
  const connection = await deps.transport.open(argument, { signal });
  const commit = head(repository);
  const result = await repository.push({ connection, remote: REMOTE, ref: BRANCH, commit, signal });
  await connection.close();
  if (result.kind !== "pushed") throw new Error(`push: ${result.kind}`);
}

/** Fetch, merge where both sides moved, check out: what a sync does with a remote's news. */
async function pull(repository: Repository): Promise<void> {
  const connection = await deps.transport.open(argument, { signal });
  const { refs } = await repository.fetch({ connection, remote: REMOTE, signal });
  await connection.close();
  const theirs = refs.get(BRANCH);
  if (theirs === undefined) throw new Error("the remote has no main");
  const ours = repository.readRef(BRANCH);
  const target = ours === undefined ? theirs : merged(repository, ours, theirs);
  const from = { branch: BRANCH, commit: ours };
  const result = await repository.checkout({ from, target, reason: "bench: pull", signal });
  if (result.kind !== "done") throw new Error(`checkout: ${JSON.stringify(result.paths)}`);
}

function merged(repository: Repository, ours: string, theirs: string): string {
  if (repository.relate(ours, theirs).kind !== "diverged") return theirs;
  const refuse = (): never => {
    throw new Error("a conflict in a bench that has none");
  };
  const message = (): string => "merge\n";
  return repository.merge({ ours, theirs, resolve: refuse, message, author: author(), signal }).commit;
}

/** The pack's file is the argument; its objects go into the repository. */
async function indexPack(): Promise<void> {
  const store = openObjectStore(`${directory}/.git`);
  await ingestPack(store, fileChunks(argument), { signal });
  store.close();
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = openSync(path, "r");
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const length = readSync(file, chunk);
    if (length === 0) return;
    yield chunk.subarray(0, length);
  }
}

async function serve(): Promise<void> {
  const repository = deps.git.open(directory);
  const connection = argument === "" ? undefined : await deps.transport.open(argument, { signal });
  for await (const line of console) {
    if (line === "") continue;
    const [word = "", ...folders] = line.split(" ");
    if (word === "peak") {
      console.log(String(process.resourceUsage().maxRSS * 1024));
      continue;
    }
    const started = performance.now();
    if (word === "scan") repository.scan({ signal });
    else if (word === "hinted") repository.scan({ signal, hints: folders });
    else if (word === "commit") await commit(repository);
    else if (word === "log") repository.log(head(repository), 1000);
    else if (word === "cycle" && connection !== undefined) {
      const listing = deps.git.listRemote(connection);
      // The request leaves before the scan takes the process, as in a sync.
      await new Promise(setImmediate);
      repository.scan({ signal });
      await listing;
    } else throw new Error(`no work ${line}`);
    console.log(String(performance.now() - started));
  }
  await connection?.close();
  repository.close();
}
